"""Whatever Slack does, an alert is posted once, or reported to people who can fix it."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from structlog.testing import capture_logs

from bot.db.models import Delivery
from bot.notifications.repository import OutboxRepository
from bot.slack.text_renderer import plain_text
from simulators.slack.faults import AnswerLost, Fault, Hangs, NeverArrives, Says, Status
from simulators.slack.office import ADMIN, COSTS
from tests.budgets.harness import AlertHarness
from tests.harness.deliveries import MAKER, from_outbox
from tests.loop_clock import LoopClock
from tests.quick import QUICK


async def crossed(alerting: AlertHarness) -> Delivery:
    """Half of the budget is used, and the alert waits in the outbox."""
    alerting.team.spend("260")
    assert await alerting.team.sync() == 1
    (row,) = await alerting.team.said()
    found = await from_outbox(alerting.team.database, lambda outbox: outbox.delivery(row.id or 0))
    assert found is not None
    return found


async def later(alerting: AlertHarness, **time: float) -> None:
    """Some time passes, and what is due then is delivered."""
    alerting.team.now += timedelta(**time)
    await alerting.deliveries.deliver_due()


async def stands(alerting: AlertHarness, delivery: Delivery) -> Delivery:
    """The delivery as it stands now."""
    found = await from_outbox(alerting.team.database, lambda outbox: outbox.delivery(delivery.id))
    assert found is not None
    return found


async def test_an_alert_is_posted_once(alerting: AlertHarness) -> None:
    """However often one looks."""
    alert = await crossed(alerting)
    await alerting.deliveries.deliver_due()
    await later(alerting, hours=1)

    (message,) = alerting.posted(COSTS)
    done = await stands(alerting, alert)
    assert (done.state, done.message_ts, done.attempts) == ("sent", message.ts, 1)
    assert alerting.counted("deliveries_sent", kind="alert") == 1


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived"])
async def test_an_alert_that_its_channel_cannot_get_goes_to_maker_and_managers(
    alerting: AlertHarness, code: str
) -> None:
    """By direct message, with the alert itself and what would fix it; each is told once."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says(code), channel=COSTS)
    await alerting.deliveries.deliver_due()
    await later(alerting, days=1)

    assert alerting.posted(COSTS) == []
    assert (await stands(alerting, alert)).state == "failed"
    for person in (MAKER, ADMIN):
        (shown,) = alerting.direct(person)
        said = plain_text({"blocks": shown.blocks})
        assert "could not be posted" in said
        assert code in said
        assert "OpenAI budget" in said
        assert "$260.00" in said
    assert alerting.counted("deliveries_failed", kind="alert", error=code) == 1


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
async def test_what_slack_would_refuse_again_is_not_tried_again(
    alerting: AlertHarness, code: str
) -> None:
    """The workspace's own policy, and defects: those who can fix it are told."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says(code), channel=COSTS)
    await alerting.deliveries.deliver_due()

    assert (await stands(alerting, alert)).state == "failed"
    assert len(alerting.direct(ADMIN)) == 1


async def test_a_missing_scope_is_named(alerting: AlertHarness) -> None:
    """To the maker, in the log and in the outbox: which scope, and what to do."""
    alert = await crossed(alerting)
    refused = Says("missing_scope", {"needed": "chat:write", "provided": "commands"})
    alerting.slack_server.fail("chat.postMessage", refused, channel=COSTS)
    with capture_logs() as lines:
        await alerting.deliveries.deliver_due()
    await later(alerting, seconds=10)

    (shown,) = alerting.direct(MAKER)
    said = plain_text({"blocks": shown.blocks})
    assert "needed: chat:write; provided: commands" in said
    assert "reinstall the app" in said
    (line,) = [each for each in lines if each["event"] == "delivery.failed"]
    assert "needed: chat:write" in line["error"]
    assert "needed: chat:write" in ((await stands(alerting, alert)).error or "")
    assert alerting.counted("deliveries_failed", kind="alert", error="missing_scope") == 1


@pytest.mark.parametrize("standing", ["account_inactive", "token_revoked"])
async def test_what_waits_for_a_token_goes_out_within_seconds_of_its_return(
    alerting: AlertHarness, standing: Literal["account_inactive", "token_revoked"]
) -> None:
    """Nobody could be told either; nothing is lost, and nothing is posted twice."""
    alert = await crossed(alerting)
    app = alerting.slack.app
    app.standing = standing
    await alerting.deliveries.deliver_due()
    for _ in range(40):
        await later(alerting, minutes=30)
    waiting = await stands(alerting, alert)
    assert (waiting.state, waiting.error, waiting.attempts) == ("pending", standing, 1)

    app.standing = "installed"
    await later(alerting, seconds=5)
    await later(alerting, seconds=5)
    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful") == 0


async def test_what_waits_for_a_token_is_posted_by_a_process_that_has_one(
    alerting: AlertHarness,
) -> None:
    """The one whose token is refused keeps off; one started again with a good one does not wait."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says("invalid_auth"))
    alerting.slack_server.fail("auth.test", Says("invalid_auth"), times=100)
    await alerting.deliveries.deliver_due()
    await later(alerting, seconds=5)
    assert (await stands(alerting, alert)).state == "pending"
    await alerting.process("started again").deliver_due()
    assert len(alerting.posted(COSTS)) == 1


