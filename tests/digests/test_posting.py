"""Whatever Slack does, a digest is posted once, or its owner is told how to mend it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from bot.answers.asker import Asker
from bot.spend.digesting.answers import (
    DigestAwaitsYes,
    DigestListing,
    DigestPaused,
    DigestRemoved,
    DigestResumed,
    DigestSet,
)
from bot.spend.digesting.plan import DigestPlan
from bot.spend.digesting.schedule import EVERY_DAY
from bot.spend.grammar.query_types import DigestList, DigestOff, DigestOn
from bot.spend.watching.rule_answers import NotDone
from bot.spend.watching.rules import Scope
from bot.store.store import SqlStore
from simulators.slack.faults import AnswerLost, Fault, Hangs, NeverArrives, Says, Status
from simulators.slack.office import ARCHIVED, COSTS, LEADS, MANAGER, MEMBER, PARTNERS, QUIET
from tests.digests.books import NOW, Books
from tests.digests.mailroom import BEN, MONA, Mailroom, open_mailroom

NINE = DigestOn(time(9), EVERY_DAY, "daily", "UTC", Scope("all"), "full")
PERMANENT = {
    "channel_not_found": "channel_gone",
    "not_in_channel": "not_in_channel",
    "is_archived": "archived",
    "restricted_action": "not_allowed",
    "restricted_action_read_only_channel": "not_allowed",
    "restricted_action_thread_only_channel": "not_allowed",
    "messages_tab_disabled": "not_allowed",
    "team_access_not_granted": "not_allowed",
    "ekm_access_denied": "not_allowed",
    "missing_scope": "missing_scope",
}
PASSING = ["ratelimited", "rate_limited", "service_unavailable", "team_added_to_org"]


@pytest.fixture
async def mailroom(books: Books, sqlite_store: SqlStore) -> AsyncIterator[Mailroom]:
    """A full ledger, and a daily digest at nine in #ai-costs that Ben set."""
    await books.fill()
    async with open_mailroom(sqlite_store) as opened:
        answer = await opened.digests.on(NINE, Asker(BEN, COSTS), opened.now)
        assert isinstance(answer, DigestSet)
        yield opened


async def plan(mailroom: Mailroom, channel: str = COSTS) -> DigestPlan:
    """The channel's digest."""
    async with mailroom.store.reading() as reading:
        (found,) = await reading.digests(channel)
    return found


async def test_it_is_posted_once_at_its_slot(mailroom: Mailroom) -> None:
    """Not before, and not again until the next day."""
    await mailroom.later(minutes=4)
    assert mailroom.posts() == []
    await mailroom.later(minutes=1)
    await mailroom.later(minutes=1)
    (message,) = mailroom.posts()
    assert "$52.40 used on Monday 23 Nov (UTC)" in message.text
    await mailroom.later(hours=24)
    assert len(mailroom.posts()) == 2
    assert mailroom.counted("deliveries_sent", kind="digest") == 2


@pytest.mark.parametrize("code", sorted(PERMANENT))
async def test_what_slack_will_refuse_again_pauses_it_and_tells_its_owner(
    mailroom: Mailroom, code: str
) -> None:
    """And the managers, once each, with a button that resumes it; the slot stays on record."""
    mailroom.slack.fail("chat.postMessage", Says(code), channel=COSTS)
    await mailroom.later(minutes=5)
    await mailroom.later(days=1)
    assert mailroom.posts() == []
    stopped = await plan(mailroom)
    assert stopped.next_due_at is None
    assert stopped.paused_because == PERMANENT[code]
    for person in (MEMBER, MANAGER):
        (message,) = mailroom.told(person)
        assert f"<#{COSTS}>" in message.text
        assert code in message.text
        (button,) = message.blocks[-1]["elements"]
        assert (button["action_id"], button["value"]) == (
            "aicost.digest.resume",
            str(stopped.id),
        )
    async with mailroom.store.reading() as reading:
        (missed,) = await reading.missed_slots(NOW - timedelta(days=1))
        (audited,) = [
            each
            for each in await reading.audit(NOW - timedelta(days=1))
            if each.action == "digest.stopped"
        ]
    assert missed.outcome == "undelivered"
    assert audited.target == f"digest #{stopped.id}"


async def test_the_button_mends_it(mailroom: Mailroom) -> None:
    """Resumed by its owner from the direct message, it comes again with its next slot."""
    mailroom.slack.workspace.channel(COSTS).members.discard(mailroom.slack.workspace.app.bot_user)
    await mailroom.later(minutes=5)
    stopped = await plan(mailroom)
    assert stopped.paused_because == "not_in_channel"
    mailroom.slack.workspace.channel(COSTS).members.add(mailroom.slack.workspace.app.bot_user)
    resumed = await mailroom.digests.resume(stopped.id, Asker(BEN, "D0MEMBER"), mailroom.now)
    assert isinstance(resumed, DigestResumed)
    await mailroom.later(days=1)
    assert len(mailroom.posts()) == 1


