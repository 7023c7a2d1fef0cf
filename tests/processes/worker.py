"""One process that syncs and delivers, and dies by SIGKILL where a test says so."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.models import EVERYTHING, VisibilityScope
from bot.budgets.delivery_handlers import alert_delivery_handlers
from bot.db.database import Database
from bot.home.direct_messages import DirectDeliveryHandler
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.notifications.ports import Notifier
from bot.processes import new_worker_id
from bot.slack.message import Message, Posted
from bot.slack.notifier import SlackNotifier
from bot.teams.models import NO_TEAMS, Teams
from tests.budgets.budget_harness import BudgetHarness
from tests.conftest import CONNECTIONS
from tests.quick import QUICK

BASE = datetime(2026, 11, 20, 12, tzinfo=UTC)
INTERVALS = replace(QUICK, lease=0.5)
Checkpoint = Callable[[], None]


def killed_at(number: int | None) -> Checkpoint:
    """Return what a process calls at each step. It dies by SIGKILL at the step of that number,
    counted from 1; None: at none."""
    steps = count(1)

    def checkpoint() -> None:
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is to do."""

    database_url: str
    slack_api_url: str
    bot_token: str
    level: Path
    """A file that holds what was spent today, in whole dollars."""
    started: float
    """Real seconds since the epoch at which `BASE` was."""
    kill_at: int | None
    """Dies at that checkpoint, counted from 1; None: lives until it is killed from outside."""
    rounds: int | None
    """None: without end."""
    people: Teams = NO_TEAMS
    """Each of whom spends all that was spent today."""


class Watched:
    """A store with a checkpoint before and after each look and each commit."""

    def __init__(self, database: Database, checkpoint: Checkpoint) -> None:
        self._database = database
        self._checkpoint = checkpoint

    @asynccontextmanager
    async def reading(self, visibility: VisibilityScope = EVERYTHING) -> AsyncIterator[Any]:
        self._checkpoint()
        async with self._database.reading(visibility) as session:
            yield session
        self._checkpoint()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Any]:
        self._checkpoint()
        async with self._database.writing() as session:
            yield session
            self._checkpoint()
        self._checkpoint()


class WatchedSpeaker:
    """Slack, with a checkpoint before and after each call."""

    def __init__(self, speaker: Notifier, checkpoint: Checkpoint) -> None:
        self._speaker = speaker
        self._checkpoint = checkpoint

    async def auth_test_ok(self) -> bool:
        return await self._speaker.auth_test_ok()

    async def post(self, channel: str, message: Message, thread_ts: str | None = None) -> Posted:
        self._checkpoint()
        posted = await self._speaker.post(channel, message, thread_ts)
        self._checkpoint()
        return posted

    async def update(self, channel: str, ts: str, message: Message) -> None:
        self._checkpoint()
        await self._speaker.update(channel, ts, message)
        self._checkpoint()


def work(task: Task) -> None:
    """Sync what was spent and deliver what follows, round after round."""
    asyncio.run(_work(task))


async def _work(task: Task) -> None:
    checkpoint = killed_at(task.kill_at)
    database = Database(task.database_url)
    await database.configure(CONNECTIONS, BASE)
    database.person_costs = task.people
    watched: Any = Watched(database, checkpoint)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        client = AsyncWebClient(
            task.bot_token, base_url=task.slack_api_url, session=session, retry_handlers=[]
        )
        speaker = WatchedSpeaker(SlackNotifier(client), checkpoint)

        def clock() -> datetime:
            return BASE + timedelta(seconds=time.time() - task.started)

        deliveries = DeliveryDispatcher(
            watched,
            speaker,
            {**alert_delivery_handlers(watched, ["U0ADMIN"]), "direct": DirectDeliveryHandler()},
            clock,
            new_worker_id(),
            Metrics(),
            INTERVALS,
        )
        team = BudgetHarness(watched, ask=lambda team: _read(team, task))
        done = 0
        while task.rounds is None or done < task.rounds:
            team.now = clock()
            await team.sync()
            await deliveries.deliver_due()
            done += 1
            await asyncio.sleep(0.05)
    await database.close()


def _read(team: BudgetHarness, task: Task) -> None:
    each_spends(team, task.people, Decimal(task.level.read_text()))


def each_spends(team: BudgetHarness, people: Teams, dollars: Decimal) -> None:
    """So much was spent today; by each person, if there are people."""
    team.spent[BASE.date()] = dollars * max(1, len(people.names))
    team.users = {rule.name: dollars for rule in people.rules}