async def test_slack_is_asked_once_in_a_while_whether_it_takes_the_token(
    alerting: AlertHarness,
) -> None:
    """Not at every look at what is due."""
    await crossed(alerting)
    alerting.slack.app.standing = "token_revoked"
    await alerting.deliveries.deliver_due()
    before = len(alerting.slack_server.calls)
    for _ in range(60):
        await later(alerting, seconds=1)
    assert 10 <= len(alerting.slack_server.calls) - before <= 12


@pytest.mark.parametrize(
    "code",
    ["ratelimited", "message_limit_exceeded", "org_login_required", "team_added_to_org"],
)
async def test_what_passes_is_tried_again(alerting: AlertHarness, code: str) -> None:
    """Surely not taken, so that nothing is in doubt."""
    await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says(code), times=2)
    await alerting.deliveries.deliver_due()
    for _ in range(3):
        await later(alerting, minutes=6)

    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful") == 0


async def test_a_rate_limit_holds_for_its_channel(alerting: AlertHarness) -> None:
    """Nothing more is tried there until its time, also nothing newer; another channel's alert goes
    out at once. Status says until when."""
    await alerting.team.budget(400, 50, 100, channel="C0ENG")
    await crossed_in_two(alerting)
    alerting.slack_server.fail("chat.postMessage", Status(429, "3600"), channel=COSTS)
    with capture_logs() as lines:
        await alerting.deliveries.deliver_due()
        assert len(alerting.posted("C0ENG")) == 1

        calls = len(alerting.slack_server.calls)
        alerting.team.spend("260")  # the next threshold of both channels
        await alerting.team.sync()
        await alerting.deliveries.deliver_due()
    assert len(alerting.posted("C0ENG")) == 2
    phases = [line["phase"] for line in lines if line["event"] == "delivery.postponed"]
    assert phases == ["began"], "it lasts, though other channels take posts"
    assert alerting.posted(COSTS) == []
    assert len(alerting.slack_server.calls) == calls + 1

    (slowed,) = await from_outbox(
        alerting.team.database, lambda outbox: outbox.rate_limited(alerting.team.now)
    )
    assert (slowed.channel, slowed.waiting) == (COSTS, 2)
    assert slowed.until == alerting.team.now + timedelta(seconds=60)


