"""What digests missed, and which stopped, stands where people look."""

from datetime import UTC, datetime, timedelta

from bot.access.models import Person, Requester
from bot.db.database import Database
from bot.digests.messages.answers import digest_listing_message
from bot.digests.repository import DigestRepository
from bot.language.commands import DigestList
from bot.reports.as_json import status_json
from bot.reports.models import StatusAnswer
from tests.digests.digest_harness import MANAGER, MEMBER, DigestHarness
from tests.harness.answers import ask, render

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


async def status(database: Database, now: datetime) -> StatusAnswer:
    """The answer to `/aicost status`."""
    answer = (await ask(database, "status", now)).result
    assert isinstance(answer, StatusAnswer)
    return answer


async def test_slots_that_nobody_ran_for_are_reported(sqlite_store: Database) -> None:
    """Once for each digest, with how many and the last."""
    digest_harness = DigestHarness(sqlite_store)
    await digest_harness.on(START)
    now = START + timedelta(days=3, hours=9)
    await digest_harness.slots.take_due(now)
    answer = await status(sqlite_store, now)
    (skipped,) = answer.problems.skipped
    assert (skipped.slots, skipped.last_due_at) == (4, datetime(2026, 11, 26, 9, tzinfo=UTC))
    assert "was skipped 4 times" in str(render(answer).blocks)
    shown = status_json(answer)
    assert shown["digests"]["skipped"][0]["slots"] == 4
    assert not (await status(sqlite_store, now + timedelta(days=8))).problems.skipped


async def test_the_list_says_which_digest_was_not_posted_and_why(sqlite_store: Database) -> None:
    """The last slot that wasn't posted, on the clocks of its schedule, and how many there were."""
    digest_harness = DigestHarness(sqlite_store)
    await digest_harness.on(START, zone="Europe/London")
    requester = Requester(MEMBER, "C1")

    async def listed(now: datetime) -> str:
        answer = await digest_harness.digests.listing(DigestList(), requester, now)
        return str(digest_listing_message(answer).blocks)

    assert "Not posted" not in await listed(START)
    now = START + timedelta(days=2, hours=9)
    await digest_harness.slots.take_due(now)
    words = "Not posted 3 times in the last 7 days, last Wed 25 Nov, 09:00 Europe/London: "
    assert f"{words}aicost wasn't running then." in await listed(now)
    assert "Not posted" not in await listed(now + timedelta(days=8))


async def test_a_digest_that_stopped_is_shown_however_long_ago(sqlite_store: Database) -> None:
    """With what fixes it; one that someone paused is none of these."""
    digest_harness = DigestHarness(sqlite_store)
    stopped = await digest_harness.on(START)
    paused = await digest_harness.on(START, channel="C2")
    async with sqlite_store.writing() as session:
        for number, because in ((stopped, "archived"), (paused, "person")):
            digest = await DigestRepository(session).get(number)
            assert digest is not None
            assert digest.pause(because, "UMEMBER", START)
    answer = await status(sqlite_store, START + timedelta(days=120))
    (reported,) = answer.problems.stopped
    assert (reported.digest_id, reported.because) == (stopped, "archived")
    assert "The channel is archived" in str(render(answer).blocks)


async def test_managers_list_the_digests_of_all_channels(sqlite_store: Database) -> None:
    """Others get this channel's, and how many there are elsewhere."""
    digest_harness = DigestHarness(sqlite_store)
    for channel in ("C1", "C2"):
        await digest_harness.on(START, channel=channel)

    async def listed(person: Person) -> str:
        asked, requester = DigestList(is_everywhere=True), Requester(person, "C1")
        answer = await digest_harness.digests.listing(asked, requester, START)
        return str(digest_listing_message(answer).blocks)

    shown = await listed(MANAGER)
    assert "2 digests in all channels" in shown
    assert "<#C1>" in shown
    assert "<#C2>" in shown
    shown = await listed(MEMBER)
    assert "Other channels have 1 digest. Managers can list them." in shown
    assert "<#C2>" not in shown
