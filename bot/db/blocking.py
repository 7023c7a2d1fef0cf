"""Transactions of their own for what is done to the schema as a whole; they block.

Their engine is not the app's: it must not enforce foreign keys while a table is rebuilt (SQLite
would delete the children of each row), and one transaction holds a whole upgrade.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from bot.db.address import explain, is_sqlite
from bot.db.engine import BACKGROUND, connect_arguments

_MIGRATION_LOCK = 0x61_69_63_6F_73_75


def looking(url: URL) -> AbstractContextManager[Connection]:
    """A transaction that waits for no writer. Raises `DatabaseUnavailable`."""
    return _transaction(url, _begin_reading)


def alone(url: URL) -> AbstractContextManager[Connection]:
    """A transaction that no other process is in meanwhile. Raises `DatabaseUnavailable`."""
    return _transaction(url, _begin_alone)


@contextmanager
def _transaction(url: URL, begin: Callable[[Connection], None]) -> Iterator[Connection]:
    engine = create_engine(
        url,
        connect_args=connect_arguments(url, BACKGROUND),
        hide_parameters=True,
        poolclass=NullPool,
    )
    event.listen(engine, "begin", begin)
    if is_sqlite(url):
        event.listen(engine, "connect", _leave_transactions_alone)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if (explained := explain(url, error)) is None:
            raise
        raise explained from error
    finally:
        engine.dispose()


def _leave_transactions_alone(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would commit at the first CREATE TABLE


def _begin_reading(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")


def _begin_alone(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
