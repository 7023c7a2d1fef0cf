"""Whatever Slack does, an alert is posted once, or told to whoever can mend it."""

import asyncio
from datetime import timedelta
from typing import Literal

import pytest
from structlog.testing import capture_logs

from bot.delivery.outbox import Delivery, NewDelivery
from bot.store.outbox import SqlOutbox
from simulators.slack.faults import AnswerLost, Fault, Hangs, NeverArrives, Says, Status
from tests.deliveries.office import MAKER, MANAGER, Office

COSTS = "C0COSTS"


async def crossed(office: Office) -> Delivery:
    """Half of the budget is used, and the alert waits in the outbox."""
    office.team.spend("260")
    assert await office.team.sync() == 1
    (row,) = await office.team.said()
    found = await SqlOutbox(office.team.store).delivery(row.id or 0)
    assert found is not None
    return found


async def later(office: Office, **time: float) -> None:
    """Some time passes, and what is due then is delivered."""
    office.team.now += timedelta(**time)
    await office.deliveries.deliver_due()


async def stands(office: Office, delivery: Delivery) -> Delivery:
    """The delivery as it stands now."""
    found = await SqlOutbox(office.team.store).delivery(delivery.id)
    assert found is not None
    return found


async def test_an_alert_is_posted_once(office: Office) -> None:
    """However often one looks."""
    alert = await crossed(office)
    await office.deliveries.deliver_due()
    await later(office, hours=1)

    (message,) = office.posts(COSTS)
    done = await stands(office, alert)
    assert (done.state, done.message_ts, done.attempts) == ("sent", message.ts, 1)
    assert office.counted("deliveries_sent", kind="alert") == 1


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived"])
async def test_an_alert_that_its_channel_cannot_get_goes_to_maker_and_managers(
    office: Office, code: str
) -> None:
    """By direct message, with the alert itself and what would mend it; each is told once."""
    alert = await crossed(office)
    office.slack.fail("chat.postMessage", Says(code), channel=COSTS)
    await office.deliveries.deliver_due()
    await later(office, days=1)

    assert office.posts(COSTS) == []
    assert (await stands(office, alert)).state == "failed"
    for person in (MAKER, MANAGER):
        (told,) = office.posts(office.slack.workspace.dm(person).id)
        assert "could not be posted" in told.text
        assert code in told.text
        assert "OpenAI has used $260.00 of its $500 monthly budget" in told.text
    assert office.counted("deliveries_failed", kind="alert", error=code) == 1


@pytest.mark.parametrize(
    "code",
    [
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "team_access_not_granted",
        "ekm_access_denied",
        "missing_scope",
    ],
)
async def test_what_slack_would_refuse_again_is_not_tried_again(office: Office, code: str) -> None:
    """The workspace's own policy, and defects: those who can mend it are told."""
    alert = await crossed(office)
    office.slack.fail("chat.postMessage", Says(code), channel=COSTS)
    await office.deliveries.deliver_due()

    assert (await stands(office, alert)).state == "failed"
    assert len(office.posts(office.slack.workspace.dm(MANAGER).id)) == 1


async def test_a_missing_scope_is_named(office: Office) -> None:
    """To the maker, in the log and in the outbox: which scope, and what to do."""
    alert = await crossed(office)
    refused = Says("missing_scope", {"needed": "chat:write", "provided": "commands"})
    office.slack.fail("chat.postMessage", refused, channel=COSTS)
    with capture_logs() as lines:
        await office.deliveries.deliver_due()
    await later(office, seconds=10)

    (told,) = office.posts(office.slack.workspace.dm(MAKER).id)
    assert "needed: chat:write; provided: commands" in told.text
    assert "reinstall the app" in told.text
    (line,) = [each for each in lines if each["event"] == "delivery.failed"]
    assert "needed: chat:write" in line["error"]
    assert "needed: chat:write" in ((await stands(office, alert)).error or "")
    assert office.counted("deliveries_failed", kind="alert", error="missing_scope") == 1