async def test_a_long_rate_limit_is_tried_again_after_a_minute(alerting: AlertHarness) -> None:
    """However long Slack asks to wait."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Status(429, "3600"))
    await alerting.deliveries.deliver_due()
    assert (await stands(alerting, alert)).state == "pending"
    alerting.team.now += timedelta(seconds=59)
    await alerting.process("another").deliver_due()
    assert alerting.posted(COSTS) == []
    alerting.team.now += timedelta(seconds=1)
    await alerting.process("another").deliver_due()
    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful") == 0


async def test_rate_limits_of_two_channels_hold_for_all(
    alerting: AlertHarness, loop_clock: LoopClock
) -> None:
    """Slack has a limit for the whole workspace too: after the wait one post is tried first."""
    await alerting.team.budget(400, 50, channel="C0ENG")
    for channel in (COSTS, "C0ENG"):
        alerting.slack_server.fail("chat.postMessage", Status(429, "40"), channel=channel)
    await crossed_in_two(alerting)
    await alerting.deliveries.deliver_due()
    calls = len(alerting.slack_server.calls)
    for channel in ("C0LEADS", "C0PARTNERS"):
        await alerting.team.budget(400, 50, channel=channel)
    assert await alerting.deliveries.deliver_due() == 0
    assert len(alerting.slack_server.calls) == calls

    alerting.slack_server.fail("chat.postMessage", Hangs(0.2))
    loop_clock.step(41)
    await alerting.deliveries.deliver_due()
    assert alerting.posted("C0LEADS") or alerting.posted("C0PARTNERS")
    first, second, *_ = list(alerting.slack_server.calls)[calls:]
    assert second.seconds - first.seconds >= 0.2


async def crossed_in_two(alerting: AlertHarness) -> Delivery:
    """Two channels' budgets are crossed; the alert of the first."""
    alerting.team.spend("260")
    await alerting.team.sync()
    rows = await alerting.team.said()
    alert = next(row for row in rows if row.channel == COSTS)
    found = await from_outbox(alerting.team.database, lambda outbox: outbox.delivery(alert.id or 0))
    assert found is not None
    return found


@pytest.mark.parametrize("fault", [NeverArrives(), AnswerLost(), Status(500), Status(503)])
async def test_where_slack_left_doubt_it_is_posted_again_and_counted(
    alerting: AlertHarness, fault: Fault
) -> None:
    """Twice beats never, and each time is counted."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", fault)
    await alerting.deliveries.deliver_due()
    assert (await stands(alerting, alert)).is_doubtful
    for _ in range(2):
        await later(alerting, minutes=1)

    assert len(alerting.posted(COSTS)) == (2 if isinstance(fault, AnswerLost) else 1)
    assert alerting.counted("deliveries_doubtful", kind="alert") == 1
    assert (await stands(alerting, alert)).state == "sent"


@pytest.mark.parametrize("code", ["fatal_error", "internal_error"])
async def test_slack_s_own_failures_leave_doubt(alerting: AlertHarness, code: str) -> None:
    """They may have gone half-way (docs.slack.dev, chat.postMessage)."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Says(code))
    await alerting.deliveries.deliver_due()
    await later(alerting, minutes=1)

    assert (await stands(alerting, alert)).is_doubtful
    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful") == 1


async def test_a_post_that_hangs_holds_up_no_other_channel(alerting: AlertHarness) -> None:
    """Both are there in the end."""
    await alerting.team.budget(400, 50, channel="C0ENG")
    await crossed_in_two(alerting)
    alerting.slack_server.fail("chat.postMessage", Hangs(600), channel=COSTS)
    await alerting.process("soon", intervals=replace(QUICK, post=2.0)).deliver_due()
    assert len(alerting.posted("C0ENG")) == 1
    assert alerting.posted(COSTS) == []

    await later(alerting, minutes=1)
    assert len(alerting.posted(COSTS)) == 1


async def test_slack_away_for_an_hour_is_caught_up_once(alerting: AlertHarness) -> None:
    """With waits that grow up to five minutes."""
    alert = await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", NeverArrives(), times=10_000)
    for _ in range(120):
        await later(alerting, seconds=30)
    tries = (await stands(alerting, alert)).attempts
    assert 12 <= tries <= 30

    alerting.slack.faults.clear()
    await later(alerting, minutes=5)
    assert len(alerting.posted(COSTS)) == 1


async def test_an_edit_waits_for_its_message(alerting: AlertHarness) -> None:
    """The alert ended before Slack took it: one message, which says so, and one word under it."""
    await crossed(alerting)
    alerting.slack_server.fail("chat.postMessage", Status(500), times=1)
    await alerting.deliveries.deliver_due()
    alerting.team.spend("-200")
    await alerting.team.sync()
    for _ in range(4):
        await later(alerting, minutes=6)

    (message,) = alerting.posted(COSTS)
    assert message.text.startswith("Resolved:")
    thread = [
        each for each in alerting.slack.channel(COSTS).messages if each.thread_ts == message.ts
    ]
    assert len(thread) == 1
    assert "is below 50% again" in thread[0].text


