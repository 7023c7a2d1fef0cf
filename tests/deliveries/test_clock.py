"""Whatever the clock does, what waits is posted, once, and what is under way is left alone."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.processes import new_holder
from bot.store.outbox import SqlOutbox
from simulators.slack.faults import Says, Status
from tests.deliveries.office import Office

COSTS = "C0COSTS"
ELSEWHERE = "another-machine/boot/1/1/abc"


async def claimed_by(office: Office, holder: str) -> None:
    """An alert waits, and that process is at it."""
    office.team.spend("260")
    assert await office.team.sync() == 1
    async with SqlOutbox(office.team.store).writing() as tx:
        assert len(await tx.claim(office.team.now, 5, holder)) == 1


async def test_no_clock_says_that_a_process_died(office: Office) -> None:
    """What a process elsewhere is at stays its own while it was not seen so for a minute."""
    await claimed_by(office, ELSEWHERE)
    office.team.now += timedelta(days=2)
    await office.deliveries.deliver_due()

    assert office.posts(COSTS) == []


@pytest.mark.parametrize("step", [timedelta(0), timedelta(days=1), timedelta(hours=-1)])
async def test_what_a_dead_process_left_is_posted_at_once(office: Office, step: timedelta) -> None:
    """Once it is due by the clock, and counted as in doubt."""
    host, place, *_ = new_holder().split("/")
    await claimed_by(office, f"{host}/{place}/99999999/1/dead")
    office.team.now += step
    await office.deliveries.deliver_due()
    office.team.now += max(-step, timedelta(0))
    await office.deliveries.deliver_due()

    assert len(office.posts(COSTS)) == 1
    assert office.counted("deliveries_doubtful", kind="alert") == 1


async def test_what_was_put_off_under_a_clock_ahead_is_posted_when_it_returns(
    office: Office,
) -> None:
    """Not only when the wrong time has come."""
    office.team.spend("260")
    await office.team.sync()
    office.team.now += timedelta(days=2)
    office.slack.fail("chat.postMessage", Status(500))
    await office.deliveries.deliver_due()
    office.team.now -= timedelta(days=2)
    await office.deliveries.deliver_due()

    assert len(office.posts(COSTS)) == 1


async def test_what_was_too_late_under_a_clock_ahead_is_posted_when_it_returns(
    office: Office,
) -> None:
    """It was in time."""
    office.team.spend("260")
    await office.team.sync()
    office.team.now += timedelta(days=400)
    await office.deliveries.deliver_due()
    assert office.posts(COSTS) == []
    office.team.now -= timedelta(days=400)
    await office.deliveries.deliver_due()

    assert len(office.posts(COSTS)) == 1


async def test_posts_that_slack_keeps_refusing_are_two_log_lines(office: Office) -> None:
    """One when it begins and one when it ends."""
    office.team.spend("260")
    await office.team.sync()
    with capture_logs() as lines:
        for _ in range(5):
            office.slack.fail("chat.postMessage", Says("internal_error"))
            await office.deliveries.deliver_due()
            office.team.now += timedelta(minutes=6)
        office.slack.workspace.faults.clear()
        await office.deliveries.deliver_due()

    assert len(office.posts(COSTS)) == 1
    phases = [line["phase"] for line in lines if line["event"] == "delivery.postponed"]
    assert phases == ["began", "ended"]
