"""Processes die while one budget watches each person: nobody's crossing is lost, none posted twice
but in doubt."""

import random
import re
import signal
from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from bot.budgets.models import BudgetFacts
from bot.teams.models import AllocationRule, Teams, whole
from simulators.slack.faults import AnswerLost, Fault, Status
from tests.processes.alert_processes import BUDGET, AlertProcesses, open_processes

CHANNEL = "C0ONE"
LEVELS = 5
FAULTS: list[Fault] = [AnswerLost(), Status(500)]
SHARE = BUDGET // 100
PEOPLE = Teams(
    ("UANN", "UBEN", "UCAT"),
    tuple(
        AllocationRule(None, "user", f"user_{who.lower()}", whole(who), "person 1")
        for who in ("UANN", "UBEN", "UCAT")
    ),
)


@pytest.mark.slow
async def test_killed_at_every_step(sqlite_url: str, tmp_path: Path) -> None:
    """At every eighth await and commit in turn, until a process lives."""
    async with open_processes(sqlite_url, tmp_path, [CHANNEL], range(1, 100), PEOPLE) as alerts:
        for level, step in enumerate(count(4, 8), 1):
            alerts.spend(level * SHARE)
            code = await alerts.processes.ended(alerts.begin(kill_at=step, rounds=1))
            await alerts.settle()
            if code == 0:
                break
            assert code == -signal.SIGKILL
        assert level > 2
        await check(alerts, level)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_replicas_killed_at_random(database_url: str, tmp_path: Path) -> None:
    """While Slack answers late or not at all."""
    rng = random.Random(5)
    async with open_processes(database_url, tmp_path, [CHANNEL], range(1, 100), PEOPLE) as alerts:
        for _ in range(2):
            alerts.begin()
        for level in range(1, LEVELS + 1):
            alerts.spend(level * SHARE)
            fault = rng.choice(FAULTS)
            alerts.alerting.slack_server.fail("chat.postMessage", fault)
            await alerts.pause(level, rng.uniform(0, 0.1))
            await alerts.processes.kill(rng.choice(alerts.processes.running))
            alerts.begin()
        await alerts.processes.kill_all()
        alerts.alerting.slack.faults.clear()
        await alerts.settle()
        await check(alerts, LEVELS)


async def check(alerts: AlertProcesses, highest: int) -> None:
    """Each person has one alert for each threshold. Each message that was sent stands in the
    channel, names all of one sync, and stands there twice only where the outbox says it may."""
    found = Counter[tuple[str | None, int]]()
    for alert in await alerts.team.open_alerts():
        assert isinstance(alert.facts, BudgetFacts)
        found[alert.facts.scope.name, alert.threshold] += 1
    assert found == {(who, level): 1 for who in PEOPLE.names for level in range(1, highest + 1)}
    rows = await alerts.team.said()
    assert all(row.state == "sent" for row in rows)
    posted = alerts.alerting.posted(CHANNEL)
    assert {row.message_ts for row in rows} <= {message.ts for message in posted}
    assert 0 <= len(posted) - len(rows) <= sum(row.is_doubtful for row in rows)
    for message in posted:
        named = re.findall(r"<@(\w+)>", str(message.blocks))
        assert sorted(named) == list(PEOPLE.names)
