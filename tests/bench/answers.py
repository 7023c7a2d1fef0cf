"""How long an answer takes from a ledger of a million charges, beside the bare SQL it needs.

The bare SQL is what one would write by hand against the charges to have the figure asked for, run
through the database's own driver. For comparison, the statements that the answer itself runs,
again through the driver, with every row fetched and nothing made of it. Each is the median of some
turns.
"""

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import event

from bot.db.database import Database
from bot.language.names import Vocabulary
from bot.language.parser import parse
from bot.reports.answers import Answers, Question
from bot.reports.router import OPERATOR
from tests.bench.ledger import CONNECTIONS, NOW, ledger
from tests.bench.row import Row, shown
from tests.keeper import postgres_server
from tests.postgres import new_database

CHARGES = int(os.environ.get("BENCH_CHARGES", "1000000"))
TURNS = 15
MONTH = "day >= '2026-11-01' AND day < '2026-11-25'"
BY_HAND = {
    "": f"SELECT connection, SUM(effective_cost) FROM charge WHERE {MONTH} GROUP BY connection",
    "by model": f"SELECT model, SUM(effective_cost) FROM charge WHERE {MONTH} GROUP BY model",
    "by project": "SELECT sub_account_id, SUM(effective_cost) FROM charge"
    f" WHERE {MONTH} GROUP BY sub_account_id",
    "last month by project": "SELECT sub_account_id, SUM(effective_cost) FROM charge"
    " WHERE day >= '2026-10-01' AND day < '2026-11-01' GROUP BY sub_account_id",
    "30d by day": "SELECT day, SUM(effective_cost) FROM charge"
    " WHERE day >= '2026-10-26' AND day < '2026-11-25' GROUP BY day",
    'project "Project 3"': "SELECT SUM(effective_cost) FROM charge"
    f" WHERE sub_account_id = 'proj_{3:024}' AND {MONTH}",
    "model model-3-2026": f"SELECT SUM(effective_cost) FROM charge"
    f" WHERE model = 'model-3-2026' AND {MONTH}",
    "model model-3-2026 by project": "SELECT sub_account_id, SUM(effective_cost) FROM charge"
    f" WHERE model = 'model-3-2026' AND {MONTH} GROUP BY sub_account_id",
    "model model-3-2026 ytd by month": "SELECT day, SUM(effective_cost) FROM charge"
    " WHERE model = 'model-3-2026' AND day >= '2026-01-01' AND day < '2026-11-25' GROUP BY day",
    "2026-01-01..2026-11-24 by model": "SELECT model, SUM(effective_cost) FROM charge"
    " WHERE day >= '2026-01-01' AND day < '2026-11-25' GROUP BY model",
}
"""Texts, and the SQL that tells their main figure."""
BY_BREAKDOWN = {
    "by team": f"SELECT sub_account_id, SUM(effective_cost) FROM charge WHERE {MONTH}"
    " GROUP BY sub_account_id",
    "2026-01-01..2026-11-24 by team": "SELECT sub_account_id, SUM(effective_cost) FROM charge"
    " WHERE day >= '2026-01-01' AND day < '2026-11-25' GROUP BY sub_account_id",
    'team "team 1" ytd by month': "SELECT day, SUM(effective_cost) FROM charge"
    " WHERE day >= '2026-01-01' AND day < '2026-11-25' GROUP BY day",
    "by user": "SELECT item_id, SUM(effective_cost) FROM breakdown"
    f" WHERE cut = 'user' AND {MONTH} GROUP BY item_id",
    "ytd by key": "SELECT item_id, SUM(effective_cost) FROM breakdown"
    " WHERE cut = 'key' AND day >= '2026-01-01' AND day < '2026-11-25' GROUP BY item_id",
}
"""Texts about what charges don't have, keys and users, and the nearest SQL."""
Execute = Callable[[str, Any], object]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, as the driver got it."""

    text: str
    parameters: Any


def report() -> list[Row]:
    """On SQLite and on PostgreSQL."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="aicost-bench-") as folder:
        path = f"{folder}/ledger.db"
        rows += asyncio.run(_measure("SQLite", f"sqlite:///{path}", lambda: _sqlite(path)))
    with postgres_server() as server:
        url = new_database(server)
        rows += asyncio.run(_measure("PostgreSQL", url, lambda: _postgresql(url)))
    return rows


@contextmanager
def _sqlite(path: str) -> Iterator[Execute]:
    connection = sqlite3.connect(path)
    try:
        yield lambda text, parameters: connection.execute(text, parameters).fetchall()
    finally:
        connection.close()


@contextmanager
def _postgresql(url: str) -> Iterator[Execute]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda text, parameters: connection.execute(
            text.encode(), parameters or None
        ).fetchall()


async def _measure(kind: str, url: str, bare: Callable[[], Any]) -> list[Row]:
    rows = []
    begun = time.perf_counter()
    async with ledger(url, CHARGES) as database:
        rows.append(shown(f"{kind}: write {CHARGES:,} charges, s", time.perf_counter() - begun))
        answers = Answers(database)
        with bare() as execute:
            for text, by_hand in {**BY_HAND, **BY_BREAKDOWN}.items():
                statements = await _statements(database, answers, text)
                ours, own, theirs = await _race(answers, text, statements, by_hand, execute)
                name = f"{kind}: /aicost {text}".rstrip()
                is_near = ours <= 2 * theirs or text in BY_BREAKDOWN
                limit = "< 100 ms" if text in BY_BREAKDOWN else "≤ 2×, < 100 ms"
                rows.append(Row(f"{name}, ms", ours, theirs, limit, ours < 100 and is_near))
                if not text:
                    rows.append(shown(f"{name}, ms, its {len(statements)} statements", ours, own))
    return rows


async def _race(
    answers: Answers, text: str, statements: list[Statement], by_hand: str, execute: Execute
) -> tuple[float, float, float]:
    """The answer, its own statements bare, and the SQL by hand: the median of `TURNS` each, one
    after the other, in milliseconds."""
    ours, own, theirs = [], [], []
    for _ in range(TURNS):
        ours.append(await _seconds(lambda: answer(answers, text)))
        begun = time.perf_counter()
        for each in statements:
            execute(each.text, each.parameters)
        own.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        execute(by_hand, ())
        theirs.append(time.perf_counter() - begun)
    return median(ours) * 1000, median(own) * 1000, median(theirs) * 1000


async def answer(answers: Answers, text: str) -> object:
    """What the text asks, from the ledger."""
    words = Vocabulary(("openai", "openrouter"), tuple(item.name for item in CONNECTIONS))
    asked = parse(text, words, NOW.date())
    assert isinstance(asked, Question)
    return await answers.answer(asked, OPERATOR, NOW)


async def _seconds(call: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await call()
    return time.perf_counter() - begun


async def _statements(database: Database, answers: Answers, text: str) -> list[Statement]:
    """What the answer asks of the database."""
    found: list[Statement] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            found.append(Statement(statement, parameters))

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        await answer(answers, text)
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return found