@pytest.mark.parametrize("standing", ["account_inactive", "token_revoked"])
async def test_what_waits_for_a_token_goes_out_within_seconds_of_its_return(
    office: Office, standing: Literal["account_inactive", "token_revoked"]
) -> None:
    """Nobody could be told either; nothing is lost, and nothing is posted twice."""
    alert = await crossed(office)
    app = office.slack.workspace.app
    app.standing = standing
    await office.deliveries.deliver_due()
    for _ in range(40):
        await later(office, minutes=30)
    waiting = await stands(office, alert)
    assert (waiting.state, waiting.error, waiting.attempts) == ("pending", standing, 1)

    app.standing = "installed"
    await later(office, seconds=5)
    await later(office, seconds=5)
    assert len(office.posts(COSTS)) == 1
    assert office.counted("deliveries_doubtful") == 0


async def test_what_waits_for_a_token_is_posted_by_a_process_that_has_one(office: Office) -> None:
    """The one whose token is refused keeps off; one started anew with a good one does not wait."""
    alert = await crossed(office)
    office.slack.fail("chat.postMessage", Says("invalid_auth"))
    office.slack.fail("auth.test", Says("invalid_auth"), times=100)
    await office.deliveries.deliver_due()
    await later(office, seconds=5)
    assert (await stands(office, alert)).state == "pending"
    await office.process("started anew").deliver_due()
    assert len(office.posts(COSTS)) == 1


async def test_slack_is_asked_once_in_a_while_whether_it_takes_the_token(office: Office) -> None:
    """Not at every look at what is due."""
    await crossed(office)
    office.slack.workspace.app.standing = "token_revoked"
    await office.deliveries.deliver_due()
    before = len(office.slack.calls)
    for _ in range(60):
        await later(office, seconds=1)
    assert 10 <= len(office.slack.calls) - before <= 12


@pytest.mark.parametrize(
    "code",
    ["ratelimited", "message_limit_exceeded", "org_login_required", "team_added_to_org"],
)
async def test_what_passes_is_tried_again(office: Office, code: str) -> None:
    """Surely not taken, so that nothing is in doubt."""
    await crossed(office)
    office.slack.fail("chat.postMessage", Says(code), times=2)
    await office.deliveries.deliver_due()
    for _ in range(3):
        await later(office, minutes=6)

    assert len(office.posts(COSTS)) == 1
    assert office.counted("deliveries_doubtful") == 0


async def test_a_rate_limit_holds_for_its_channel(office: Office) -> None:
    """Nothing more is tried there until its time, also nothing newer; another channel's alert goes
    out at once. Status says until when."""
    await office.team.budget(400, 50, 100, channel="C0ENG")
    await crossed_in_two(office)
    office.slack.fail("chat.postMessage", Status(429, "3600"), channel=COSTS)
    await office.deliveries.deliver_due()
    assert len(office.posts("C0ENG")) == 1

    calls = len(office.slack.calls)
    office.team.spend("260")  # the next threshold of both channels
    await office.team.sync()
    await office.deliveries.deliver_due()
    assert len(office.posts("C0ENG")) == 2
    assert office.posts(COSTS) == []
    assert len(office.slack.calls) == calls + 1

    (slowed,) = await SqlOutbox(office.team.store).rate_limited(office.team.now)
    assert (slowed.channel, slowed.waiting) == (COSTS, 2)
    assert slowed.until == office.team.now + timedelta(seconds=60)


async def test_a_long_rate_limit_is_tried_again_after_a_minute(office: Office) -> None:
    """However long Slack asks to wait."""
    alert = await crossed(office)
    office.slack.fail("chat.postMessage", Status(429, "3600"))
    await office.deliveries.deliver_due()
    assert (await stands(office, alert)).state == "pending"
    office.team.now += timedelta(seconds=59)
    await office.process("another").deliver_due()
    assert office.posts(COSTS) == []
    office.team.now += timedelta(seconds=1)
    await office.process("another").deliver_due()
    assert len(office.posts(COSTS)) == 1
    assert office.counted("deliveries_doubtful") == 0


