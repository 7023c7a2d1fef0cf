"""`aicost backup` and `aicost restore`: nothing is lost, and nothing is posted twice."""

import sqlite3
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from bot.budgets.models import LowBalanceRule
from bot.budgets.repository import RuleRepository
from bot.db.address import parse
from bot.db.migrating import migrate
from bot.db.models import Lease, Rule, Table
from bot.db.schema import current_revision
from bot.scope import Scope
from providers.period import DAY
from simulators import faults
from simulators.clock import DemoClock
from simulators.slack.office import COSTS, MANAGER
from tests.e2e.conftest import Cli
from tests.harness import Harness, start


@pytest.fixture
def clock() -> DemoClock:
    """The present: commands know no other time."""
    return DemoClock(datetime.now(UTC))


@pytest.fixture
async def simulators(tmp_path: Path, clock: DemoClock, database_url: str) -> AsyncIterator[Harness]:
    """Simulators, and a ledger of each kind that has read a few days."""
    variables = {"DATABASE_URL": database_url}
    async with start(tmp_path, clock, variables) as harness, harness.app() as app:
        await app.sync_nothing_before(clock().date() - DAY * 3)
        yield harness


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def set_low_balance(harness: Harness) -> None:
    """Save a rule that is crossed, and has not been evaluated yet."""
    async with harness.app() as app, app.database.writing() as session:
        low = LowBalanceRule(Decimal(1_000_000), None)
        scope = Scope("provider", "openrouter")
        await RuleRepository(session).save(Rule.of(scope, low, COSTS, MANAGER, app.clock()))


def rows_of(url: str) -> dict[str, list[Any]]:
    """Every row of every table but leases, which belong to processes."""
    engine = create_engine(parse(url))
    try:
        with engine.connect() as connection:
            return {
                table.name: [
                    tuple(row)
                    for row in connection.execute(
                        select(table).order_by(*table.primary_key.columns)
                    )
                ]
                for table in Table.metadata.sorted_tables
                if table.name != Lease.__tablename__
            }
    finally:
        engine.dispose()


async def test_a_restored_backup_posts_nothing_again(
    simulators: Harness, cli: Cli, tmp_path: Path
) -> None:
    """Saved while a bot runs, restored once it has stopped: what was posted after the backup is an
    open alert, and isn't posted again; budgets set after it are gone."""
    await set_low_balance(simulators)
    async with simulators.run():
        saved = await cli("backup", "saved.db", **simulators.variables)
        assert saved.code == 0, saved.err
        assert stat.S_IMODE((tmp_path / "saved.db").stat().st_mode) == 0o600
        await simulators.sync()
        assert len(simulators.posted()) == 1
        await simulators.slack.say(MANAGER, COSTS, "/aicost budget set openai 900000 monthly")
        running = await cli("restore", "saved.db", "--replace", **simulators.variables)
        assert running.code == 1
        assert "Stop them first." in running.err

    kept = await cli("restore", "saved.db", **simulators.variables)
    assert kept.code == 1
    assert "Add --replace" in kept.err
    done = await cli("restore", "saved.db", "--replace", **simulators.variables)
    assert done.code == 0, done.out + done.err
    assert "1 message won't be posted." in done.out
    async with simulators.run():
        await simulators.sync()
        assert len(simulators.posted()) == 1
        [rule] = await simulators.rules()
        assert isinstance(rule.target, LowBalanceRule)
        assert "OpenRouter" in await simulators.ask("alerts list")
        await simulators.slack.say(MANAGER, COSTS, "/aicost budget set openai 900000 monthly")
        assert [each.id for each in await simulators.rules()] == [1, 2]


async def test_posting_again_is_for_who_asks(simulators: Harness, cli: Cli) -> None:
    """With `--post` no provider is read, and the bot posts what is crossed."""
    await set_low_balance(simulators)
    assert (await cli("backup", "saved.db", **simulators.variables)).code == 0
    async with simulators.run():
        await simulators.sync()
    done = await cli("restore", "saved.db", "--replace", "--post", **simulators.variables)
    assert done.code == 0, done.err
    assert "synced" not in done.out
    async with simulators.run():
        await simulators.sync()
        assert len(simulators.posted()) == 2


