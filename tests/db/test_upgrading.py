"""An upgrade of an earlier version's database with a large ledger: everything is kept; and one that
fails or is killed leaves the database as it was."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.db.address import parse
from bot.db.errors import DatabaseUnavailable
from bot.db.migrating import differences, migrate
from bot.db.schema import current_revision, head_revision, revisions, upgrade
from tests.db.test_schema import described, execute
from tests.harness.processes import Processes

EARLIER = revisions()[:-1]
DAYS = 400
A_DAY = 500
"""Charges of each day in a large ledger; each is in three breakdowns."""
LARGEST = 9_007_199_254_740_993
"""Not a number that a float holds."""
BASE = "2025-10-01"


def fill(url: str, days: int, a_day: int) -> None:
    """Fill a ledger of any version with charges, and with a budget and its alert where that version
    has them."""
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
        if inspect(connection).has_table("rule"):
            _fill_rules(connection)
    engine.dispose()


def _fill_rules(connection: Connection) -> None:
    at = "'2026-10-01 00:00:00'"
    connection.execute(
        text(
            "INSERT INTO rule (id, version, scope_kind, channel, amount, period, thresholds,"
            " forecast_thresholds, mentions, is_end_quiet, made_by, made_at, changed_at,"
            f" snoozed_level) VALUES (1, 1, 'all', 'C1', {LARGEST}, 'monthly', '[50]', '[]', '[]',"
            f" false, 'U1', {at}, {at}, 0)"
        )
    )
    connection.execute(
        text(
            "INSERT INTO digest (id, channel, scope_kind, cadence, depth, local_time, days, zone,"
            " made_by, made_at, changed_by, changed_at, is_sharing_allowed) VALUES (1, 'C1',"
            f" 'all', 'daily', 'full', '09:00:00', '[0]', 'UTC', 'U1', {at}, 'U1', {at}, false)"
        )
    )


def sums(url: str) -> Mapping[str, tuple[Any, ...]]:
    """Return what there is of each table that every version has, and of rules and digests."""
    queries = {
        "charge": "SELECT count(*), sum(effective_cost), min(day), max(day) FROM charge",
        "breakdown": "SELECT count(*), sum(effective_cost), min(cut), max(cut) FROM breakdown",
        "rule": "SELECT count(*), sum(amount), min(channel), max(thresholds) FROM rule",
        "digest": "SELECT count(*), min(zone), min(days), max(local_time) FROM digest",
    }
    engine = create_engine(parse(url))
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        found = {
            name: tuple(map(str, connection.execute(text(_castable(query))).one()))
            for name, query in queries.items()
            if name in tables
        }
    engine.dispose()
    return found


def _castable(query: str) -> str:
    return query.replace("thresholds)", "CAST(thresholds AS varchar))").replace(
        "min(days)", "min(CAST(days AS varchar))"
    )


@pytest.mark.slow
@pytest.mark.parametrize("revision", EARLIER)
def test_a_large_ledger_of_every_earlier_version(empty_database_url: str, revision: str) -> None:
    """200,000 charges and 600,000 rows of breakdowns of the first version, a tenth of that of each
    later one, on both databases: every row and sum is kept, and the tables are those of a new
    database."""
    a_day = A_DAY if revision == EARLIER[0] else A_DAY // 10
    migrate(empty_database_url, revision)
    fill(empty_database_url, DAYS, a_day)
    before = sums(empty_database_url)
    assert before["charge"][0] == str(DAYS * a_day)
    upgrade(empty_database_url)
    assert sums(empty_database_url).items() >= before.items()
    assert differences(empty_database_url) == []
    assert current_revision(empty_database_url) == head_revision()


@pytest.mark.parametrize(
    ("revision", "obstacle"), [("0001", "visibility"), ("0004", "hour"), ("0008", "invoice")]
)
def test_an_upgrade_that_fails_changes_nothing(
    empty_database_url: str, revision: str, obstacle: str
) -> None:
    """Here a later migration finds a table of its name. What the earlier ones did is taken back;
    with the obstacle out of the way, it is done."""
    migrate(empty_database_url, revision)
    fill(empty_database_url, 3, 4)
    execute(empty_database_url, f"CREATE TABLE {obstacle} (place integer)")
    before, rows = described(empty_database_url), sums(empty_database_url)
    with pytest.raises((DBAPIError, DatabaseUnavailable)):
        upgrade(empty_database_url)
    assert current_revision(empty_database_url) == revision
    assert described(empty_database_url) == before
    assert sums(empty_database_url) == rows
    execute(empty_database_url, f"DROP TABLE {obstacle}")
    upgrade(empty_database_url)
    assert sums(empty_database_url).items() >= rows.items()
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
    fill(empty_database_url, 3, 4)
    before, rows = described(empty_database_url), sums(empty_database_url)
    processes, codes = Processes(), []
    try:
        for kill_at in (8, 14, 20):
            task = _Killed(empty_database_url, kill_at)
            codes.append(await processes.ended(processes.start(_upgrade, task)))
            assert described(empty_database_url) == before
    finally:
        await processes.kill_all()
    assert codes == [-signal.SIGKILL] * len(codes)
    upgrade(empty_database_url)
    assert sums(empty_database_url).items() >= rows.items()
    assert differences(empty_database_url) == []
