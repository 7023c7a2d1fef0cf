"""When the database is held, full or gone: people read which, in time, and what was saved."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import psycopg
import pytest
from structlog.testing import capture_logs

from bot.budgets.views import budget
from bot.db.engine import WRITER_LOCK
from bot.db.errors import DatabaseUnavailable
from bot.ledger.sync_report import silent
from bot.slack import openers
from simulators.slack.answer import Answer
from simulators.slack.office import COSTS, MANAGER
from simulators.slack.things import View
from tests.harness import Harness
from tests.harness.databases import without_room
from tests.harness.fixtures import Start
from tests.quick import QUICK

HELD = "The database is locked by another process. Nothing was saved."
FULL = "The database has no disk space left. Nothing was saved."
GONE = "The database was deleted or replaced"
CHANGES = (
    "budget set openai 900 monthly",
    "budget set openrouter left 20",
    "budget remove 1",
    "alerts spikes on",
    "digest on 09:00",
    "balance set openai 5",
)
FORM = {
    budget.SCOPE: "provider:openai",
    budget.AMOUNT: "750",
    budget.PERIOD: "monthly",
    budget.THRESHOLDS: "60",
    budget.CHANNEL: COSTS,
}


@pytest.fixture(params=["sqlite", "postgres"])
async def any_stage(
    request: pytest.FixtureRequest, start_bot: Start, tmp_path: Path
) -> AsyncIterator[tuple[Harness, str]]:
    """A stage on each database in turn, with one budget; and the database's URL."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    async with start_bot(DATABASE_URL=url) as harness:
        await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 100000 monthly")
        yield harness, url


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Another process is writing. It waits for its turn next to the bot, which is in this loop."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)
        await asyncio.to_thread(file.execute, "BEGIN IMMEDIATE")
        try:
            yield
        finally:
            file.close()
        return
    async with await psycopg.AsyncConnection.connect(url) as server:
        await server.execute("SELECT pg_advisory_xact_lock(%s)", [WRITER_LOCK])
        yield


def said(harness: Harness, answer: Answer) -> str:
    """All that someone saw, in a message or a modal."""
    modal = harness.slack.person(MANAGER).modal
    return answer.plain + answer.text + ("" if modal is None else json.dumps(modal.blocks))


@pytest.mark.parametrize("intervals", [replace(QUICK, database=0.5)], ids=["soon"])
async def test_people_are_answered_while_the_database_is_held(
    any_stage: tuple[Harness, str],
) -> None:
    """Every command that changes something, all at once, then a form: the answer says why, and
    nothing is saved; questions are answered as ever."""
    harness, url = any_stage
    office = harness.slack
    home = await office.open_home(MANAGER)
    assert home is not None
    form = await harness.open_modal(home, openers.NEW_BUDGET, MANAGER, "new")
    before = await harness.rules()
    async with held(url):
        with capture_logs() as lines:
            commands = (office.say(MANAGER, COSTS, f"/aicost {each}") for each in CHANGES)
            *shown, question = await asyncio.gather(
                *commands, office.say(MANAGER, COSTS, "/aicost")
            )
            assert "this month so far" in question.plain
            sent = await harness.slack.submit(form, MANAGER, FORM)
    for words, answer in zip(CHANGES, shown, strict=True):
        assert HELD in said(harness, answer), words
    assert HELD in said(harness, sent)
    assert await harness.rules() == before
    assert not [line for line in lines if line.get("exc_info")]
    phases = [line["phase"] for line in lines if line["event"] == "database.failing"]
    assert phases.count("began") == 1
    assert set(phases) <= {"began", "ended"}


async def test_a_full_database_is_reported(harness: Harness) -> None:
    """A command and a form; what was answered as set is there, the rest is not."""
    office = harness.slack
    home = await office.open_home(MANAGER)
    assert home is not None
    form = await harness.open_modal(home, openers.NEW_BUDGET, MANAGER, "new")
    amount = 100_000
    with without_room():
        answer = await office.say(MANAGER, COSTS, f"/aicost budget set openai {amount} monthly")
        while FULL not in said(harness, answer):
            assert "100,0" in answer.text
            amount += 1
            assert amount < 100_099, "there is room for all of them"
            words = f"/aicost budget set openai {amount} monthly"
            answer = await office.say(MANAGER, COSTS, words)
        assert FULL in said(harness, await harness.slack.submit(form, MANAGER, FORM))
    amounts = [getattr(rule.target, "amount", None) for rule in await harness.rules()]
    assert amounts == ([amount - 1] if amount > 100_000 else [])


def content(file: Path) -> list[str]:
    """All of a SQLite ledger but its leases, as statements that would make it."""
    with closing(sqlite3.connect(file)) as connection:
        return [line for line in connection.iterdump() if 'INTO "lease"' not in line]


async def test_a_sync_into_a_full_database_keeps_all_or_nothing(
    harness: Harness, tmp_path: Path
) -> None:
    """What SQLite undoes for want of room is not kept in parts: the sync ends with that reason, the
    ledger is as it was, and the next sync keeps everything."""
    await harness.ask("budget set openai 300 daily", MANAGER)
    before = content(tmp_path / "ledger.db")
    harness.clock.advance(timedelta(days=3))
    with (
        without_room(),
        capture_logs() as lines,
        pytest.raises(DatabaseUnavailable, match="has no disk space left"),
    ):
        await harness.bot.sync.round(silent)
    assert not [line for line in lines if line.get("exc_info")]
    assert content(tmp_path / "ledger.db") == before
    report = await harness.bot.sync.round(silent)
    assert report.is_synced
    assert not [fault for each in report.connections for fault in each.faults]
    assert len(content(tmp_path / "ledger.db")) > len(before)


async def readiness(harness: Harness) -> int:
    url = f"http://127.0.0.1:{harness.bot.port}/readyz"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_a_database_whose_file_is_gone_is_reported(
    harness: Harness, tmp_path: Path, is_replaced: bool
) -> None:
    """Deleted, or replaced by another file of the name: the bot is no longer ready, answers with
    that, and writes nothing that would be lost."""
    assert await readiness(harness) == 200
    file = tmp_path / "ledger.db"
    content = file.read_bytes()
    file.unlink()
    if is_replaced:
        (tmp_path / "new").write_bytes(content)
        (tmp_path / "new").rename(file)
    assert await readiness(harness) == 503
    for words in ("", "budget set openai 5 monthly"):
        answer = await harness.slack.say(MANAGER, COSTS, f"/aicost {words}")
        assert GONE in said(harness, answer)
    home = await harness.slack.open_home(MANAGER)
    assert isinstance(home, View)
    assert GONE in json.dumps(home.blocks)
    assert file.exists() == is_replaced
