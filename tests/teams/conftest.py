"""A ledger of one postpaid and one prepaid connection, to fill."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.db.database import Database, open_database
from tests.conftest import CONNECTIONS


@pytest.fixture
async def ledger(sqlite_url: str) -> AsyncIterator[Database]:
    """An empty ledger."""
    opened = await open_database(sqlite_url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC))
    yield opened
    await opened.close()
