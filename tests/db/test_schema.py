"""Bringing a database to this version's schema, and saying why that cannot be done."""

import asyncio
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from bot.db.address import describe, for_asyncio, parse
from bot.db.database import Database, open_database
from bot.db.errors import DatabaseUnavailable, SchemaTooNew
from bot.db.migrating import differences, migrate
from bot.db.schema import MIGRATIONS, current_revision, head_revision, revisions, upgrade
from bot.ledger.repository import LedgerRepository
from tests.postgres import new_database

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def execute(url: str, *statements: str) -> None:
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_an_empty_database_gets_this_versions_tables(empty_database_url: str) -> None:
    """After an upgrade nothing sets it apart from the tables in the code."""
    assert current_revision(empty_database_url) is None
    upgrade(empty_database_url)
    assert current_revision(empty_database_url) == head_revision()
    assert differences(empty_database_url) == []


def test_the_files_name_the_revisions() -> None:
    """Their names and order are the ones that the migrations go by."""
    walked = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert revisions() == [script.revision for script in walked][::-1]


def described(url: str) -> dict[str, Any]:
    """Every table with all that is in it, whatever the order that it came in."""
    engine = create_engine(parse(url))
    found = inspect(engine)
    tables = {
        name: {
            "columns": {
                column["name"]: (
                    repr(column["type"].as_generic()),
                    column["nullable"],
                    column["default"],
                )
                for column in found.get_columns(name)
            },
            "key": found.get_pk_constraint(name),
            "foreign": sorted(found.get_foreign_keys(name), key=repr),
            "unique": sorted(found.get_unique_constraints(name), key=repr),
            "indexes": sorted(found.get_indexes(name), key=repr),
            "options": found.get_table_options(name),
        }
        for name in found.get_table_names()
    }
    engine.dispose()
    return tables


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_new_database_is_what_the_migrations_make(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Table by table: columns, keys, indexes, and how rows are kept."""
    if kind == "sqlite":
        made, migrated = f"sqlite:///{tmp_path}/made.db", f"sqlite:///{tmp_path}/migrated.db"
    else:
        server = request.getfixturevalue("postgres_server")
        made, migrated = new_database(server), new_database(server)
    upgrade(made)
    migrate(migrated)
    assert current_revision(made) == current_revision(migrated)
    assert described(made) == described(migrated)


def test_several_processes_may_upgrade_at_once(empty_database_url: str) -> None:
    """Replicas start together; one does it, the others find it done."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [empty_database_url] * 4))
    assert differences(empty_database_url) == []


def test_a_file_gets_its_log_after_another_change(empty_sqlite_url: str) -> None:
    """SQLite refuses a write-ahead log at once while somebody writes, as another that starts."""
    upgrade(empty_sqlite_url)
    engine = create_engine(parse(empty_sqlite_url), poolclass=NullPool)
    with engine.connect() as connection, ThreadPoolExecutor(1) as pool:
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgraded = pool.submit(upgrade, empty_sqlite_url)
        assert not wait([upgraded], timeout=0.05).done
        connection.rollback()
        assert upgraded.result() is None
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_an_upgrade_does_not_wait_for_a_writer_where_nothing_is_to_be_done(
    empty_sqlite_url: str,
) -> None:
    """A command that only asks is not held up by a sync."""
    upgrade(empty_sqlite_url)
    engine = create_engine(parse(empty_sqlite_url))
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(empty_sqlite_url)
    engine.dispose()


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    """It says which way out there is, and changes nothing."""
    upgrade(database_url)
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="newer version of aicost"):
        await open_database(database_url, [], NOW)
    assert current_revision(database_url) == "9999"


async def test_a_store_knows_whether_it_is_current(database: Database, database_url: str) -> None:
    """Readiness turns when someone else moves the schema on."""
    assert await database.is_current()
    await asyncio.to_thread(
        execute, database_url, "UPDATE alembic_version SET version_num = '9999'"
    )
    assert not await database.is_current()


async def test_a_server_that_went_away_is_a_readable_error(
    postgres_server: str, postgres_url: str
) -> None:
    """In the middle of things too, and the store is itself again when the server is."""
    database = await open_database(postgres_url, [], NOW)
    name = parse(postgres_url).database
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"

    async def be_cut_off() -> None:
        async with database.reading() as session:
            await asyncio.to_thread(execute, postgres_server, end)
            await LedgerRepository(session).connections()

    with pytest.raises(DatabaseUnavailable, match="doesn't answer"):
        await be_cut_off()
    async with database.reading() as session:
        assert await LedgerRepository(session).connections() == []
    await database.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////nowhere/at/all/x.db", "can't be opened"),
        ("sqlite://", "in-memory"),
        ("sqlite:///:memory:", "in-memory"),
        ("mysql://u:hunter2@db/x", "uses mysql"),
        ("aicost.db", "isn't the URL of a database"),
        ("postgresql://u:hunter2@127.0.0.1:1/x", "doesn't answer"),
        ("postgresql://u:hunter2@127.0.0.1:port/x", "isn't the URL of a database"),
    ],
)
async def test_a_database_that_cannot_be_had_is_named_in_words(url: str, says: str) -> None:
    """What is wrong and what to do about it, without the password."""
    with pytest.raises(DatabaseUnavailable, match=says) as caught:
        await open_database(url, [], NOW)
    assert caught.value.remedy
    assert "hunter2" not in str(caught.value) + caught.value.remedy


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """Someone's notes are not overwritten."""
    notes = tmp_path / "notes.txt"
    notes.write_text("remember the milk\n" * 200)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        await open_database(f"sqlite:///{notes}", [], NOW)
    assert notes.read_text().startswith("remember the milk")


async def test_a_missing_database_or_user_is_distinguished_from_a_dead_server(
    postgres_server: str,
) -> None:
    """The server answers; it is the name that is wrong."""
    for url in (
        postgres_server.replace("/postgres?", "/nowhere?"),
        postgres_server.replace("//postgres:", "//nobody:"),
    ):
        with pytest.raises(DatabaseUnavailable, match="doesn't exist, or its user doesn't"):
            await open_database(url, [], NOW)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite"),
        ("postgres://db/x", "postgresql+psycopg"),
        ("postgresql://u:p@db:5433/x?sslmode=require", "postgresql+psycopg"),
        ("postgresql+asyncpg://db/x", "postgresql+psycopg"),
    ],
)
def test_urls_come_without_a_driver_or_with_any(url: str, driver: str) -> None:
    """The project has its own drivers."""
    assert for_asyncio(parse(url)).drivername == driver


def test_a_database_is_named_without_user_or_password() -> None:
    """As in logs and in Slack."""
    shown = describe(parse("postgres://ann:hunter2@db.example:5433/aicost?sslpassword=hunter2"))
    assert shown == "The PostgreSQL database aicost at db.example:5433"
