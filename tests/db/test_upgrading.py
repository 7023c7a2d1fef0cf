"""An upgrade of an earlier version's database with a large ledger: everything is kept; and one that
fails or is killed leaves the database as it was."""

import os
import signal
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from bot.db.address import parse
from bot.db.errors import DatabaseUnavailable
from bot.db.migrating import differences, migrate
from bot.db.schema import current_revision, head_revision, revisions, upgrade
from tests.db.rows import LARGEST, MARK, Rows, definitions, fill_each_table, rows_of, tables_of
from tests.db.test_schema import execute
from tests.harness.processes import Processes

EARLIER = revisions()[:-1]
DAYS = 400
A_DAY = 500
"""Charges of each day in a large ledger; each is in three breakdowns."""
BASE = "2025-10-01"


def fill(url: str, days: int, a_day: int) -> None:
    """Fill a ledger of any version with charges and breakdowns."""
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO connection (name, provider, title, billing, settling_days, added_at)"
                " VALUES ('openai', 'openai', 'OpenAI', 'postpaid', 3, '2025-10-01 00:00:00')"
            )
        )
        day = "CAST(:base AS date) + d.n"
        if connection.dialect.name == "sqlite":
            day = "date(:base, '+' || d.n || ' days')"
        numbers = (
            "WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n < :days - 1),"
            " p(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM p WHERE n < :a_day - 1) "
        )
        size = {"days": days, "a_day": a_day, "base": BASE}
        charges = (
            f"INSERT INTO charge (connection, day, position, model, effective_cost, byok_estimate)"
            f" {numbers} SELECT 'openai', {day}, p.n, 'gpt-' || p.n, d.n * 1000003 + p.n, 0"
            " FROM d CROSS JOIN p"
        )
        connection.execute(text(charges), size)
        for cut in ("key", "model", "project"):
            breakdown = (
                f"INSERT INTO breakdown (connection, cut, day, position, item_id, effective_cost)"
                f" {numbers} SELECT 'openai', '{cut}', {day}, p.n, 'i' || p.n, d.n * 7 + p.n"
                " FROM d CROSS JOIN p"
            )
            connection.execute(text(breakdown), size)
        connection.execute(text(f"UPDATE charge SET effective_cost = {LARGEST} WHERE position = 0"))
    engine.dispose()


def sums(url: str) -> list[tuple[Any, ...]]:
    """Return the number and sums of charges and breakdowns."""
    engine = create_engine(parse(url))
    with engine.connect() as connection:
        found = [
            tuple(map(str, connection.execute(text(query)).one()))
            for query in (
                "SELECT count(*), sum(effective_cost), min(day), max(day) FROM charge",
                "SELECT count(*), sum(effective_cost), min(cut), max(cut) FROM breakdown",
            )
        ]
    engine.dispose()
    return found


@pytest.mark.slow
def test_a_large_ledger_of_the_first_version(empty_database_url: str) -> None:
    """200,000 charges and 600,000 rows of breakdowns, on both databases: every row and sum is kept
    by each migration there is, and the tables are those of a new database."""
    migrate(empty_database_url, EARLIER[0])
    fill(empty_database_url, DAYS, A_DAY)
    before = sums(empty_database_url)
    assert before[0][0] == str(DAYS * A_DAY)
    upgrade(empty_database_url)
    assert sums(empty_database_url) == before
    assert differences(empty_database_url) == []
    assert current_revision(empty_database_url) == head_revision()


REMOVED = {"forecast", "delivery.leased_until"}
"""Tables and columns that a later version no longer has."""


def assert_kept(url: str, before: Rows) -> None:
    """Check that every row is there with all its values."""
    after = rows_of(url)
    for table, rows in before.items():
        if table in REMOVED:
            continue
        for old, new in zip(rows, after[table], strict=True):
            kept = {k: v for k, v in old.items() if f"{table}.{k}" not in REMOVED}
            assert new.items() >= kept.items(), table


def refuse_last_step(url: str) -> str:
    """Let the database refuse to note this version's revision, which is the last statement of an
    upgrade. Return what lets it again."""
    is_last = f"version_num = '{head_revision()}'"
    if url.startswith("sqlite"):
        make = f"CREATE TRIGGER last_step BEFORE UPDATE ON {MARK} WHEN new.{is_last} BEGIN"
        execute(url, f"{make} SELECT raise(ABORT, 'refused'); END")
        return "DROP TRIGGER last_step"
    execute(url, f"ALTER TABLE {MARK} ADD CONSTRAINT last_step CHECK (NOT {is_last})")
    return f"ALTER TABLE {MARK} DROP CONSTRAINT last_step"


ON_EACH = [
    *(("sqlite", revision) for revision in EARLIER),
    *(("postgres", revision) for revision in (EARLIER[0], EARLIER[-1])),
    *(pytest.param("postgres", revision, marks=pytest.mark.slow) for revision in EARLIER[1:-1]),
]
"""The first version's upgrade runs every migration: on PostgreSQL those between are slow."""


@pytest.mark.parametrize(
    ("empty_database_url", "revision"), ON_EACH, indirect=["empty_database_url"]
)
def test_an_upgrade_of_every_earlier_version(empty_database_url: str, revision: str) -> None:
    """One that fails at its last statement leaves tables and rows as they were. The next keeps all
    rows of all tables, and ends with the tables of a new database."""
    migrate(empty_database_url, revision)
    tables = tables_of(empty_database_url)
    fill_each_table(empty_database_url, tables)
    before, rows = definitions(empty_database_url), rows_of(empty_database_url, tables)
    assert all(rows.values())
    allow = refuse_last_step(empty_database_url)
    with pytest.raises((DBAPIError, DatabaseUnavailable)):
        upgrade(empty_database_url)
    assert current_revision(empty_database_url) == revision
    assert rows_of(empty_database_url, tables) == rows
    execute(empty_database_url, allow)
    assert definitions(empty_database_url) == before
    upgrade(empty_database_url)
    assert_kept(empty_database_url, rows)
    assert differences(empty_database_url) == []


@dataclass(frozen=True, slots=True)
class _Killed:
    """An upgrade that dies before a statement, counted from 1."""

    url: str
    kill_at: int


def _upgrade(task: _Killed) -> None:
    reached = 0

    def before_statement(*_: object) -> None:
        nonlocal reached
        reached += 1
        if reached == task.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", before_statement)
    upgrade(task.url)


async def test_an_upgrade_that_is_killed_changes_nothing(empty_database_url: str) -> None:
    """Whichever statement was the last; the next start does it all."""
    migrate(empty_database_url, "0002")
    fill_each_table(empty_database_url)
    before, rows = definitions(empty_database_url), rows_of(empty_database_url)
    processes, codes = Processes(), []
    try:
        for kill_at in (8, 14, 20):
            task = _Killed(empty_database_url, kill_at)
            codes.append(await processes.ended(processes.start(_upgrade, task)))
            assert definitions(empty_database_url) == before
    finally:
        await processes.kill_all()
    assert codes == [-signal.SIGKILL] * len(codes)
    upgrade(empty_database_url)
    assert_kept(empty_database_url, rows)
    assert differences(empty_database_url) == []
