"""Ledgers of a made-up team."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.db.database import Database, open_database
from tests.conftest import CONNECTIONS
from tests.digests.digest_ledger import DigestLedger


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Database]:
    """An empty ledger on SQLite."""
    opened = await open_database(sqlite_url, CONNECTIONS, datetime(2026, 1, 1, tzinfo=UTC))
    yield opened
    await opened.close()


@pytest.fixture
async def books(sqlite_store: Database) -> DigestLedger:
    """An empty ledger that can be filled."""
    return DigestLedger(sqlite_store)
