"""Create and migrate the database's schema. All functions block.

The engine here is not the app's. It must not enforce foreign keys while a table is rebuilt (SQLite
would delete the children of each row), and one transaction contains a whole upgrade.

A new database is created from the tables in the code, and marked as Alembic would do. Alembic costs
a tenth of a second and 7 MiB, so it is imported only if an older database must change.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    create_engine,
    event,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy import Table as CoreTable
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from bot.config.intervals import PRODUCTION
from bot.db.address import (
    describe,
    explain,
    is_empty,
    is_sqlite,
    make_private,
    parse,
    path_of,
    unopenable,
)
from bot.db.engine import connect_arguments, for_jobs
from bot.db.errors import SchemaTooNew
from bot.db.models import Table

_MIGRATION_LOCK = 0x61_69_63_6F_73_75
MIGRATIONS = Path(__file__).parent / "migrations"
_PAUSE = (0.01, 0.1)
"""Seconds, at random, until a refused change is tried again."""


SchemaChange = Literal["created", "upgraded"]
"""What opening a database did to its schema."""


def upgrade(url: str) -> SchemaChange | None:
    """Create the database or migrate it to this version's schema; return which of the two was done.

    Several processes may do so at once. Blocks; raises `DatabaseUnavailable`, or `SchemaTooNew` if
    a newer version has migrated it.
    """
    target = parse(url)
    if (path := path_of(target)) is not None:
        make_private(path)
    change: SchemaChange | None = None
    found = current_revision(url)
    if found is None and _make(target):
        change = "created"
    elif _is_earlier(found or current_revision(url), target):
        from bot.db.migrating import migrate

        migrate(url)
        change = "upgraded"
    if path is not None:
        _log_ahead(target)
    return change


def is_outdated(url: str) -> bool:
    """Return True if the tables are those of an earlier version. Changes nothing. Blocks; raises
    `DatabaseUnavailable`, or `SchemaTooNew` if they are a newer version's."""
    return _is_earlier(current_revision(url), parse(url))


def _is_earlier(found: str | None, url: URL) -> bool:
    if found is None or found == head_revision():
        return False
    if found not in revisions():
        raise SchemaTooNew(
            f"{describe(url)} was written by a newer version of aicost (revision {found}).",
            "Use that version or a newer one, or restore an earlier backup.",
        )
    return True


def missing(url: str) -> str | None:
    """Return what exists instead of a database of aicost, in words; None if there is one. Creates
    nothing. Blocks; raises `DatabaseUnavailable`."""
    target = parse(url)
    path = path_of(target)
    if path is None or not is_empty(path):
        return None if current_revision(url) else f"{describe(target)} has no aicost tables yet."
    if path.exists():
        return f"The file {path} is empty and has no database in it yet."
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise unopenable(target)
    return f"There is no database at {path} yet."


def current_revision(url: str) -> str | None:
    """Return the revision of the database; None if it is empty. Blocks; raises
    `DatabaseUnavailable`."""
    with read_only(parse(url)) as connection:
        return _recorded(connection)


def head_revision() -> str:
    """Return the revision that this version needs."""
    return revisions()[-1]


def revisions() -> list[str]:
    """Return every revision, oldest first, as the migration files are named."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("*_*.py"))


def _make(url: URL) -> bool:
    """Create every table; return False if another process just did."""
    with exclusive(url) as connection:
        if _recorded(connection) is not None:
            return False
        mark = _mark()
        Table.metadata.create_all(connection, checkfirst=False)
        mark.create(connection, checkfirst=True)
        connection.execute(insert(mark).values(version_num=head_revision()))
        return True


def _log_ahead(url: URL) -> None:
    """Have a SQLite file keep a write-ahead log, so that reading waits for no writer. The file
    itself remembers that."""
    with _transaction(url, _use_log):
        pass


def _recorded(connection: Connection) -> str | None:
    mark = _mark()
    if not inspect(connection).has_table(mark.name):
        return None
    return connection.execute(select(mark.c.version_num)).scalar()


def _mark() -> CoreTable:
    """Return Alembic's own table."""
    names = MetaData(naming_convention={"pk": "%(table_name)s_pkc"})
    return CoreTable("alembic_version", names, Column("version_num", String(32), primary_key=True))


def read_only(url: URL) -> AbstractContextManager[Connection]:
    """Return a transaction that waits for no writer. Raises `DatabaseUnavailable`."""
    return _transaction(url, _begin_reading)


def exclusive(url: URL) -> AbstractContextManager[Connection]:
    """Return a transaction that excludes all other processes. Raises `DatabaseUnavailable`."""
    return _transaction(url, _begin_exclusive)


@contextmanager
def _transaction(url: URL, begin: Callable[[Connection], None]) -> Iterator[Connection]:
    engine = create_engine(
        url,
        connect_args=connect_arguments(url, for_jobs(PRODUCTION.job_database)),
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


def _use_log(connection: Connection) -> None:
    start = time.monotonic()
    while True:
        try:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # refused within a transaction
        except OperationalError as error:
            # where others do the same, SQLite refuses at once, without its time-out
            is_locked = "database is locked" in str(error.orig)
            if not is_locked or time.monotonic() - start > PRODUCTION.job_database:
                raise
        else:
            return
        time.sleep(random.uniform(*_PAUSE))  # noqa: S311


def _begin_reading(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")


def _begin_exclusive(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
