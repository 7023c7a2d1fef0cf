"""The team whose alerts are tried, and the running bot beside it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.store import SqlStore
from tests.alerts.stage import NOW, Stage, fill, open_stage
from tests.alerts.team import Team


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
