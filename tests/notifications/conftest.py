"""An alerting on an SQLite ledger: what Slack does is tried here, not what the database does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.db.database import open_database
from tests.budgets.budget_harness import BudgetHarness
from tests.budgets.harness import AlertHarness, deliver_alerts
from tests.conftest import CONNECTIONS


@pytest.fixture
async def alerting(sqlite_url: str) -> AsyncIterator[AlertHarness]:
    """A team with nothing spent yet, and a budget of $500 in #ai-costs."""
    database = await open_database(sqlite_url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC))
    team = BudgetHarness(database)
    await team.sync()
    async with deliver_alerts(team) as opened:
        await team.budget(500, 50, 100, channel="C0COSTS")
        yield opened
    await database.close()
