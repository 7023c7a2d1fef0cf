"""The running bot beside simulated vendors, in a simulated Slack."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.bootstrap import open_house
from bot.service import Bot, serving
from bot.settings.settings import settings_of
from bot.slack.plain import plain_text
from bot.sync.report import silent
from providers.period import Period
from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, Workspace, serve_slack, small_office
from simulators.slack.answer import Answer
from simulators.slack.office import COSTS, MANAGER
from simulators.slack.things import Message, View
from simulators.vendors import Vendors, simulated_vendors
from simulators.world import World
from tests.quick import QUICK

SEED = "alerts"
NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
"""A Tuesday."""
WITHIN = 15.0
"""Real seconds from a sync to the alert in Slack, on a machine that runs much else; how long it
takes undisturbed is measured in ``tests/bench/alerts.py``."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The running bot, the Slack it is in, and the vendors it reads."""

    office: Workspace
    slack: SimulatedSlack
    vendors: Vendors
    bot: Bot
    clock: DemoClock
    environment: dict[str, str]

    def used(self, since: datetime) -> Decimal:
        """What OpenAI charges for the days since then, the running one included."""
        days = Period(since.date(), self.clock().date() + timedelta(days=1))
        return self.vendors.world.truth.used("openai", days)

    async def submit(self, modal: View, user: str, values: Mapping[str, Any]) -> Answer:
        """Send a modal, and wait for all that the bot makes of it: on a slow machine the modal
        says first that it is being worked on."""
        answer = await self.office.submit(modal, user, values)
        while len(self.bot.slack.desk.in_flight):  # noqa: ASYNC110 - nothing tells of its end
            await asyncio.sleep(0.01)
        return answer

    async def sync(self) -> None:
        """One sync of the running bot."""
        await self.bot.sync.round(silent)

    def posts(self, channel: str = COSTS) -> list[Message]:
        """What the app has said to everybody in a channel, threads left out."""
        bot = self.office.app.bot_user
        place = self.office.channel(channel)
        return [m for m in place.messages if m.user == bot and m.thread_ts is None]

    async def until(self, is_so: Callable[[], object], seconds: float = WITHIN) -> None:
        """Wait until something is so. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not is_so():  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # what Slack shows has no event to wait for

    async def alert(self, channel: str = COSTS) -> Message:
        """The first message in a channel, as soon as it is there."""
        await self.until(lambda: self.posts(channel))
        return self.posts(channel)[0]


async def fill(folder: Path, now: datetime) -> Path:
    """A ledger that holds a year of both vendors."""
    clock = DemoClock(now)
    async with simulated_vendors(World(SEED, clock)) as vendors:
        environment = {**vendors.environment, "DATABASE_URL": f"sqlite:///{folder}/ledger.db"}
        async with open_house(settings_of(environment, folder, QUICK), clock) as house:
            await house.sync().round(silent)
    return folder / "ledger.db"


@asynccontextmanager
async def open_stage(filled: Path, folder: Path, now: datetime) -> AsyncIterator[Stage]:
    """The stage, on a copy of a ledger that was filled at `now`."""
    clock = DemoClock(now)
    shutil.copy(filled, folder / "ledger.db")
    async with (
        simulated_vendors(World(SEED, clock)) as vendors,
        serve_slack(small_office(clock, render=plain_text)) as slack,
    ):
        environment = {
            **vendors.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "AICOST_MANAGERS": MANAGER,
            "AICOST_SYNC_EVERY": "1h",
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "PORT": "0",
        }
        settings = settings_of(environment, folder, QUICK)
        async with serving(settings, clock, "127.0.0.1") as bot:
            await slack.connected()
            yield Stage(slack.workspace, slack, vendors, bot, clock, environment)
