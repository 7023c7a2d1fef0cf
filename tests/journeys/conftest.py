"""A made-up team's vendors over real HTTP, and the house that reads them, on a movable clock."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import House, open_house
from bot.commands.printing import answer_json
from bot.settings.settings import settings_of
from bot.sync.report import RoundReport, silent
from simulators.clock import DemoClock
from simulators.vendors import Vendors, simulated_vendors
from simulators.world import World
from tests.quick import QUICK

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Team:
    """The vendors, and one process of aicost beside them."""

    vendors: Vendors
    house: House
    clock: DemoClock

    async def sync(self, since: date | None = None) -> RoundReport:
        """One sync, as a fresh process makes it."""
        return await self.house.sync().round(silent, since)

    async def ask(self, text: str) -> dict[str, Any]:
        """What `aicost ask TEXT --json` prints."""
        return answer_json(await self.house.answers().answer(text, self.clock()))


OpenTeam = Callable[..., AbstractAsyncContextManager[Team]]


@pytest.fixture
def clock() -> DemoClock:
    """A Tuesday afternoon, standing still."""
    return DemoClock(NOW)


@pytest.fixture
async def vendors(clock: DemoClock) -> AsyncIterator[Vendors]:
    """Both vendors, well."""
    async with simulated_vendors(World("journeys", clock)) as running:
        yield running


@pytest.fixture
def open_team(vendors: Vendors, clock: DemoClock, tmp_path: Path) -> OpenTeam:
    """Open a house on an empty ledger beside the vendors; keywords set variables, None unsets."""

    @asynccontextmanager
    async def opened(**variables: str | None) -> AsyncIterator[Team]:
        environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db", **vendors.environment}
        environment.update({name: value for name, value in variables.items() if value})
        for name in (name for name, value in variables.items() if value is None):
            del environment[name]
        settings = settings_of(environment, tmp_path, QUICK)
        async with open_house(settings, clock) as house:
            yield Team(vendors, house, clock)

    return opened


@pytest.fixture
async def team(open_team: OpenTeam) -> AsyncIterator[Team]:
    """Both connections, with keys that may see everything."""
    async with open_team() as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Awaitable[Finished]]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Run `aicost` as a process of its own in an empty folder, with these variables and no others;
    it must not show a traceback or a key, whatever happens."""

    async def run(*words: str, stdin: str = "", **variables: str) -> Finished:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).parent / "aicost",
            *words,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", **variables},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 60)
        shown = out.decode() + err.decode()
        assert "Traceback" not in shown, shown
        for name, value in variables.items():
            if name.endswith(("_KEY", "_TOKEN", "_SECRET")) and len(value) > 12:
                assert value not in shown, name
        return Finished(process.returncode or 0, out.decode(), err.decode())

    return run
