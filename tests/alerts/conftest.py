"""The team whose alerts are tried, and the running bot beside it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.store.store import SqlStore, open_store
from tests.alerts.team import Team
from tests.conftest import CONNECTIONS
from tests.deliveries.office import Office, open_office


@pytest.fixture
async def team(store: SqlStore) -> Team:
    """A team with nothing spent yet, its ledger read once."""
    made = Team(store)
    await made.sync()
    return made


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    """A team with nothing spent yet, and its Slack."""
    store = await open_store(sqlite_url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC))
    team = Team(store)
    await team.sync()
    async with open_office(team) as opened:
        yield opened
    await store.close()