async def test_an_archived_channel_cannot_be_resumed(mailroom: Mailroom) -> None:
    """The answer says what comes first."""
    mailroom.slack.workspace.channel(COSTS).is_archived = True
    await mailroom.later(minutes=5)
    stopped = await plan(mailroom)
    assert stopped.paused_because == "archived"
    answer = await mailroom.digests.resume(stopped.id, Asker(BEN, "D0MEMBER"), mailroom.now)
    assert isinstance(answer, NotDone)
    assert "unarchive" in answer.message


@pytest.mark.parametrize("standing", ["token_revoked", "account_inactive"])
async def test_a_revoked_token_stops_nothing_for_good(mailroom: Mailroom, standing: str) -> None:
    """Nobody could be told: it waits, and comes late once the app is installed again."""
    app = mailroom.slack.workspace.app
    app.standing = standing  # type: ignore[assignment]
    await mailroom.later(minutes=5)
    assert mailroom.posts() == []
    app.standing = "installed"
    await mailroom.later(minutes=20)
    (message,) = mailroom.posts()
    assert "This comes 20 min late." in message.text
    assert (await plan(mailroom)).paused_because is None


@pytest.mark.parametrize("code", PASSING)
async def test_what_passes_is_tried_again(mailroom: Mailroom, code: str) -> None:
    """And posted once, a little later."""
    mailroom.slack.fail("chat.postMessage", Says(code), times=2)
    await mailroom.later(minutes=5)
    for _ in range(4):
        await mailroom.later(seconds=20)
    assert len(mailroom.posts()) == 1
    assert mailroom.counted("deliveries_retried", kind="digest", error=code) == 2


async def test_retry_after_is_kept(mailroom: Mailroom) -> None:
    """For the whole workspace, in Slack's own time."""
    mailroom.slack.fail("chat.postMessage", Status(429, "1"))
    await mailroom.later(minutes=5)
    await mailroom.later(seconds=2)
    assert mailroom.posts() == []
    await asyncio.sleep(1.05)
    await mailroom.later(seconds=0)
    assert len(mailroom.posts()) == 1


@pytest.mark.parametrize(
    "fault", [Status(500), Status(503), Says("internal_error"), Hangs(0.8), NeverArrives()]
)
async def test_where_nobody_can_tell_it_is_posted_again(mailroom: Mailroom, fault: Fault) -> None:
    """Slack had not taken it: it stands there once, and the doubt is counted."""
    mailroom.slack.fail("chat.postMessage", fault)
    await mailroom.later(minutes=5)
    await mailroom.later(seconds=30)
    assert len(mailroom.posts()) == 1
    assert mailroom.counted("deliveries_doubtful", kind="digest") == 1


async def test_an_answer_that_was_lost_is_the_only_way_to_twice(mailroom: Mailroom) -> None:
    """Slack had taken it: twice, and counted as such."""
    mailroom.slack.fail("chat.postMessage", AnswerLost())
    await mailroom.later(minutes=5)
    await mailroom.later(seconds=30)
    assert len(mailroom.posts()) == 2
    assert mailroom.counted("deliveries_doubtful", kind="digest") == 1


async def test_refused_charts_are_put_into_words(mailroom: Mailroom, books: Books) -> None:
    """The figures come all the same, with the buttons."""
    books.special["openai", date(2026, 11, 23)] = Decimal(120)
    await books.fill()
    mailroom.slack.fail("chat.postMessage", Says("invalid_blocks"))
    await mailroom.later(minutes=5)
    (message,) = mailroom.posts()
    assert not any(block["type"] == "data_visualization" for block in message.blocks)


async def test_slack_down_all_morning_skips_the_slot_and_goes_on(mailroom: Mailroom) -> None:
    """Given up when it is of no use any more, on record, and not paused for it."""
    mailroom.slack.fail("chat.postMessage", Status(503), times=1000)
    await mailroom.later(minutes=5)
    for _ in range(30):
        await mailroom.later(minutes=15)
    mailroom.slack.workspace.faults.clear()
    assert mailroom.posts() == []
    assert (await plan(mailroom)).next_due_at == NOW + timedelta(days=1)
    async with mailroom.store.reading() as reading:
        (missed,) = await reading.missed_slots(NOW - timedelta(days=1))
    assert missed.outcome == "undelivered"


async def test_a_digest_turned_off_while_it_waits_is_not_posted(mailroom: Mailroom) -> None:
    """Nor is one that somebody paused."""
    await mailroom.slots.tick(NOW)
    removed = await mailroom.digests.off(DigestOff(None), Asker(BEN, COSTS), NOW)
    assert isinstance(removed, DigestRemoved)
    await mailroom.later(minutes=6)
    assert mailroom.posts() == []