async def test_rate_limits_of_two_channels_hold_for_all(office: Office) -> None:
    """Slack has a limit for the whole workspace too: after the wait one post is tried first."""
    await office.team.budget(400, 50, channel="C0ENG")
    for channel in (COSTS, "C0ENG"):
        office.slack.fail("chat.postMessage", Status(429, "0.4"), channel=channel)
    await crossed_in_two(office)
    await office.deliveries.deliver_due()
    calls = len(office.slack.calls)
    for channel in ("C0LEADS", "C0PARTNERS"):
        await office.team.budget(400, 50, channel=channel)
    assert await office.deliveries.deliver_due() == 0
    assert len(office.slack.calls) == calls

    office.slack.fail("chat.postMessage", Hangs(0.2))
    async with asyncio.timeout(5):
        while not (office.posts("C0LEADS") or office.posts("C0PARTNERS")):
            await office.deliveries.deliver_due()
            await asyncio.sleep(0.02)
    first, second, *_ = list(office.slack.calls)[calls:]
    assert second.seconds - first.seconds >= 0.2


async def crossed_in_two(office: Office) -> Delivery:
    """Two channels' budgets are crossed; the alert of the first."""
    office.team.spend("260")
    await office.team.sync()
    rows = await office.team.said()
    alert = next(row for row in rows if row.channel == COSTS)
    found = await SqlOutbox(office.team.store).delivery(alert.id or 0)
    assert found is not None
    return found


@pytest.mark.parametrize("fault", [NeverArrives(), AnswerLost(), Status(500), Status(503)])
async def test_where_slack_left_doubt_it_is_posted_again_and_counted(
    office: Office, fault: Fault
) -> None:
    """Twice beats never, and each time is counted."""
    alert = await crossed(office)
    office.slack.fail("chat.postMessage", fault)
    await office.deliveries.deliver_due()
    assert (await stands(office, alert)).is_doubtful
    for _ in range(2):
        await later(office, minutes=1)

    assert len(office.posts(COSTS)) == (2 if isinstance(fault, AnswerLost) else 1)
    assert office.counted("deliveries_doubtful", kind="alert") == 1
    assert (await stands(office, alert)).state == "sent"


@pytest.mark.parametrize("code", ["fatal_error", "internal_error"])
async def test_slack_s_own_failures_leave_doubt(office: Office, code: str) -> None:
    """They may have gone half-way (docs.slack.dev, chat.postMessage)."""
    alert = await crossed(office)
    office.slack.fail("chat.postMessage", Says(code))
    await office.deliveries.deliver_due()
    await later(office, minutes=1)

    assert (await stands(office, alert)).is_doubtful
    assert len(office.posts(COSTS)) == 1
    assert office.counted("deliveries_doubtful") == 1


async def test_a_post_that_hangs_holds_up_no_other_channel(office: Office) -> None:
    """Both are there in the end."""
    await office.team.budget(400, 50, channel="C0ENG")
    await crossed_in_two(office)
    office.slack.fail("chat.postMessage", Hangs(2), channel=COSTS)
    await office.deliveries.deliver_due()
    assert len(office.posts("C0ENG")) == 1
    assert office.posts(COSTS) == []

    await later(office, minutes=1)
    assert len(office.posts(COSTS)) == 1


async def test_slack_away_for_an_hour_is_caught_up_once(office: Office) -> None:
    """With waits that grow up to five minutes."""
    alert = await crossed(office)
    office.slack.fail("chat.postMessage", NeverArrives(), times=10_000)
    for _ in range(120):
        await later(office, seconds=30)
    tries = (await stands(office, alert)).attempts
    assert 12 <= tries <= 30

    office.slack.workspace.faults.clear()
    await later(office, minutes=5)
    assert len(office.posts(COSTS)) == 1


