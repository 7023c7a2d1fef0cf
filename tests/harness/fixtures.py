"""What tests get of the harness by name."""

import asyncio
import fcntl
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config.intervals import Intervals
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders
from simulators.quirks import Quirks
from simulators.slack.state import Installation
from tests.harness import LOOKBACK, NOW, App, Harness, start

Start = Callable[..., AbstractAsyncContextManager[Harness]]


def once_a_run(name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that `make` filled once, by the first of the run's workers to need it."""
    root = Path(tempfile.gettempdir())  # of this run alone
    folder, made = root / name, root / f"{name}.made"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def filled_ledger() -> Path:
    """A SQLite ledger that has read all that both providers serve by `NOW`. Copy it."""

    async def fill(folder: Path) -> None:
        async with start(folder, DemoClock(NOW)) as harness, harness.app() as app:
            await app.sync()

    return once_a_run("filled", lambda at: asyncio.run(fill(at))) / "ledger.db"


@pytest.fixture
def clock() -> DemoClock:
    """A Tuesday afternoon, standing still."""
    return DemoClock(NOW)


@pytest.fixture
def lookback() -> timedelta:
    """How far back the simulated providers serve costs. Folders define it again."""
    return LOOKBACK


@pytest.fixture
async def simulators(
    clock: DemoClock, tmp_path: Path, intervals: Intervals, sqlite_url: str, lookback: timedelta
) -> AsyncIterator[Harness]:
    """The simulators, and an empty ledger: nothing runs on them yet."""
    variables, quirks = {"DATABASE_URL": sqlite_url}, Quirks(lookback=lookback)
    async with start(tmp_path, clock, variables, intervals=intervals, quirks=quirks) as started:
        yield started


@pytest.fixture
def providers(simulators: Harness) -> SimulatedProviders:
    """Both providers, with keys that may see everything."""
    return simulators.providers


@pytest.fixture
async def app(simulators: Harness) -> AsyncIterator[App]:
    """What the commands of the terminal stand on: an empty ledger, both providers."""
    async with simulators.app() as opened:
        yield opened


@pytest.fixture
async def synced(filled_ledger: Path, tmp_path: Path, simulators: Harness) -> AsyncIterator[App]:
    """The same on a ledger that has read all that both providers serve by `NOW`: for tests of what
    comes after the first sync."""
    shutil.copy(filled_ledger, tmp_path / "ledger.db")
    async with simulators.app() as opened:
        yield opened


@pytest.fixture
def start_bot(filled_ledger: Path, tmp_path: Path, intervals: Intervals) -> Start:
    """Start a harness with one bot on a ledger that is filled, the clock standing still at
    `NOW`. Keywords in capitals set variables; `toml` is aicost.toml, `installation` the app as it
    is installed in Slack; with `jobs` its periodic jobs run by themselves."""

    @asynccontextmanager
    async def started(
        *,
        jobs: bool = False,
        toml: str = "",
        installation: Installation | None = None,
        **variables: str | None,
    ) -> AsyncIterator[Harness]:
        shutil.copy(filled_ledger, tmp_path / "ledger.db")
        (tmp_path / "aicost.toml").write_text(toml, encoding="utf-8")
        clock = DemoClock(NOW)
        async with (
            start(
                tmp_path, clock, variables, installation=installation, intervals=intervals
            ) as harness,
            harness.run(jobs=jobs),
        ):
            yield harness

    return started


@pytest.fixture
async def harness(start_bot: Start) -> AsyncIterator[Harness]:
    """One bot in Socket Mode on a ledger that is filled; its jobs run when a test says so."""
    async with start_bot() as started:
        yield started
