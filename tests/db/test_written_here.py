"""Whether a PostgreSQL database was put back: tests/e2e/test_put_back.py loads real dumps."""

import asyncio

from sqlalchemy import create_engine, text

from bot.db.address import parse
from bot.db.database import Database
from tests.quick import QUICK

ELSEWHERE = (
    "UPDATE lease SET token = pg_current_xact_id()::xid || ' ' || tableoid || ' {}'"
    " WHERE name = 'written here'"
)
"""As if it was written on another timeline: `docs/how-to/backup.md` says what begins one."""
EARLIER, LATER = "00000000", "000000FF"
"""Timelines before and after that of the server, as a recovery and pg_upgrade leave them."""
WITHOUT_TIMELINES = "ALTER FUNCTION pg_walfile_name(pg_lsn) RENAME TO not_for_you"
"""As some services do, which don't let their users ask."""
WITH_TIMELINES = "ALTER FUNCTION not_for_you(pg_lsn) RENAME TO pg_walfile_name"
AGAIN = "UPDATE lease SET token = token WHERE name = 'written here'"
"""As loading a dump does."""


async def test_another_timeline_or_transaction(postgres_url: str) -> None:
    """A recovery begins a later timeline, which a bot that runs accepts: a standby took over then.
    It doesn't accept a dump. pg_upgrade begins with the first timeline again, and is no recovery.
    Nor is a server that says nothing of its timeline."""

    def change(statement: str) -> str:
        engine = create_engine(parse(postgres_url))
        with engine.begin() as connection:
            connection.execute(text(statement))
            token = "SELECT token FROM lease WHERE name = 'written here'"
            written = str(connection.scalar(text(token)))
        engine.dispose()
        return written

    database = Database(postgres_url, intervals=QUICK)
    leases = database.leases
    try:
        assert not await leases.were_put_back()
        await leases.hold_posts(1800, "next")
        assert not await leases.were_put_back()
        await asyncio.to_thread(change, ELSEWHERE.format(LATER))
        assert not await leases.were_put_back()
        await leases.follow_timeline()
        assert not (await asyncio.to_thread(change, "SELECT 1")).endswith(LATER)
        await asyncio.to_thread(change, ELSEWHERE.format(EARLIER))
        assert await leases.were_put_back()
        await leases.follow_timeline()
        assert not await leases.were_put_back()
        await asyncio.to_thread(change, AGAIN)
        await leases.follow_timeline()
        assert await leases.were_put_back()
        await asyncio.to_thread(change, WITHOUT_TIMELINES)
        await leases.release_posts()
        assert not await leases.were_put_back()
        await asyncio.to_thread(change, WITH_TIMELINES)
        assert not await leases.were_put_back()
    finally:
        await database.close()
