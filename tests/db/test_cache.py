"""What is computed from the ledger is kept only while nothing in either database has changed."""

import asyncio
import gc
import weakref
from datetime import UTC, datetime, timedelta

import pytest

from bot.db.cache import MOST_KEPT, RESULTS_KEPT_FOR, DatabaseCache
from bot.db.database import Database
from tests.quick import LONGEST

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


class Answer:
    """A result."""


class Question:
    """Counts how often it is computed; each result is a new object."""

    def __init__(self) -> None:
        self.computed = 0

    async def answer(self) -> object:
        self.computed += 1
        await asyncio.sleep(0)
        return Answer()


async def write(url: str) -> None:
    """Another process writes something, such as a sync, a budget or a rule of visibility."""
    other = Database(url)
    await other.leases.report_alive("another", 60)
    await other.close()


async def kept(cache: DatabaseCache, question: Question) -> object:
    """The answer that is given twice in a row: on PostgreSQL, a transaction in another of the
    server's databases may come in between, and nothing is kept over it."""
    answer = await cache.get("q", NOON, question.answer)
    for _ in range(1000):
        again = await cache.get("q", NOON, question.answer)
        if again is answer:
            return answer
        answer = again
    pytest.fail("nothing is kept")


async def test_many_at_once_share_one_computation(database: Database) -> None:
    """Whoever asks while it is computed, or soon afterwards, gets the same object."""
    for _ in range(100):  # see `kept`
        cache, question = DatabaseCache(database.state), Question()
        found = await asyncio.gather(*(cache.get("q", NOON, question.answer) for _ in range(50)))
        found.append(await cache.get("q", NOON + timedelta(seconds=1), question.answer))
        if len(set(map(id, found))) == question.computed == 1:
            return
    pytest.fail(f"computed {question.computed} times")


async def test_another_key_or_time_is_computed_by_itself(database: Database) -> None:
    """Another question or visibility, and the same at a later or earlier time of the clock."""
    cache, question = DatabaseCache(database.state), Question()
    first = await cache.get(("q", "all"), NOON, question.answer)
    assert await cache.get(("q", "part"), NOON, question.answer) is not first
    step = RESULTS_KEPT_FOR + timedelta(seconds=1)
    for now in (NOON + step, NOON - step, None):
        await cache.get(("q", "all"), now, question.answer)
    assert question.computed == 5


async def test_nothing_is_kept_over_a_change(database: Database, database_url: str) -> None:
    """A change that another process has made before the request is always seen."""
    cache, question = DatabaseCache(database.state), Question()
    found: list[object] = []
    for _ in range(3):
        answer = await kept(cache, question)
        assert all(answer is not before for before in found)
        found.append(answer)
        await write(database_url)


async def test_a_change_while_it_is_computed_is_seen_by_the_next(
    database: Database, database_url: str
) -> None:
    """Who asks after the change doesn't get what was begun before it."""
    cache, begun, may_end = DatabaseCache(database.state), asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        begun.set()
        await may_end.wait()
        return "before"

    async def after() -> str:
        return "after"

    async def later() -> str:
        return "later"

    early = asyncio.create_task(cache.get("q", NOON, slow))
    await begun.wait()
    await write(database_url)
    async with asyncio.timeout(LONGEST):
        assert await cache.get("q", NOON, after) == "after"
    may_end.set()
    assert await early == "before"
    assert await cache.get("q", NOON, later) in ("after", "later")


async def test_an_error_is_not_kept(database: Database) -> None:
    """All who wait for it get the error; the next request is computed."""
    cache, question = DatabaseCache(database.state), Question()

    async def fail() -> object:
        await asyncio.sleep(0)
        raise LookupError

    both = (cache.get("q", NOON, fail) for _ in range(2))
    found = await asyncio.gather(*both, return_exceptions=True)
    assert [type(each) for each in found] == [LookupError, LookupError]
    await cache.get("q", NOON, question.answer)
    assert question.computed == 1


async def test_one_who_gives_up_takes_nothing_from_the_others(database: Database) -> None:
    """A cancelled request leaves the computation to those who still wait."""
    cache, may_end = DatabaseCache(database.state), asyncio.Event()

    async def slow() -> str:
        await may_end.wait()
        return "figure"

    first, second = (asyncio.create_task(cache.get("q", NOON, slow)) for _ in range(2))
    await asyncio.wait([first, second], timeout=0.1)
    first.cancel()
    may_end.set()
    assert await second == "figure"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_what_nobody_gets_any_more_is_freed(database: Database, database_url: str) -> None:
    """Once the database has changed, the next question frees the answers before it."""
    cache, question = DatabaseCache(database.state), Question()
    before = weakref.ref(await cache.get("q", NOON, question.answer))
    await write(database_url)
    await cache.get("another", NOON, question.answer)
    gc.collect()
    assert before() is None


async def test_it_is_bounded(database: Database) -> None:
    """However many different questions come, the oldest make room."""
    cache, question = DatabaseCache(database.state), Question()
    for key in (*range(MOST_KEPT + 1), 0):
        await cache.get(key, None, question.answer)
    assert question.computed == MOST_KEPT + 2
