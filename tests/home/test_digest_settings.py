"""*Settings* on a digest that was posted: who may change it there, and what comes of it."""

from datetime import UTC, datetime

import pytest

from bot.db.models import DigestSubscription
from bot.digests import views as digest
from bot.digests.messages.digest import SETTINGS
from bot.digests.repository import DigestRepository
from simulators.slack.office import COLLEAGUE, ENGINEERING, GUEST, LEADS, MANAGER, MEMBER, STRANGER
from simulators.slack.things import Message
from tests.harness import Harness
from tests.home.test_modals import check, sent

NEXT_MORNING = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture
async def posted(harness: Harness) -> Message:
    """A digest that a member had set, as its channel got it the next morning."""
    await harness.slack.say(MEMBER, ENGINEERING, "/aicost digest on 09:00 daily UTC")
    jobs = {job.name: job for job in harness.bot.scheduler.jobs}
    async with harness.bot.scheduler.paused():
        harness.clock.set(NEXT_MORNING)
        await jobs["digests"].run()
        await jobs["deliveries"].run()
    (message,) = harness.slack.channel(ENGINEERING).messages
    return message


async def plans(harness: Harness) -> list[DigestSubscription]:
    """The digests that are set."""
    async with harness.database.reading() as session:
        return list(await DigestRepository(session).active())


def answered(harness: Harness, channel: str, user: str) -> str:
    """The last thing that someone alone was shown."""
    shown = [m for m in harness.slack.channel(channel).seen_by(user) if m.shown_to == user]
    return shown[-1].text


@pytest.mark.parametrize(
    "user", [COLLEAGUE, *(pytest.param(u, marks=pytest.mark.slow) for u in (MEMBER, MANAGER))]
)
async def test_every_member_of_the_channel_changes_it(
    harness: Harness, posted: Message, user: str
) -> None:
    """Its maker, a colleague and a manager get its settings to change; sent, there is one digest
    with the new ones, and the audit trail says who."""
    modal = await harness.open_modal(posted, SETTINGS, user)
    check(modal)
    assert modal.content["private_metadata"] == "1"
    answer = await sent(harness, modal, {digest.AT: "07:15", digest.DEPTH: "short"}, user)
    assert answer.errors == {}
    (plan,) = await plans(harness)
    assert (f"{plan.settings.schedule.at:%H:%M}", plan.settings.depth) == ("07:15", "short")
    assert plan.channel == ENGINEERING
    last = (await harness.changes())[-1]
    assert (last.actor, last.action) == (user, "digest.changed")


@pytest.mark.parametrize(
    ("user", "says"),
    [(GUEST, "Guests"), pytest.param(STRANGER, "other workspaces", marks=pytest.mark.slow)],
)
async def test_outsiders_are_refused(
    harness: Harness, posted: Message, user: str, says: str
) -> None:
    """A guest who sees the digest, and a stranger who forges the press: nothing opens."""
    before = await harness.changes()
    await harness.slack.press(posted, SETTINGS, user)
    assert harness.slack.person(user).modal is None
    assert says in answered(harness, ENGINEERING, user)
    assert await harness.changes() == before


async def test_a_digest_of_another_channel(harness: Harness, posted: Message) -> None:
    """A press with another digest's number opens nothing for whoever is not in its channel; nor
    does the form of one's own, sent with that number, change it."""
    await harness.slack.say(MANAGER, LEADS, "/aicost digest on 10:00 daily UTC")
    forged = posted.copy()
    for block in forged.blocks:
        for element in block.get("elements", ()):
            if element.get("action_id") == SETTINGS:
                element["value"] = "2"
    await harness.slack.press(forged, SETTINGS, MEMBER)
    assert harness.slack.person(MEMBER).modal is None
    assert "Only members of the channel" in answered(harness, ENGINEERING, MEMBER)
    modal = await harness.open_modal(posted, SETTINGS, MEMBER)
    modal.content["private_metadata"] = "2"
    await sent(harness, modal, {digest.AT: "07:15"}, MEMBER)
    times = {plan.channel: f"{plan.settings.schedule.at:%H:%M}" for plan in await plans(harness)}
    assert times == {ENGINEERING: "07:15", LEADS: "10:00"}


async def test_pressed_twice_and_too_late(harness: Harness, posted: Message) -> None:
    """Both modals of a doubled press change the one digest; once it is off, a press says so, and a
    form that is still open sets it again rather than failing."""
    first = await harness.open_modal(posted, SETTINGS, MEMBER)
    second = await harness.open_modal(posted, SETTINGS, MANAGER)
    await sent(harness, first, {digest.AT: "07:15"}, MEMBER)
    await sent(harness, second, {digest.AT: "07:45"}, MANAGER)
    (plan,) = await plans(harness)
    assert f"{plan.settings.schedule.at:%H:%M}" == "07:45"
    open_still = await harness.open_modal(posted, SETTINGS, COLLEAGUE)
    await harness.slack.say(MEMBER, ENGINEERING, "/aicost digest off")
    await harness.slack.press(posted, SETTINGS, MEMBER)
    assert "turned off in the meantime" in answered(harness, ENGINEERING, MEMBER)
    await sent(harness, open_still, {}, COLLEAGUE)
    assert len(await plans(harness)) == 1