async def test_people_outside_see_nothing_without_a_managers_yes(mailroom: Mailroom) -> None:
    """Kept but not on; a member cannot allow it, a manager can."""
    asked = await mailroom.digests.on(NINE, Asker(BEN, PARTNERS), mailroom.now)
    assert isinstance(asked, DigestAwaitsYes)
    assert (asked.is_known, asked.may_allow) == (True, False)
    await mailroom.later(minutes=5)
    assert mailroom.posts(PARTNERS) == []
    again = await mailroom.digests.resume(asked.plan.id, Asker(BEN, PARTNERS), mailroom.now)
    assert isinstance(again, DigestAwaitsYes)
    listing = await mailroom.digests.listing(DigestList(), Asker(MONA, PARTNERS), mailroom.now)
    assert isinstance(listing, DigestListing)
    assert listing.may_allow
    allowed = await mailroom.digests.allow(asked.plan.id, Asker(MONA, PARTNERS), mailroom.now)
    assert isinstance(allowed, DigestResumed)
    await mailroom.later(days=1)
    assert len(mailroom.posts(PARTNERS)) == 1


async def test_a_channel_that_was_opened_to_others_later_stops_getting_it(
    mailroom: Mailroom,
) -> None:
    """Before it is posted, not after."""
    mailroom.slack.workspace.channel(COSTS).is_ext_shared = True
    restarted = Mailroom(mailroom.store, mailroom.slack, mailroom.client, mailroom.clock)
    await restarted.later(minutes=5)
    assert mailroom.posts() == []
    assert (await plan(mailroom)).paused_because == "shared_outside"
    (message,) = mailroom.told(MEMBER)
    assert "people outside" in message.text


async def test_slack_that_does_not_say_counts_as_shared(mailroom: Mailroom) -> None:
    """Without the scope to look, a manager has to say yes."""
    app = mailroom.slack.workspace.app
    app.scopes = app.scopes - {"groups:read"}
    asked = await mailroom.digests.on(NINE, Asker(MONA, LEADS), mailroom.now)
    assert isinstance(asked, DigestAwaitsYes)
    assert (asked.is_known, asked.may_allow) == (False, True)


async def test_channels_that_cannot_get_one_are_refused_at_once(mailroom: Mailroom) -> None:
    """With what to do first; where an invitation is all that lacks, it is kept and says so."""
    archived = await mailroom.digests.on(NINE, Asker(BEN, ARCHIVED), mailroom.now)
    assert isinstance(archived, NotDone)
    uninvited = await mailroom.digests.on(NINE, Asker(BEN, QUIET), mailroom.now)
    assert isinstance(uninvited, DigestSet)
    assert uninvited.needs_invitation
    not_in_it = await mailroom.digests.on(NINE, Asker(BEN, LEADS), mailroom.now)
    assert isinstance(not_in_it, NotDone)
    assert "in the channel" in not_in_it.message


async def test_setting_it_again_changes_it_and_every_change_is_on_record(
    mailroom: Mailroom,
) -> None:
    """Same scope and rhythm: one digest; another scope or rhythm: one more."""
    ten = DigestOn(time(10), EVERY_DAY, "daily", "UTC", Scope("all"), "short")
    changed = await mailroom.digests.on(ten, Asker(MONA, COSTS), mailroom.now)
    assert isinstance(changed, DigestSet)
    assert changed.before is not None
    assert changed.plan.id == changed.before.id
    assert (changed.plan.made_by, changed.plan.changed_by) == (MEMBER, MANAGER)
    weekly = DigestOn(time(9), frozenset({0}), "weekly", "UTC", Scope("all"), "full")
    await mailroom.digests.on(weekly, Asker(BEN, COSTS), mailroom.now)
    listing = await mailroom.digests.listing(DigestList(), Asker(BEN, COSTS), mailroom.now)
    assert [each.terms.cadence for each in listing.plans] == ["daily", "weekly"]
    ambiguous = await mailroom.digests.off(DigestOff(None), Asker(BEN, COSTS), mailroom.now)
    assert isinstance(ambiguous, NotDone)
    paused = await mailroom.digests.pause(changed.plan.id, Asker(BEN, COSTS), mailroom.now)
    assert isinstance(paused, DigestPaused)
    again = await mailroom.digests.pause(changed.plan.id, Asker(MONA, COSTS), mailroom.now)
    assert isinstance(again, DigestPaused)
    assert again.was_already
    await mailroom.digests.off(DigestOff("2"), Asker(BEN, COSTS), mailroom.now)
    async with mailroom.store.reading() as reading:
        entries = await reading.audit(mailroom.now - timedelta(days=1))
    assert [entry.action for entry in entries][::-1] == [
        "digest.on",
        "digest.changed",
        "digest.on",
        "digest.paused",
        "digest.off",
    ]