async def test_what_cannot_be_read_stops_a_restore(simulators: Harness, cli: Cli) -> None:
    """Without every figure it isn't known what is crossed: the database stays as it is."""
    assert (await cli("backup", "saved.db", **simulators.variables)).code == 0
    await set_low_balance(simulators)
    url = simulators.variables["DATABASE_URL"]
    before = rows_of(url)
    simulators.providers.openai.faults.add(faults.status(401, "No"))
    done = await cli("restore", "saved.db", "--replace", **simulators.variables)
    assert done.code == 1
    assert "Nothing was restored" in done.err
    assert rows_of(url) == before


async def test_a_backup_fits_either_database(
    simulators: Harness, cli: Cli, tmp_path: Path, empty_postgres_url: str
) -> None:
    """Row for row: saved from one kind, restored into PostgreSQL, and saved from there again."""
    await set_low_balance(simulators)
    variables = dict(simulators.variables)
    assert (await cli("backup", "saved.db", **variables)).code == 0
    before = rows_of(variables["DATABASE_URL"])
    assert before["charge"]
    variables["DATABASE_URL"] = empty_postgres_url
    done = await cli("restore", "saved.db", "--post", **variables)
    assert done.code == 0, done.err
    assert rows_of(empty_postgres_url) == before
    assert (await cli("backup", "again.db", **variables)).code == 0
    assert rows_of(f"sqlite:///{tmp_path}/again.db") == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_damaged_database_is_replaced(
    simulators: Harness, cli: Cli, tmp_path: Path
) -> None:
    """A SQLite file that can't be read is no reason not to restore; only with `--replace`."""
    assert (await cli("backup", "saved.db", **simulators.variables)).code == 0
    before = rows_of(simulators.variables["DATABASE_URL"])
    (tmp_path / "ledger.db").write_bytes(b"no database" * 1000)
    for end in ("-wal", "-shm"):
        (tmp_path / f"ledger.db{end}").unlink(missing_ok=True)
    kept = await cli("restore", "saved.db", "--post", **simulators.variables)
    assert kept.code == 2
    done = await cli("restore", "saved.db", "--post", "--replace", **simulators.variables)
    assert done.code == 0, done.err
    assert rows_of(simulators.variables["DATABASE_URL"]) == before
    assert stat.S_IMODE((tmp_path / "ledger.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"-- PostgreSQL database dump\n", None])
async def test_what_is_no_backup_is_refused(
    cli: Cli, tmp_path: Path, content: bytes | None
) -> None:
    """An empty file, a dump of PostgreSQL, another program's database: nothing is made of it."""
    file = tmp_path / "strange"
    if content is None:
        with sqlite3.connect(file) as other:
            other.execute("CREATE TABLE songs (name)")
    else:
        file.write_bytes(content)
    done = await cli("restore", "strange", OPENAI_ADMIN_KEY="sk-admin-x")
    assert done.code == 2
    assert "isn't a readable backup of aicost" in done.err
    assert not (tmp_path / "aicost.db").exists()


async def test_a_backup_upgrades_nothing(cli: Cli, tmp_path: Path, empty_database_url: str) -> None:
    """An earlier version's file is saved as it is, to go back to; of PostgreSQL, which is saved row
    for row, only this version's tables are."""
    migrate(empty_database_url, "0010")
    done = await cli("backup", "saved.db", DATABASE_URL=empty_database_url)
    assert current_revision(empty_database_url) == "0010"
    if empty_database_url.startswith("sqlite"):
        assert done.code == 0, done.err
        assert current_revision(f"sqlite:///{tmp_path}/saved.db") == "0010"
    else:
        assert done.code == 2
        assert "or run `aicost db upgrade` first" in done.err
        assert not (tmp_path / "saved.db").exists()


async def test_a_backup_overwrites_nothing(cli: Cli, tmp_path: Path) -> None:
    """Neither a file that is there, nor does it make a database to save it."""
    none = await cli("backup", "saved.db")
    assert none.code == 2
    assert "There is nothing to back up." in none.err
    assert files(tmp_path) == set()
    assert (await cli("db", "upgrade")).code == 0
    (tmp_path / "saved.db").write_text("mine")
    done = await cli("backup", "saved.db")
    assert done.code == 2
    assert "already exists" in done.err
    assert (tmp_path / "saved.db").read_text() == "mine"
    assert files(tmp_path) == {"aicost.db", "saved.db"}
    nowhere = await cli("backup", "no/such/folder.db")
    assert nowhere.code == 2
    assert "can't be written" in nowhere.err
