"""The database as the rest of the house sees it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col

from bot.ports import ChargeRow
from bot.store import lease, tables
from bot.store.address import explain, parse
from bot.store.configured import ConfiguredConnection
from bot.store.engine import for_reading, for_writing, make_engine
from bot.store.purchases import purchases
from bot.store.reading import SqlReading
from bot.store.schema import head_revision, upgrade
from bot.store.statements import ROWS_AT_ONCE
from bot.store.writing import SqlWriting
from providers.period import Period


async def open_store(
    url: str, connections: Sequence[ConfiguredConnection], now: datetime
) -> "SqlStore":
    """Bring the database to this version, and open it for these connections.

    Raises `StoreError` where it cannot be used. The caller closes it.
    """
    await asyncio.to_thread(upgrade, url)
    store = SqlStore(url)
    try:
        await store.configure(connections, now)
    except BaseException:
        await store.close()
        raise
    return store


class SqlStore:
    """`bot.ports.Store` on SQLite or PostgreSQL.

    A database that does not answer, or cannot be used, is a `StoreError` in every method.
    """

    def __init__(self, url: str) -> None:
        self._url = parse(url)
        self._engine = make_engine(self._url)
        self._configured: Sequence[ConfiguredConnection] = ()
        # Takes turns within this process; the database's own lock does so between processes, but
        # on SQLite by sleeping and trying again, which is neither quick nor fair.
        self._turn = asyncio.Lock()
        self._head = head_revision()

    async def configure(self, connections: Sequence[ConfiguredConnection], now: datetime) -> None:
        """From now on, tell of these connections. Others stay in the ledger, unmentioned."""
        table = tables.Connection
        wanted = {row.name: row for row in connections}
        async with self._look() as connection:
            rows = await connection.execute(select(table).where(col(table.name).in_(list(wanted))))
            known = {
                row.name: ConfiguredConnection(
                    row.name, row.provider, row.title, row.billing, row.settling_days
                )
                for row in rows
            }
        if known != wanted:
            async with self.writing() as writing:
                await writing.put_connections(connections, now)
        self._configured = tuple(connections)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlReading]:
        async with self._look() as connection:
            yield SqlReading(connection, self._configured)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[SqlWriting]:
        async with self._turn, self._transaction(for_writing(self._engine)) as connection:
            yield SqlWriting(connection, self._configured)

    def lease(self, name: str, holder: str, seconds: float) -> AbstractAsyncContextManager[None]:
        """See `bot.ports.Store.lease`. On SQLite, no transaction should take as long as
        `seconds`: nothing can be renewed meanwhile."""
        return lease.hold(self._look, self._touch, name, holder, seconds)

    def once(self, name: str, holder: str) -> AbstractAsyncContextManager[bool]:
        return lease.once(self._look, self._touch, name, holder)

    async def drop_ended_leases(self) -> None:
        """Let go of leases that ran out."""
        await lease.drop_ended(self._touch)

    async def export(self, period: Period) -> AsyncGenerator[ChargeRow, None]:
        """Every charge of the period, by connection, then day, and then every purchase of credit:
        read as it is asked for, from one consistent state."""
        async with self._look() as connection:
            ledger = SqlReading(connection, self._configured)
            declared = {each.connection for each in await ledger.declared()}
            names = [configured.name for configured in self._configured]
            query = _export_query(names, period).execution_options(yield_per=ROWS_AT_ONCE)
            async for rows in (await connection.stream(query)).partitions():
                for row in rows:
                    found = ChargeRow(*row)
                    yield replace(found, billing="prepaid") if row[0] in declared else found
            for purchase in await purchases(connection, self._configured, period):
                yield purchase

    async def is_current(self) -> bool:
        """Whether the database answers and is at this version's schema."""
        async with self._look() as connection:
            found = await connection.execute(text("SELECT version_num FROM alembic_version"))
            return found.scalar() == self._head

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()

    def _look(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._transaction(for_reading(self._engine))

    @asynccontextmanager
    async def _touch(self) -> AsyncIterator[AsyncConnection]:
        """A transaction of one statement, which waits for writers only where it must."""
        if self._engine.dialect.name == "sqlite":
            async with self._turn, self._transaction(for_writing(self._engine)) as connection:
                yield connection
        else:
            async with self._transaction(self._engine) as connection:
                yield connection

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            async with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if (told := explain(self._url, error)) is None:
                raise
            raise told from error


def _export_query(connections: Sequence[str], period: Period) -> Select[*tuple[Any, ...]]:
    charge, connection, name = tables.Charge, tables.Connection, tables.Name
    return (
        select(
            col(charge.connection),
            col(connection.provider),
            col(connection.title),
            col(connection.billing),
            col(charge.day),
            col(charge.sub_account_id),
            col(name.name),
            col(charge.sku_id),
            col(charge.model),
            col(charge.meter),
            col(charge.effective_cost),
            col(charge.byok_estimate),
            col(charge.quantity),
            col(charge.unit),
        )
        .join(connection, col(connection.name) == col(charge.connection))
        .outerjoin(
            name,
            and_(
                col(name.connection) == col(charge.connection),
                col(name.kind) == "project",
                col(name.item_id) == col(charge.sub_account_id),
            ),
        )
        .where(col(charge.connection).in_(connections))
        .where(col(charge.day) >= period.start, col(charge.day) < period.end)
        .order_by(col(charge.connection), col(charge.day), col(charge.position))
    )
