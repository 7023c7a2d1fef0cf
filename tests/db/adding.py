"""A process of its own that reads, thinks and writes."""

import asyncio
from datetime import UTC, datetime
from typing import NamedTuple

from bot.db.database import open_database
from bot.ledger.models import ConfiguredConnection
from bot.ledger.repository import LedgerRepository
from providers.models import PrepaidBalance

NOW = datetime(2026, 11, 20, tzinfo=UTC)
OPENROUTER = ConfiguredConnection("openrouter", "openrouter", "OpenRouter", "prepaid", 2)


class Adding(NamedTuple):
    """Which database, and how often."""

    url: str
    times: int


def add_ones(task: Adding) -> None:
    """Add one to the balance, so many times."""
    asyncio.run(_add_ones(*task))


async def _add_ones(url: str, times: int) -> None:
    database = await open_database(url, [OPENROUTER], NOW)
    for _ in range(times):
        async with database.writing() as session:
            known = await LedgerRepository(session).latest_balance("openrouter")
            assert known is not None
            more = known.remaining + 1
            read = PrepaidBalance(more, more, more)
            await LedgerRepository(session).add_balance("openrouter", read, NOW)
    await database.close()
