"""The running bot in a simulated Slack, on a ledger that was filled once for all tests here."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import open_house
from bot.service import Bot, serving
from bot.settings.intervals import Intervals
from bot.settings.settings import settings_of
from bot.slack.plain import plain_text
from bot.spend.ledger import AuditEntry
from bot.spend.watching.rules import Rule
from bot.store.store import SqlStore
from bot.sync.report import silent
from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, Workspace, serve_slack, small_office
from simulators.slack.answer import Answer
from simulators.slack.office import MANAGER
from simulators.slack.state import Installation
from simulators.slack.things import Message, View
from simulators.vendors import Vendors, simulated_vendors
from simulators.world import World
from tests.quick import QUICK

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
SEED = "home"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stage:
    """The running bot, and the Slack it is in."""

    office: Workspace
    slack: SimulatedSlack
    bot: Bot
    clock: DemoClock
    vendors: Vendors

    @property
    def store(self) -> SqlStore:
        """The ledger."""
        return self.bot.house.store

    async def submit(self, modal: View, user: str, values: Mapping[str, Any]) -> Answer:
        """Send a modal, and wait for all that the bot makes of it: on a slow machine the modal
        says first that it is being worked on."""
        answer = await self.office.submit(modal, user, values)
        await self.settled()
        return answer

    async def settled(self) -> None:
        """Wait for all that the bot makes of what was pressed or sent."""
        while len(self.bot.slack.desk.in_flight):  # noqa: ASYNC110 - nothing tells of its end
            await asyncio.sleep(0.01)

    async def rules(self) -> list[Rule]:
        """The budgets and floors in the ledger."""
        async with self.store.reading() as reading:
            return list(await reading.rules())

    async def changes(self) -> list[AuditEntry]:
        """The audit trail, oldest first."""
        async with self.store.reading() as reading:
            return list(await reading.audit(SINCE))[::-1]


async def pressed_open(
    stage: Stage,
    where: Message | View,
    action: str,
    user: str,
    value: str | None = None,
    filled: Mapping[str, Any] | None = None,
) -> View:
    """The modal that a press opened: the Home tab may be published at the same time."""
    person = stage.office.person(user)
    before = list(person.modals)
    await stage.office.press(where, action, user, value, filled=filled)
    for _ in range(160):
        if person.modal is not None and person.modal not in before:
            return person.modal
        await asyncio.sleep(0.05)
    raise AssertionError(f"{action} opened nothing")


async def form_opened(
    stage: Stage, where: Message | View, action: str, user: str, value: str | None = None
) -> View:
    """The form that a press opened: on a slow machine its modal says first that it is being worked
    on."""
    modal = await pressed_open(stage, where, action, user, value)
    for _ in range(160):
        if modal.content.get("submit"):
            return modal
        await asyncio.sleep(0.05)
    raise AssertionError(f"{action} opened no form")


OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that holds a year of both vendors."""
    folder = tmp_path_factory.mktemp("filled")
    clock = DemoClock(NOW)

    async def fill() -> None:
        async with simulated_vendors(World(SEED, clock)) as vendors:
            environment = {**vendors.environment, "DATABASE_URL": f"sqlite:///{folder}/ledger.db"}
            settings = settings_of(environment, folder, QUICK)
            async with open_house(settings, clock) as house:
                await house.sync().round(silent, None)

    asyncio.run(fill())
    return folder / "ledger.db"


@pytest.fixture
def open_stage(filled: Path, tmp_path: Path, intervals: Intervals) -> OpenStage:
    """Opens a stage; keywords set variables, `app` gives the installation."""

    @asynccontextmanager
    async def opened(
        app: Installation | None = None, toml: str = "", **variables: str
    ) -> AsyncIterator[Stage]:
        clock = DemoClock(NOW)
        shutil.copy(filled, tmp_path / "ledger.db")
        (tmp_path / "aicost.toml").write_text(toml, encoding="utf-8")
        async with (
            simulated_vendors(World(SEED, clock)) as vendors,
            serve_slack(small_office(clock, app, render=plain_text)) as slack,
        ):
            environment = {
                **vendors.environment,
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "AICOST_MANAGERS": MANAGER,
                "AICOST_SYNC_EVERY": "1h",
                "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
                "PORT": "0",
                **variables,
            }
            settings = settings_of(environment, tmp_path, intervals)
            async with serving(settings, clock, "127.0.0.1") as bot:
                await slack.connected()
                yield Stage(slack.workspace, slack, bot, clock, vendors)

    return opened


@pytest.fixture
async def stage(open_stage: OpenStage) -> AsyncIterator[Stage]:
    """A stage with the small office and every scope."""
    async with open_stage() as opened:
        yield opened
