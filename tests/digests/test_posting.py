"""Whatever Slack does, a digest is posted once, or its owner reads how to fix it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from bot.access.models import Requester
from bot.access.repository import AuditRepository
from bot.budgets.messages.undelivered import CLEAR
from bot.db.database import Database
from bot.db.models import DigestSubscription
from bot.digests.models import DigestAwaitsManager, DigestChanged, DigestListing
from bot.digests.repository import DigestRepository
from bot.language.commands import CommandRejected, DigestList, DigestOff, DigestOn
from bot.schedule import EVERY_DAY
from bot.scope import Scope
from bot.slack.text_renderer import plain_text
from simulators.slack.faults import AnswerLost, Fault, Hangs, NeverArrives, Says, Status
from simulators.slack.office import ARCHIVED, COSTS, LEADS, MANAGER, MEMBER, PARTNERS, QUIET
from tests.digests.digest_ledger import NOW, DigestLedger
from tests.digests.harness import BEN, MONA, DigestHarness, deliver_digests
from tests.loop_clock import LoopClock
from tests.quick import QUICK

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
async def harness(books: DigestLedger, sqlite_store: Database) -> AsyncIterator[DigestHarness]:
    """A full ledger, and a daily digest at nine in #ai-costs that Ben set."""
    await books.fill()
    async with deliver_digests(sqlite_store) as opened:
        answer = await opened.digests.on(NINE, Requester(BEN, COSTS), opened.now())
        assert isinstance(answer, DigestChanged)
        yield opened


async def plan(harness: DigestHarness, channel: str = COSTS) -> DigestSubscription:
    """The channel's digest."""
    async with harness.database.reading() as session:
        (found,) = await DigestRepository(session).active(channel)
    return found


async def test_it_is_posted_once_at_its_slot(harness: DigestHarness) -> None:
    """Not before, and not again until the next day."""
    await harness.later(minutes=4)
    assert harness.posted() == []
    await harness.later(minutes=1)
    await harness.later(minutes=1)
    (message,) = harness.posted()
    assert "$52.40 on Mon 23 Nov" in message.text
    await harness.later(hours=24)
    assert len(harness.posted()) == 2
    assert harness.counted("deliveries_sent", kind="digest") == 2


@pytest.mark.parametrize("code", sorted(PERMANENT))
async def test_what_slack_will_refuse_again_pauses_it_and_notifies_its_owner(
    harness: DigestHarness, code: str
) -> None:
    """And the managers, once each, with a button that resumes it; the slot stays on record."""
    harness.slack_server.fail("chat.postMessage", Says(code), channel=COSTS)
    await harness.later(minutes=5)
    await harness.later(days=1)
    assert harness.posted() == []
    stopped = await plan(harness)
    assert stopped.next_due_at is None
    assert stopped.paused_because == PERMANENT[code]
    for person in (MEMBER, MANAGER):
        (message,) = harness.direct(person)
        assert f"<#{COSTS}>" in message.text
        assert (code in message.text) == (PERMANENT[code] not in CLEAR)
        (button,) = message.blocks[-1]["elements"]
        assert (button["action_id"], button["value"]) == (
            "aicost.digest.resume",
            str(stopped.id),
        )
    async with harness.database.reading() as session:
        ((missed, _),) = await DigestRepository(session).missed(NOW - timedelta(days=1))
        (audited,) = [
            each
            for each in await AuditRepository(session).since(NOW - timedelta(days=1))
            if each.action == "digest.stopped"
        ]
    assert missed.outcome == "undelivered"
    assert audited.target == f"digest #{stopped.id}"


async def test_the_button_fixes_it(harness: DigestHarness) -> None:
    """Resumed by its owner from the direct message, it comes again with its next slot."""
    harness.slack.channel(COSTS).members.discard(harness.slack.app.bot_user)
    await harness.later(minutes=5)
    stopped = await plan(harness)
    assert stopped.paused_because == "not_in_channel"
    harness.slack.channel(COSTS).members.add(harness.slack.app.bot_user)
    resumed = await harness.digests.resume(stopped.id, Requester(BEN, "D0MEMBER"), harness.now())
    assert isinstance(resumed, DigestChanged)
    await harness.later(days=1)
    assert len(harness.posted()) == 1


async def test_an_archived_channel_cannot_be_resumed(harness: DigestHarness) -> None:
    """The answer says what comes first."""
    harness.slack.channel(COSTS).is_archived = True
    await harness.later(minutes=5)
    stopped = await plan(harness)
    assert stopped.paused_because == "archived"
    with pytest.raises(CommandRejected) as refused:
        await harness.digests.resume(stopped.id, Requester(BEN, "D0MEMBER"), harness.now())
    assert "Unarchive it first" in refused.value.message


