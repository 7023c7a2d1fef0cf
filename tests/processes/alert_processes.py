"""Processes that share one database and one simulated Slack, and what became of their alerts."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.budgets.models import Budget
from bot.budgets.repository import AlertRepository, RuleRepository
from bot.db.database import open_database
from bot.db.models import Rule
from bot.metrics import Metrics
from bot.notifications.repository import OutboxRepository
from bot.scope import Scope
from bot.teams.models import NO_TEAMS, Teams
from tests.budgets.budget_harness import OPENAI, BudgetHarness
from tests.budgets.harness import AlertHarness, deliver_alerts
from tests.conftest import CONNECTIONS
from tests.harness import LONGEST
from tests.harness.processes import Processes
from tests.processes.worker import BASE, Task, each_spends, work

PASSED = re.compile(r"Passed ([\d%, and]+)%")
SHARE = re.compile(r"(\d+)% of \$")
BUDGET = 10_000


@dataclass(slots=True)
class AlertProcesses:
    """The team, its Slack, and the processes that sync and deliver."""

    alerting: AlertHarness
    database_url: str
    level: Path
    channels: Sequence[str]
    people: Teams = NO_TEAMS
    started: float = field(default_factory=time.time)
    processes: Processes = field(default_factory=Processes)

    @property
    def team(self) -> BudgetHarness:
        return self.alerting.team

    def spend(self, dollars: int) -> None:
        """So much was spent today, as whoever syncs next finds it."""
        part = self.level.with_suffix(".part")
        part.write_text(str(dollars))
        part.replace(self.level)
        each_spends(self.team, self.people, Decimal(dollars))

    def begin(self, kill_at: int | None = None, rounds: int | None = None) -> BaseProcess:
        """Start one more process."""
        slack = self.alerting.slack_server
        task = Task(
            self.database_url,
            slack.api_url,
            slack.bot_token,
            self.level,
            self.started,
            kill_at,
            rounds,
            self.people,
        )
        return self.processes.start(work, task)

    async def pause(self, level: int, seconds: float) -> None:
        """Let the processes work until the first of them reported that level, and for so long."""
        until = time.monotonic() + 5
        while not any(level in self.named(each) for each in self.channels):
            if time.monotonic() > until:
                return
            await asyncio.sleep(0.01)  # Slack tells nobody here what it took
        await asyncio.sleep(seconds)

    async def settle(self) -> None:
        """What a process that lives brings to its end: the sync, and everything in the outbox."""
        self.team.now = BASE + timedelta(seconds=time.time() - self.started)
        await self.team.sync()
        self.team.now += timedelta(hours=1)
        deliveries = self.alerting.process("survivor", Metrics())
        until = time.monotonic() + LONGEST
        while await self._waiting() and time.monotonic() < until:
            await deliveries.deliver_due()
            self.team.now += timedelta(minutes=10)
            await asyncio.sleep(0.02)

    async def _waiting(self) -> int:
        async with self.team.database.reading() as session:
            return (await OutboxRepository(session).counts(self.team.now)).pending

    def named(self, channel: str) -> Counter[int]:
        """How many messages in a channel name each threshold. A threshold that is the share which
        the heading has isn't named again."""
        texts = [str(message.blocks) for message in self.alerting.posted(channel)]
        return Counter(
            int(percent)
            for text in texts
            for passed in PASSED.findall(text) or SHARE.findall(text)[:1]
            for percent in re.findall(r"\d+", passed)
        )

    async def doubtful(self, channel: str) -> set[int]:
        """The thresholds of messages that Slack may have taken twice, as the outbox counts them."""
        found: set[int] = set()
        for row in await self.team.said():
            if row.channel == channel and row.is_doubtful:
                async with self.team.database.reading() as session:
                    notice = await AlertRepository(session).notice(row.id or 0)
                found |= {line.level.percent for line in notice.lines} if notice else set()
        return found


@asynccontextmanager
async def open_processes(
    database_url: str,
    folder: Path,
    channels: Sequence[str],
    thresholds: Sequence[int],
    people: Teams = NO_TEAMS,
) -> AsyncIterator[AlertProcesses]:
    """A budget of $10,000 in each channel, for each person if there are people; processes still
    running at the end are killed."""
    database = await open_database(database_url, CONNECTIONS, BASE)
    database.person_costs = people
    scope = Scope("each", "person") if people.names else OPENAI
    team = BudgetHarness(database, BASE)
    await team.sync()
    target = Budget(Decimal(BUDGET), "monthly", tuple(thresholds))
    async with database.writing() as session:
        for channel in channels:
            await RuleRepository(session).save(Rule.of(scope, target, channel, "UMANAGER", BASE))
    async with deliver_alerts(team) as alerting:
        for channel in channels:
            bot = alerting.slack.app.bot_user
            alerting.slack.add_channel(channel, channel.lower(), [bot])
        alerts = AlertProcesses(alerting, database_url, folder / "level", channels, people)
        alerts.spend(0)
        try:
            yield alerts
        finally:
            await alerts.processes.kill_all()
    await database.close()
