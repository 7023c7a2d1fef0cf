"""Tokens that are refused and rate limits: what waits goes out once, as soon as it can."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from structlog.testing import capture_logs

from bot.db.models import Delivery
from bot.notifications.repository import OutboxRepository
from simulators.slack.faults import Hangs, NeverArrives, Says, Status
from simulators.slack.office import ADMIN, COSTS
from tests.budgets.harness import AlertHarness
from tests.harness.deliveries import from_outbox
from tests.loop_clock import LoopClock
from tests.notifications.crossing import crossed, crossed_in_two, later, stands
from tests.quick import QUICK


@pytest.mark.parametrize("state", ["account_inactive", "token_revoked"])
async def test_what_waits_for_a_token_goes_out_within_seconds_of_its_return(
    alerting: AlertHarness, state: Literal["account_inactive", "token_revoked"]
) -> None:
    """Nobody could be notified either; nothing is lost, and nothing is posted twice."""
    alert = await crossed(alerting)
    app = alerting.slack.app
    app.state = state
    await alerting.deliveries.deliver_due()
    for _ in range(40):
        await later(alerting, minutes=30)
    waiting = await stands(alerting, alert)
    assert (waiting.state, waiting.error, waiting.attempts) == ("pending", state, 1)

    app.state = "installed"
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
    alerting.slack.app.state = "token_revoked"
    await alerting.deliveries.deliver_due()
    before = len(alerting.slack_server.calls)
    for _ in range(60):
        await later(alerting, seconds=1)
    assert 10 <= len(alerting.slack_server.calls) - before <= 12


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
