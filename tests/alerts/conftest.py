"""The team whose alerts are tried, and the running bot beside it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store.store import SqlStore, open_store
from tests.alerts.stage import NOW, Stage, fill, open_stage
from tests.alerts.team import Team
from tests.conftest import CONNECTIONS
from tests.deliveries.office import Office, open_office


@pytest.fixture
async def team(store: SqlStore) -> Team:
    """A team with nothing spent yet, its ledger read once."""
    made = Team(store)
    await made.sync()
    return made


@pytest.fixture(scope="package")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that holds a year."""
    return asyncio.run(fill(tmp_path_factory.mktemp("filled"), NOW))


@pytest.fixture
async def stage(filled: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The running bot, its clock standing still."""
    async with open_stage(filled, tmp_path, NOW) as opened:
        yield opened


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    """A team with nothing spent yet, and its Slack."""
    store = await open_store(sqlite_url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC))
    team = Team(store)
    await team.sync()
    async with open_office(team) as opened:
        yield opened
    await store.close()