async def test_a_message_somebody_deleted_is_not_posted_anew(alerting: AlertHarness) -> None:
    """Its edit and the word in its thread are given up; nobody is troubled."""
    await crossed(alerting)
    await alerting.deliveries.deliver_due()
    (message,) = alerting.posted(COSTS)
    alerting.slack.delete(message)
    alerting.team.spend("-200")
    await alerting.team.sync()
    await alerting.deliveries.deliver_due()

    (edit,) = await alerting.team.said("alert_edit")
    (note,) = await alerting.team.said("note")
    assert (edit.state, note.state) == ("failed", "skipped")
    assert alerting.posted(COSTS) == []
    assert alerting.direct(MAKER) == []
    assert [call.method for call in alerting.slack_server.calls][-1] == "chat.update"


async def test_an_end_is_said_below_a_message_that_cannot_be_edited(alerting: AlertHarness) -> None:
    """Slack forbids the edit, not the reply."""
    await crossed(alerting)
    await alerting.deliveries.deliver_due()
    alerting.slack_server.fail("chat.update", Says("edit_window_closed"))
    alerting.team.spend("-200")
    await alerting.team.sync()
    await alerting.deliveries.deliver_due()

    (message,) = alerting.posted(COSTS)
    assert len(alerting.slack.channel(COSTS).thread(message.ts)) == 1


async def test_a_lost_lease_is_counted(alerting: AlertHarness) -> None:
    """Another process took it over while this one was posting."""
    alert = await crossed(alerting)
    outbox = alerting.team.database
    async with outbox.writing() as session:
        (held,) = await OutboxRepository(session).claim(alerting.team.now, 5, "slow")
    assert held.id == alert.id
    async with outbox.writing() as session:
        await OutboxRepository(session).free_claims(await OutboxRepository(session).claims())
    await alerting.deliveries.deliver_due()

    async with outbox.writing() as session:
        assert not await OutboxRepository(session).record_sent(
            alert.id, "slow", "1.2", alerting.team.now
        )
    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful", kind="alert") == 1


async def test_an_alert_too_late_to_matter_is_told_as_undelivered(alerting: AlertHarness) -> None:
    """After three days the channel is not surprised with it; maker and managers are told."""
    alert = await crossed(alerting)
    await later(alerting, days=4)

    assert alerting.posted(COSTS) == []
    assert (await stands(alerting, alert)).state == "failed"
    assert len(alerting.direct(MAKER)) == 1


async def test_what_waits_for_one_channel_keeps_no_other_waiting(alerting: AlertHarness) -> None:
    """Hundreds of direct messages to one person are older than an alert: it goes out with the
    first of them."""
    outbox = alerting.team.database
    async with outbox.writing() as session:
        for number in range(250):
            words = Delivery.new("direct", ADMIN, "{}", alerting.team.now, key=f"{number}")
            await OutboxRepository(session).enqueue(words)
    alerting.team.now += timedelta(minutes=1)
    alert = await crossed(alerting)
    async with outbox.writing() as session:
        claimed = await OutboxRepository(session).claim(alerting.team.now, 20, "one")
    assert [each.channel for each in claimed] == [ADMIN, COSTS]
    assert claimed[1].id == alert.id


async def test_a_blind_connection_that_cannot_be_told_goes_to_who_made_the_channel_s_rules(
    alerting: AlertHarness,
) -> None:
    """It belongs to no rule, and still somebody has to know."""
    alerting.team.is_openai_down = True
    await alerting.team.sync()
    alerting.team.now += timedelta(hours=7)
    assert await alerting.team.sync() == 1
    alerting.slack_server.fail("chat.postMessage", Says("is_archived"), channel=COSTS)
    await alerting.deliveries.deliver_due()
    await later(alerting, minutes=1)
    for person in (MAKER, ADMIN):
        assert len(alerting.direct(person)) == 1
