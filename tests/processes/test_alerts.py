"""Processes die at the worst moments, and no crossing is lost, none posted twice but in doubt.

``AICOST_PROCESS_LEVELS`` (6) asks for more crossings under random kills.
"""

import os
import random
import signal
from itertools import count
from pathlib import Path

from simulators.slack.faults import AnswerLost, Fault, NeverArrives, Says, Status
from tests.processes.alert_processes import BUDGET, AlertProcesses, open_processes
from tests.processes.kills import AT_EVERY_STEP, AT_RANDOM

LEVELS = int(os.environ.get("AICOST_PROCESS_LEVELS", "6"))
SHARE = BUDGET // 100


@AT_EVERY_STEP
async def test_killed_at_every_step_between_crossing_and_record(
    database_url: str, tmp_path: Path, first: int, every: int
) -> None:
    """At each await and commit in turn: one message each, or two where Slack left doubt."""
    async with open_processes(database_url, tmp_path, ["C0ONE"], range(1, 100)) as alerts:
        doubts = 0
        for level, step in enumerate(count(first, every), 1):
            alerts.spend(level * SHARE)
            code = await alerts.processes.ended(alerts.begin(kill_at=step, rounds=1))
            await alerts.settle()
            doubts += (alerts.named("C0ONE")[level] - 1) if code else 0
            if code == 0:
                break
            assert code == -signal.SIGKILL
        assert step > 15
        assert doubts >= 1 or every > 1
        await check(alerts, ["C0ONE"], range(1, level + 1))


@AT_RANDOM
async def test_processes_killed_at_random_while_slack_fails(
    database_url: str, tmp_path: Path, number: int
) -> None:
    """However many there are, on either database."""
    rng = random.Random(f"{number} {database_url[:6]}")
    channels = [f"C0ROOM{n}" for n in range(4)]
    faults: list[Fault] = [
        AnswerLost(),
        NeverArrives(),
        Status(500),
        Status(429, "1"),
        Says("internal_error"),
    ]
    async with open_processes(database_url, tmp_path, channels, range(1, 100)) as alerts:
        for _ in range(number):
            alerts.begin()
        for level in range(1, LEVELS + 1):
            alerts.spend(level * SHARE)
            alerts.alerting.slack_server.fail("chat.postMessage", rng.choice(faults))
            await alerts.pause(level, rng.uniform(0, 0.1))
            await alerts.processes.kill(rng.choice(alerts.processes.running))
            alerts.begin()
        await alerts.processes.kill_all()
        alerts.alerting.slack.faults.clear()
        assert any(alerts.named(channel) for channel in channels)
        await alerts.settle()
        await check(alerts, channels, range(1, LEVELS + 1))


async def check(alerts: AlertProcesses, channels: list[str], thresholds: range) -> None:
    """Each threshold is named in each channel, and twice only where the outbox says it may be."""
    for channel in channels:
        named, doubtful = alerts.named(channel), await alerts.doubtful(channel)
        assert set(named) == set(thresholds)
        twice = {threshold for threshold, times in named.items() if times > 1}
        assert twice <= doubtful
    assert all(row.state == "sent" for row in await alerts.team.said())
