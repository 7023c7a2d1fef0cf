"""The team whose alerts are tried, and the running bot next to it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.db.database import Database, open_database
from tests.budgets.budget_harness import BudgetHarness
from tests.budgets.harness import AlertHarness, deliver_alerts
from tests.conftest import CONNECTIONS


@pytest.fixture
async def team(database: Database) -> BudgetHarness:
    """A team with nothing spent yet, its ledger read once."""
    made = BudgetHarness(database)
    await made.sync()
    return made


@pytest.fixture
async def alerting(sqlite_url: str) -> AsyncIterator[AlertHarness]:
    """A team with nothing spent yet, and its Slack."""
    database = await open_database(sqlite_url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC))
    team = BudgetHarness(database)
    await team.sync()
    async with deliver_alerts(team) as opened:
        yield opened
    await database.close()
