"""Whatever the clock does, what waits is posted, once, and what is under way is left alone."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.notifications.repository import OutboxRepository
from bot.processes import new_worker_id
from simulators.slack.faults import Says, Status
from tests.budgets.harness import AlertHarness

COSTS = "C0COSTS"
ELSEWHERE = "another-machine/boot/1/1/abc"


async def claimed_by(alerting: AlertHarness, holder: str) -> None:
    """An alert waits, and that process is at it."""
    alerting.team.spend("260")
    assert await alerting.team.sync() == 1
    async with alerting.team.database.writing() as session:
        assert len(await OutboxRepository(session).claim(alerting.team.now, 5, holder)) == 1


async def test_no_clock_says_that_a_process_died(alerting: AlertHarness) -> None:
    """What a process elsewhere is at stays its own while it was not seen so for a minute."""
    await claimed_by(alerting, ELSEWHERE)
    alerting.team.now += timedelta(days=2)
    await alerting.deliveries.deliver_due()

    assert alerting.posted(COSTS) == []


@pytest.mark.parametrize("step", [timedelta(0), timedelta(days=1), timedelta(hours=-1)])
async def test_what_a_dead_process_left_is_posted_at_once(
    alerting: AlertHarness, step: timedelta
) -> None:
    """Once it is due by the clock, and counted as in doubt."""
    host, place, *_ = new_worker_id().split("/")
    await claimed_by(alerting, f"{host}/{place}/99999999/1/dead")
    alerting.team.now += step
    await alerting.deliveries.deliver_due()
    alerting.team.now += max(-step, timedelta(0))
    await alerting.deliveries.deliver_due()

    assert len(alerting.posted(COSTS)) == 1
    assert alerting.counted("deliveries_doubtful", kind="alert") == 1


async def test_what_was_put_off_under_a_clock_ahead_is_posted_when_it_returns(
    alerting: AlertHarness,
) -> None:
    """Not only when the wrong time has come."""
    alerting.team.spend("260")
    await alerting.team.sync()
    alerting.team.now += timedelta(days=2)
    alerting.slack_server.fail("chat.postMessage", Status(500))
    await alerting.deliveries.deliver_due()
    alerting.team.now -= timedelta(days=2)
    await alerting.deliveries.deliver_due()

    assert len(alerting.posted(COSTS)) == 1


async def test_what_was_too_late_under_a_clock_ahead_is_posted_when_it_returns(
    alerting: AlertHarness,
) -> None:
    """It was in time."""
    alerting.team.spend("260")
    await alerting.team.sync()
    alerting.team.now += timedelta(days=400)
    await alerting.deliveries.deliver_due()
    assert alerting.posted(COSTS) == []
    alerting.team.now -= timedelta(days=400)
    await alerting.deliveries.deliver_due()

    assert len(alerting.posted(COSTS)) == 1


async def test_posts_that_slack_keeps_refusing_are_two_log_lines(alerting: AlertHarness) -> None:
    """One when it begins and one when it ends."""
    alerting.team.spend("260")
    await alerting.team.sync()
    with capture_logs() as lines:
        for _ in range(5):
            alerting.slack_server.fail("chat.postMessage", Says("internal_error"))
            await alerting.deliveries.deliver_due()
            alerting.team.now += timedelta(minutes=6)
        alerting.slack.faults.clear()
        await alerting.deliveries.deliver_due()

    assert len(alerting.posted(COSTS)) == 1
    phases = [line["phase"] for line in lines if line["event"] == "delivery.postponed"]
    assert phases == ["began", "ended"]
