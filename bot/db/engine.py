"""Connections to the database, and what a transaction means on each of the two kinds."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.db.address import for_asyncio, is_sqlite


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How many seconds each wait may take, and how many connections there are."""

    connections: int
    connection: float
    """For a connection that is not in use."""
    lock: float
    """For another process that holds what is needed."""
    server: int
    """For the server to accept a new connection."""
    turn: float | None
    """For others of this process that write; None: as long as it takes."""


BACKGROUND = Timeouts(connections=15, connection=30, lock=30, server=10, turn=None)
"""For what nobody waits for."""
WRITER_LOCK = 0x61_69_63_6F_73_74
"""PostgreSQL's advisory lock that one writer at a time holds."""


def for_people(seconds: float) -> Timeouts:
    """Return the waits for what a user waits for, with so many seconds for each."""
    return Timeouts(connections=5, connection=seconds, lock=seconds, server=5, turn=seconds)


def connect_arguments(url: URL, timeouts: Timeouts) -> dict[str, Any]:
    """How long to wait: for a lock on the file, or for the server."""
    if is_sqlite(url):
        return {"timeout": timeouts.lock}
    return {"connect_timeout": timeouts.server, "application_name": "aicost"}


def make_watch(url: URL, timeouts: Timeouts) -> AsyncEngine:
    """An engine of one connection, each statement on which sees the state at its moment."""
    return _engine(url, timeouts, pool_size=1, isolation_level="AUTOCOMMIT")


def make_engine(url: URL, timeouts: Timeouts) -> AsyncEngine:
    """An engine whose plain transactions read one consistent state and wait for no writer.

    Its pool is the queue in front of the database: first come, first served.
    """
    engine = _engine(url, timeouts, pool_size=timeouts.connections)
    begin = _begin_sqlite if is_sqlite(url) else _begin_postgresql
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def _engine(url: URL, timeouts: Timeouts, **options: Any) -> AsyncEngine:
    engine = create_async_engine(
        for_asyncio(url),
        connect_args=connect_arguments(url, timeouts),
        hide_parameters=True,
        pool_pre_ping=not is_sqlite(url),
        max_overflow=0,
        pool_timeout=timeouts.connection,
        **options,
    )
    if is_sqlite(url):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    elif timeouts.turn is not None:
        event.listen(engine.sync_engine, "connect", partial(_be_impatient, timeouts.lock))
    return engine


def for_reading(engine: AsyncEngine) -> AsyncEngine:
    """The same connections; each transaction reads the state at its first statement."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def for_writing(engine: AsyncEngine) -> AsyncEngine:
    """The same connections; each transaction waits until it is the only one that writes."""
    return engine.execution_options(aicost_writes=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and too weak
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _be_impatient(seconds: float, connection: Any, _record: object) -> None:
    milliseconds = int(seconds * 1000)
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = {milliseconds}")
    cursor.execute(f"SET statement_timeout = {2 * milliseconds}")
    cursor.close()
    connection.commit()  # else the settings end with the first transaction that is rolled back


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("aicost_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("aicost_writes"):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})
