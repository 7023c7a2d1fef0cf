"""Database connections and transactions on SQLite and PostgreSQL."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.db.address import for_asyncio, is_sqlite


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each wait, and the number of connections."""

    connections: int
    connection: float
    """For a free connection."""
    lock: float
    """For a lock that another process holds."""
    server: int
    """For the server to accept a new connection."""
    turn: float | None
    """For other writers of this process; None: without limit."""


WRITER_LOCK = 0x61_69_63_6F_73_74
"""PostgreSQL's advisory lock; one writer at a time holds it."""


def for_jobs(seconds: float) -> Timeouts:
    """Return the waits for work that no user waits for, with `seconds` for each."""
    return Timeouts(connections=15, connection=seconds, lock=seconds, server=10, turn=None)


def for_people(seconds: float) -> Timeouts:
    """Return the waits for requests of users, with `seconds` for each."""
    return Timeouts(connections=5, connection=seconds, lock=seconds, server=5, turn=seconds)


def connect_arguments(url: URL, timeouts: Timeouts) -> dict[str, Any]:
    """Return the driver's arguments with its waits: for a lock on the file, or for the server."""
    if is_sqlite(url):
        return {"timeout": timeouts.lock}
    return {
        "connect_timeout": timeouts.server,
        "application_name": "aicost",
        "client_encoding": "utf8",  # else text of a database in SQL_ASCII arrives as bytes
    }


def make_watch(url: URL, timeouts: Timeouts) -> AsyncEngine:
    """Return an engine with one connection, each statement of which sees the current state."""
    return _engine(url, timeouts, pool_size=1, isolation_level="AUTOCOMMIT")


def make_engine(url: URL, timeouts: Timeouts) -> AsyncEngine:
    """Return an engine whose transactions read one consistent state and wait for no writer.

    Its pool is the queue of the database: first come, first served.
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
    """Return the same connections; each transaction reads the state at its first statement."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def for_writing(engine: AsyncEngine) -> AsyncEngine:
    """Return the same connections; each transaction waits until it is the only writer."""
    return engine.execution_options(aicost_writes=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and too weak
    cursor = connection.cursor()
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
