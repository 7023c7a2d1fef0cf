"""Writers and readers at once, and writers that die."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from bot.db.database import Database
from bot.db.session import Session
from bot.ledger.charge_writer import ChargeWriter
from bot.ledger.charges import ChargeRepository
from bot.ledger.repository import LedgerRepository
from providers.models import Charge, ChargesRead, PrepaidBalance
from providers.period import Period
from tests.db.adding import NOW, Adding, add_ones
from tests.harness.processes import Processes
from tests.quick import LONGEST

DAYS = Period(date(2026, 11, 1), date(2026, 11, 11))
ROOT = Path(__file__).parents[2]

WRITE_AND_WAIT = """
import asyncio, sys
from datetime import UTC, date, datetime
from decimal import Decimal
from bot.ledger.models import ConfiguredConnection
from bot.db.database import open_database
from bot.ledger.charge_writer import ChargeWriter
from providers.models import Charge, ChargesRead
from providers.period import Period

async def main(url):
    now = datetime(2026, 11, 20, tzinfo=UTC)
    one = ConfiguredConnection("openai", "openai", "OpenAI", "postpaid", 3)
    store = await open_database(url, [one], now)
    days = Period(date(2026, 11, 1), date(2026, 11, 11))
    charges = [Charge(day, Decimal(9), None, str(n)) for day in days for n in range(500)]
    async with store.writing() as writing:
        read = ChargesRead(days, charges, frozenset(days))
        await ChargeWriter(writing).replace_days("openai", read, now)
        print("written", flush=True)
        await asyncio.sleep(600)

asyncio.run(main(sys.argv[1]))
"""


def start(script: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE
    )


@pytest.fixture
def dying_writer(database_url: str, database: Database) -> Iterator["subprocess.Popen[str]"]:
    """A process that has written half of what it meant to, and waits."""
    process = start(WRITE_AND_WAIT, database_url)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    yield process
    process.kill()
    process.communicate()


def ones(each: int = 1) -> ChargesRead:
    charges = [Charge(day, Decimal(each), None, "x") for day in DAYS]
    return ChargesRead(DAYS, charges, frozenset(DAYS))


async def add_one(database: Database) -> None:
    async with database.writing() as session:
        known = await LedgerRepository(session).latest_balance("openrouter")
        more = known.remaining + 1 if known else Decimal(1)
        await asyncio.sleep(0)
        await LedgerRepository(session).add_balance(
            "openrouter", PrepaidBalance(more, more, more), NOW
        )


async def test_writers_lose_none_of_each_others_changes(
    database: Database, database_url: str
) -> None:
    """Read, think, write: from several tasks and two other processes at once."""
    await add_one(database)
    processes = Processes()
    try:
        others = [processes.start(add_ones, Adding(database_url, 15)) for _ in range(2)]
        await asyncio.gather(*(add_one(database) for _ in range(15)))
        assert [await processes.ended(each) for each in others] == [0, 0]
    finally:
        await processes.kill_all()
    async with database.reading() as session:
        latest = await LedgerRepository(session).latest_balance("openrouter")
    assert latest is not None
    assert latest.remaining == 46


async def test_a_reader_waits_for_no_writer_and_sees_nothing_half(database: Database) -> None:
    """What is not committed is not there; what is committed later does not creep in."""
    async with database.writing() as session:
        await ChargeWriter(session).replace_days("openai", ones(), NOW)
        async with asyncio.timeout(LONGEST), database.reading() as reader:
            assert await ChargeRepository(reader).days(DAYS) == []
            assert await ChargeRepository(reader).items(DAYS, "model") == []
    async with database.reading() as session:
        before = await ChargeRepository(session).days(DAYS)
        async with database.writing() as writer:
            await ChargeWriter(writer).replace_days("openai", ones(2), NOW)
        (item,) = await ChargeRepository(session).items(DAYS, "model")
        assert sum(day.used for day in before) == item.used == 10
    async with database.reading() as session:
        (item,) = await ChargeRepository(session).items(DAYS, "model")
        assert item.used == 20


async def test_a_writer_killed_in_the_middle_leaves_nothing_half(
    database: Database, dying_writer: "subprocess.Popen[str]"
) -> None:
    """Five thousand rows were on their way; none is there, and the next writer gets its turn."""
    os.kill(dying_writer.pid, signal.SIGKILL)
    await asyncio.to_thread(dying_writer.wait)
    async with database.reading() as session:
        assert await ChargeRepository(session).days(DAYS) == []
        assert await ChargeRepository(session).items(DAYS, "model") == []
    async with asyncio.timeout(LONGEST), database.writing() as session:
        await ChargeWriter(session).replace_days("openai", ones(), NOW)
    async with database.reading() as session:
        assert sum(day.used for day in await ChargeRepository(session).days(DAYS)) == 10


async def test_a_cancelled_writer_leaves_nothing_and_gives_up_its_turn(database: Database) -> None:
    """A shutdown in the middle of a sync is no different from a crash, only quicker."""
    written = asyncio.Event()

    async def write() -> None:
        async with database.writing() as session:
            await ChargeWriter(session).replace_days("openai", ones(), NOW)
            written.set()
            await asyncio.sleep(600)

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(LONGEST):
        await add_one(database)
    async with database.reading() as session:
        assert await ChargeRepository(session).days(DAYS) == []


async def test_many_readers_at_once_are_all_answered(database: Database) -> None:
    """A burst of commands is more readers than there are connections."""
    async with database.writing() as session:
        await ChargeWriter(session).replace_days("openai", ones(), NOW)

    async def ask() -> Decimal:
        async with database.reading() as session:
            (item,) = await ChargeRepository(session).items(DAYS, "model")
        return item.used

    assert set(await asyncio.gather(*(ask() for _ in range(100)))) == {Decimal(10)}


async def test_only_what_is_kept_is_announced(database: Database) -> None:
    """What is to be done after a commit, such as to log an alert, is done once that has come, and
    not for what a transaction or a savepoint took back."""
    done: list[str] = []

    async def write(session: Session, what: str) -> None:
        session.after_commit.append(partial(done.append, what))
        await LedgerRepository(session).set_earliest_served("openai", DAYS.start)

    async def fail(session: Session, what: str) -> None:
        async with session.savepoint():
            await write(session, what)
            raise ValueError(what)

    with suppress(ValueError):
        async with database.writing() as session:
            await write(session, "all of it")
            await fail(session, "and a part")
    async with database.writing() as session:
        await write(session, "kept")
        with pytest.raises(ValueError, match="a part"):
            await fail(session, "a part")
        async with session.savepoint():
            await write(session, "kept too")
        assert not done
    assert done == ["kept", "kept too"]
