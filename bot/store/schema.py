"""The database's schema, and bringing it to this version's.

Alembic has an engine of its own: it must not enforce foreign keys while a table is rebuilt
(SQLite would delete the children of each row), and one transaction holds a whole upgrade.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from bot.store.address import explain, is_sqlite, parse, words
from bot.store.engine import connect_arguments
from bot.store.errors import SchemaTooNew
from bot.store.tables import Table

_MIGRATION_LOCK = 0x61_69_63_6F_73_75


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to that revision; it is made if there is none.

    Several processes may do so at once. Blocks; raises `StoreError`, and `SchemaTooNew` if a newer
    version has been here.
    """
    target = parse(url)
    found = current_revision(url)
    if found == head_revision():
        return
    if found is not None and found not in revisions():
        raise SchemaTooNew(
            f"{words(target)} was written by a newer version of aicost (revision {found}).",
            "Run that version or a newer one, or restore a backup made before it.",
        )
    config = _config()
    with _transaction(target, _begin_alone) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def draft(url: str, name: str, revision: str) -> None:
    """Write a new revision file from what sets a database apart from the tables in the code."""
    config = _config()
    with _transaction(parse(url), _begin_reading) as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=name, rev_id=revision, autogenerate=True)


def current_revision(url: str) -> str | None:
    """The revision that the database is at; None for an empty one. Blocks; raises `StoreError`."""
    with _transaction(parse(url), _begin_reading) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """The revision that this version needs."""
    return _script().get_current_head() or ""


def revisions() -> list[str]:
    """Every revision, oldest first."""
    return [script.revision for script in _script().walk_revisions()][::-1]


def differences(url: str) -> list[Any]:
    """What sets the database apart from the tables in the code, in Alembic's terms."""
    with _transaction(parse(url), _begin_reading) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@contextmanager
def _transaction(url: URL, begin: Callable[[Connection], None]) -> Iterator[Connection]:
    engine = create_engine(
        url, connect_args=connect_arguments(url), hide_parameters=True, poolclass=NullPool
    )
    event.listen(engine, "begin", begin)
    if is_sqlite(url):
        event.listen(engine, "connect", _leave_transactions_alone)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if (told := explain(url, error)) is None:
            raise
        raise told from error
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
