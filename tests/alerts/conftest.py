"""The team whose alerts are tried."""

import pytest

from bot.store.store import SqlStore
from tests.alerts.team import Team


@pytest.fixture
async def team(store: SqlStore) -> Team:
    """A team with nothing spent yet, its ledger read once."""
    made = Team(store)
    await made.sync()
    return made
