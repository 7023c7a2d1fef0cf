"""Connections to the database, and what a transaction means on each of the two kinds."""

from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.address import for_asyncio, is_sqlite

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
WRITER_LOCK = 0x61_69_63_6F_73_74
"""PostgreSQL's advisory lock that one writer at a time holds."""


def connect_arguments(url: URL) -> dict[str, Any]:
    """How long to wait: for a lock on the file, or for the server."""
    if is_sqlite(url):
        return {"timeout": BUSY_SECONDS}
    return {"connect_timeout": CONNECT_SECONDS, "application_name": "aicost"}


def make_engine(url: URL) -> AsyncEngine:
    """An engine whose plain transactions read one consistent state and wait for no writer."""
    engine = create_async_engine(
        for_asyncio(url),
        connect_args=connect_arguments(url),
        hide_parameters=True,
        pool_pre_ping=not is_sqlite(url),
    )
    if is_sqlite(url):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    event.listen(engine.sync_engine, "begin", _begin_postgresql)
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


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("aicost_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("aicost_writes"):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})