@pytest.mark.parametrize("state", ["token_revoked", "account_inactive"])
async def test_a_revoked_token_stops_nothing_for_good(
    harness: DigestHarness, state: Literal["token_revoked", "account_inactive"]
) -> None:
    """Nobody could be notified: it waits, and comes late once the app is installed again."""
    app = harness.slack.app
    app.state = state
    await harness.later(minutes=5)
    assert harness.posted() == []
    app.state = "installed"
    await harness.later(minutes=20)
    (message,) = harness.posted()
    assert "This digest is 20 min late." in plain_text({"blocks": message.blocks})
    assert (await plan(harness)).paused_because is None


@pytest.mark.parametrize("code", PASSING)
async def test_what_passes_is_tried_again(harness: DigestHarness, code: str) -> None:
    """And posted once, a little later."""
    harness.slack_server.fail("chat.postMessage", Says(code), times=2)
    await harness.later(minutes=5)
    for _ in range(4):
        await harness.later(seconds=20)
    assert len(harness.posted()) == 1
    assert harness.counted("deliveries_retried", kind="digest", error=code) == 2


async def test_retry_after_is_kept(harness: DigestHarness, loop_clock: LoopClock) -> None:
    """For the whole workspace, in Slack's own time."""
    harness.slack_server.fail("chat.postMessage", Status(429, "50"))
    await harness.later(minutes=5)
    await harness.later(seconds=55)
    assert harness.posted() == []
    loop_clock.step(51)
    await harness.later(seconds=0)
    assert len(harness.posted()) == 1


@pytest.mark.parametrize(
    "fault", [Status(500), Status(503), Says("internal_error"), Hangs(600), NeverArrives()]
)
async def test_where_nobody_knows_it_is_posted_again(harness: DigestHarness, fault: Fault) -> None:
    """Slack had not taken it: it stands there once, and the doubt is counted."""
    if isinstance(fault, Hangs):
        harness.deliveries = harness.process("soon", harness.metrics, replace(QUICK, post=2.0))
    harness.slack_server.fail("chat.postMessage", fault)
    await harness.later(minutes=5)
    await harness.later(seconds=30)
    assert len(harness.posted()) == 1
    assert harness.counted("deliveries_doubtful", kind="digest") == 1


async def test_an_answer_that_was_lost_is_the_only_way_to_twice(harness: DigestHarness) -> None:
    """Slack had taken it: twice, and counted as such."""
    harness.slack_server.fail("chat.postMessage", AnswerLost())
    await harness.later(minutes=5)
    await harness.later(seconds=30)
    assert len(harness.posted()) == 2
    assert harness.counted("deliveries_doubtful", kind="digest") == 1


async def test_refused_charts_are_put_into_words(
    harness: DigestHarness, books: DigestLedger
) -> None:
    """The figures come all the same, with the buttons."""
    books.special["openai", date(2026, 11, 23)] = Decimal(120)
    await books.fill()
    harness.slack_server.fail("chat.postMessage", Says("invalid_blocks"))
    await harness.later(minutes=5)
    (message,) = harness.posted()
    assert not any(block["type"] == "data_visualization" for block in message.blocks)


async def test_slack_down_all_morning_skips_the_slot_and_goes_on(harness: DigestHarness) -> None:
    """Given up when it is of no use any more, on record, and not paused for it."""
    harness.slack_server.fail("chat.postMessage", Status(503), times=1000)
    await harness.later(minutes=5)
    for _ in range(30):
        await harness.later(minutes=15)
    harness.slack.faults.clear()
    assert harness.posted() == []
    assert (await plan(harness)).next_due_at == NOW + timedelta(days=1)
    async with harness.database.reading() as session:
        ((missed, _),) = await DigestRepository(session).missed(NOW - timedelta(days=1))
    assert missed.outcome == "undelivered"


async def test_a_digest_turned_off_while_it_waits_is_not_posted(harness: DigestHarness) -> None:
    """Nor is one that someone paused."""
    await harness.slots.take_due(NOW)
    removed = await harness.digests.off(DigestOff(None), Requester(BEN, COSTS), NOW)
    assert removed.state == "off"
    await harness.later(minutes=6)
    assert harness.posted() == []


