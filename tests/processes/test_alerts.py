"""Processes die at the worst moments, and no crossing is lost, none told twice but in doubt.

``AICOST_PROCESS_LEVELS`` (6) asks for more crossings under random kills.
"""

import os
import random
import signal
from itertools import count
from pathlib import Path

import pytest

from simulators.slack.faults import AnswerLost, Fault, NeverArrives, Says, Status
from tests.processes.house import BUDGET, Processes, open_processes

LEVELS = int(os.environ.get("AICOST_PROCESS_LEVELS", "6"))
SHARE = BUDGET // 100


async def test_killed_at_every_step_between_crossing_and_record(
    database_url: str, tmp_path: Path
) -> None:
    """At each await and commit in turn: one message each, or two where Slack left doubt."""
    async with open_processes(database_url, tmp_path, ["C0ONE"], range(1, 100)) as house:
        doubts = 0
        for step in count(1):
            house.spend(step * SHARE)
            code = await house.ended(house.begin(kill_at=step, rounds=1))
            await house.settle()
            doubts += (house.named("C0ONE")[step] - 1) if code else 0
            if code == 0:
                break
            assert code == -signal.SIGKILL
        assert step > 15
        assert doubts >= 1
        await check(house, ["C0ONE"], range(1, step + 1))


@pytest.mark.parametrize("number", [1, 2, 4])
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
    async with open_processes(database_url, tmp_path, channels, range(1, 100)) as house:
        for _ in range(number):
            house.begin()
        for level in range(1, LEVELS + 1):
            house.spend(level * SHARE)
            house.alerting.slack_server.fail("chat.postMessage", rng.choice(faults))
            await house.pause(level, rng.uniform(0, 0.1))
            await house.kill(rng.choice(house.running))
            house.begin()
        for process in list(house.running):
            await house.kill(process)
        house.alerting.slack.faults.clear()
        assert any(house.named(channel) for channel in channels)
        await house.settle()
        await check(house, channels, range(1, LEVELS + 1))


async def check(house: Processes, channels: list[str], thresholds: range) -> None:
    """Each threshold is named in each channel, and twice only where the outbox says it may be."""
    for channel in channels:
        named, doubtful = house.named(channel), await house.doubtful(channel)
        assert set(named) == set(thresholds)
        twice = {threshold for threshold, times in named.items() if times > 1}
        assert twice <= doubtful
    assert all(row.state == "sent" for row in await house.team.said())