async def test_an_edit_waits_for_its_message(office: Office) -> None:
    """The alert ended before Slack took it: one message, which says so, and one word under it."""
    await crossed(office)
    office.slack.fail("chat.postMessage", Status(500), times=1)
    await office.deliveries.deliver_due()
    office.team.spend("-200")
    await office.team.sync()
    for _ in range(4):
        await later(office, minutes=6)

    (message,) = office.posts(COSTS)
    assert message.text.startswith("Resolved:")
    thread = [
        each
        for each in office.slack.workspace.channel(COSTS).messages
        if each.thread_ts == message.ts
    ]
    assert len(thread) == 1
    assert "below the threshold" in thread[0].text


async def test_a_message_somebody_deleted_is_not_posted_anew(office: Office) -> None:
    """Its edit and the word in its thread are given up; nobody is troubled."""
    await crossed(office)
    await office.deliveries.deliver_due()
    (message,) = office.posts(COSTS)
    office.slack.workspace.delete(message)
    office.team.spend("-200")
    await office.team.sync()
    await office.deliveries.deliver_due()

    (edit,) = await office.team.said("alert_edit")
    (note,) = await office.team.said("note")
    assert (edit.state, note.state) == ("failed", "skipped")
    assert office.posts(COSTS) == []
    assert office.posts(office.slack.workspace.dm(MAKER).id) == []
    assert [call.method for call in office.slack.calls][-1] == "chat.update"


async def test_an_end_is_said_below_a_message_that_cannot_be_edited(office: Office) -> None:
    """Slack forbids the edit, not the reply."""
    await crossed(office)
    await office.deliveries.deliver_due()
    office.slack.fail("chat.update", Says("edit_window_closed"))
    office.team.spend("-200")
    await office.team.sync()
    await office.deliveries.deliver_due()

    (message,) = office.posts(COSTS)
    assert len(office.slack.workspace.channel(COSTS).thread(message.ts)) == 1


async def test_a_lost_lease_is_counted(office: Office) -> None:
    """Another process took it over while this one was posting."""
    alert = await crossed(office)
    outbox = SqlOutbox(office.team.store)
    async with outbox.writing() as tx:
        (held,) = await tx.claim(office.team.now, 5, "slow")
    assert held.id == alert.id
    async with outbox.writing() as tx:
        await tx.free_claims(await outbox.claims())
    await office.deliveries.deliver_due()

    async with outbox.writing() as tx:
        assert not await tx.record_sent(alert.id, "slow", "1.2", office.team.now)
    assert len(office.posts(COSTS)) == 1
    assert office.counted("deliveries_doubtful", kind="alert") == 1


async def test_an_alert_too_late_to_matter_is_told_as_undelivered(office: Office) -> None:
    """After three days the channel is not surprised with it; maker and managers are told."""
    alert = await crossed(office)
    await later(office, days=4)

    assert office.posts(COSTS) == []
    assert (await stands(office, alert)).state == "failed"
    assert len(office.posts(office.slack.workspace.dm(MAKER).id)) == 1


async def test_what_waits_for_one_channel_keeps_no_other_waiting(office: Office) -> None:
    """Hundreds of direct messages to one person are older than an alert: it goes out with the
    first of them."""
    outbox = SqlOutbox(office.team.store)
    async with outbox.writing() as tx:
        for number in range(250):
            words = NewDelivery("direct", MANAGER, "{}", office.team.now, key=f"{number}")
            await tx.enqueue(words)
    office.team.now += timedelta(minutes=1)
    alert = await crossed(office)
    async with outbox.writing() as tx:
        claimed = await tx.claim(office.team.now, 20, "one")
    assert [each.channel for each in claimed] == [MANAGER, COSTS]
    assert claimed[1].id == alert.id


async def test_a_blind_connection_that_cannot_be_told_goes_to_who_made_the_channel_s_rules(
    office: Office,
) -> None:
    """It belongs to no rule, and still somebody has to know."""
    office.team.is_openai_down = True
    await office.team.sync()
    office.team.now += timedelta(hours=7)
    assert await office.team.sync() == 1
    office.slack.fail("chat.postMessage", Says("is_archived"), channel=COSTS)
    await office.deliveries.deliver_due()
    await later(office, minutes=1)
    for person in (MAKER, MANAGER):
        assert len(office.posts(office.slack.workspace.dm(person).id)) == 1