async def test_people_outside_see_nothing_without_a_managers_yes(harness: DigestHarness) -> None:
    """Kept but not on; a member cannot allow it, a manager can."""
    asked = await harness.digests.on(NINE, Requester(BEN, PARTNERS), harness.now())
    assert isinstance(asked, DigestAwaitsManager)
    assert (asked.is_known, asked.may_allow) == (True, False)
    await harness.later(minutes=5)
    assert harness.posted(PARTNERS) == []
    again = await harness.digests.resume(asked.plan.id, Requester(BEN, PARTNERS), harness.now())
    assert isinstance(again, DigestAwaitsManager)
    listing = await harness.digests.listing(DigestList(), Requester(MONA, PARTNERS), harness.now())
    assert isinstance(listing, DigestListing)
    assert listing.may_allow
    allowed = await harness.digests.allow(asked.plan.id, Requester(MONA, PARTNERS), harness.now())
    assert allowed.state == "resumed"
    await harness.later(days=1)
    assert len(harness.posted(PARTNERS)) == 1


async def test_a_channel_that_was_opened_to_others_later_stops_getting_it(
    harness: DigestHarness,
) -> None:
    """Before it is posted, not after."""
    harness.slack.channel(COSTS).is_ext_shared = True
    restarted = DigestHarness(
        harness.database, harness.slack_server, harness.client, harness.clock, clock=harness.clock
    )
    await restarted.later(minutes=5)
    assert harness.posted() == []
    assert (await plan(harness)).paused_because == "shared_outside"
    (message,) = harness.direct(MEMBER)
    assert "people outside" in message.text


async def test_slack_that_does_not_say_counts_as_shared(harness: DigestHarness) -> None:
    """Without the scope to look, a manager has to say yes."""
    app = harness.slack.app
    app.scopes = app.scopes - {"groups:read"}
    asked = await harness.digests.on(NINE, Requester(MONA, LEADS), harness.now())
    assert isinstance(asked, DigestAwaitsManager)
    assert (asked.is_known, asked.may_allow) == (False, True)


async def test_channels_that_cannot_get_one_are_refused_at_once(harness: DigestHarness) -> None:
    """With what to do first; where an invitation is all that lacks, it is kept and says so."""
    with pytest.raises(CommandRejected, match="archived"):
        await harness.digests.on(NINE, Requester(BEN, ARCHIVED), harness.now())
    uninvited = await harness.digests.on(NINE, Requester(BEN, QUIET), harness.now())
    assert isinstance(uninvited, DigestChanged)
    assert uninvited.needs_invitation
    with pytest.raises(CommandRejected, match="Only members of the channel"):
        await harness.digests.on(NINE, Requester(BEN, LEADS), harness.now())


async def test_setting_it_again_changes_it_and_every_change_is_on_record(
    harness: DigestHarness,
) -> None:
    """Same scope and rhythm: one digest; another scope or rhythm: one more."""
    ten = DigestOn(time(10), EVERY_DAY, "daily", "UTC", Scope("all"), "short")
    changed = await harness.digests.on(ten, Requester(MONA, COSTS), harness.now())
    assert isinstance(changed, DigestChanged)
    assert changed.before is not None
    assert changed.before.schedule.at == time(9)
    assert (changed.plan.made_by, changed.plan.changed_by) == (MEMBER, MANAGER)
    weekly = DigestOn(time(9), frozenset({0}), "weekly", "UTC", Scope("all"), "full")
    await harness.digests.on(weekly, Requester(BEN, COSTS), harness.now())
    listing = await harness.digests.listing(DigestList(), Requester(BEN, COSTS), harness.now())
    assert [each.settings.cadence for each in listing.plans] == ["daily", "weekly"]
    with pytest.raises(CommandRejected, match="Which digest"):
        await harness.digests.off(DigestOff(None), Requester(BEN, COSTS), harness.now())
    paused = await harness.digests.pause(changed.plan.id, Requester(BEN, COSTS), harness.now())
    assert (paused.state, paused.was_already) == ("paused", False)
    again = await harness.digests.pause(changed.plan.id, Requester(MONA, COSTS), harness.now())
    assert (again.state, again.was_already) == ("paused", True)
    await harness.digests.off(DigestOff("2"), Requester(BEN, COSTS), harness.now())
    async with harness.database.reading() as session:
        entries = await AuditRepository(session).since(harness.now() - timedelta(days=1))
    assert [entry.action for entry in entries][::-1] == [
        "digest.on",
        "digest.changed",
        "digest.on",
        "digest.paused",
        "digest.off",
    ]
