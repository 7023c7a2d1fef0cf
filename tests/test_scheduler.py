"""Periodic jobs: now, again, never twice at once, and to their end when the bot stops."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
import time_machine

from bot.config.intervals import Backoff
from bot.db.errors import DatabaseUnavailable
from bot.scheduler import Scheduler
from tests.loop_clock import LoopClock
from tests.quick import LONGEST, QUICK

EVERY = 1.0
"""Seconds of the event loop's clock between two runs of a quick job here."""


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged during the test."""
    with structlog.testing.capture_logs() as lines:
        yield lines


async def test_a_job_runs_at_once_and_again(loop_clock: LoopClock) -> None:
    """The first run does not wait for the first interval."""
    runs = asyncio.Semaphore(0)

    async def run() -> None:
        runs.release()

    scheduler = Scheduler()
    scheduler.add("quick", EVERY, run)
    scheduler.start()
    async with asyncio.timeout(LONGEST):
        await runs.acquire()
        loop_clock.step(EVERY)
        await runs.acquire()
    await scheduler.stop(patience=1)


async def test_a_job_that_fails_runs_again(loop_clock: LoopClock) -> None:
    """An exception ends one run, not the job."""
    runs = asyncio.Semaphore(0)

    async def run() -> None:
        runs.release()
        raise RuntimeError("broken")

    scheduler = Scheduler(intervals=QUICK)
    scheduler.add("broken", EVERY, run)
    scheduler.start()
    async with asyncio.timeout(LONGEST):
        await runs.acquire()
        loop_clock.step(EVERY)
        await runs.acquire()
    await scheduler.stop(patience=1)


async def test_stopping_waits_for_what_runs(loop_clock: LoopClock) -> None:
    """A run under way is finished, and none is started after it."""
    started, go_on, done = asyncio.Event(), asyncio.Event(), []

    async def run() -> None:
        started.set()
        await go_on.wait()
        done.append(True)

    scheduler = Scheduler()
    scheduler.add("slow", EVERY, run)
    scheduler.start()
    await started.wait()
    stopping = asyncio.create_task(scheduler.stop(patience=60))
    await loop_clock.run(3 * EVERY)
    assert not stopping.done()
    go_on.set()
    await stopping
    await loop_clock.run(3 * EVERY)
    assert done == [True]


async def test_stopping_does_not_wait_for_ever(loop_clock: LoopClock) -> None:
    """A run that takes longer than the patience is cancelled."""
    started = asyncio.Event()

    async def run() -> None:
        started.set()
        await asyncio.Event().wait()

    scheduler = Scheduler()
    scheduler.add("endless", EVERY, run)
    scheduler.start()
    await started.wait()
    stopping = asyncio.create_task(scheduler.stop(patience=60))
    await loop_clock.run(EVERY)
    assert not stopping.done()
    loop_clock.step(60)
    await stopping


async def test_paused_it_starts_nothing_and_what_ran_has_ended(loop_clock: LoopClock) -> None:
    """While paused, a caller runs the jobs alone; afterwards the scheduler goes on."""
    runs, go_on = asyncio.Semaphore(0), asyncio.Event()
    running = 0

    async def run() -> None:
        nonlocal running
        running += 1
        runs.release()
        await go_on.wait()
        running -= 1

    scheduler = Scheduler()
    scheduler.add("busy", EVERY, run)
    scheduler.start()
    async with asyncio.timeout(LONGEST):
        await runs.acquire()
        asyncio.get_running_loop().call_later(EVERY / 2, go_on.set)
        moving = asyncio.create_task(loop_clock.run(EVERY))
        async with scheduler.paused():
            assert running == 0
            await moving
            await loop_clock.run(5 * EVERY)
            assert runs.locked()
        await runs.acquire()
    await scheduler.stop(patience=1)


@pytest.mark.parametrize("hours", [-1, -24, 24, 960, 9600])
async def test_a_step_of_the_clock_neither_stops_nor_floods_a_job(
    hours: int, loop_clock: LoopClock
) -> None:
    """Set back or ahead, and returned to what it was, the period stays what it is."""
    runs = asyncio.Semaphore(0)
    count = 0

    async def run() -> None:
        nonlocal count
        count += 1
        runs.release()

    async def some(many: int) -> None:
        async with asyncio.timeout(LONGEST):
            for _ in range(many):
                loop_clock.step(EVERY)
                await runs.acquire()

    now = asyncio.get_running_loop().time
    scheduler = Scheduler()
    scheduler.add("quick", EVERY, run)
    scheduler.start()
    await some(2)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        await some(4)
    begun, before = now(), count
    await some(4)
    assert count - before <= (now() - begun) / EVERY + 2
    assert not scheduler.late()
    await scheduler.stop(patience=1)


async def test_a_job_that_hangs_is_late_and_one_that_fails_is_not(loop_clock: LoopClock) -> None:
    """After three intervals; a long run that makes progress is not late either."""

    async def hang() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        raise RuntimeError

    async def work() -> None:
        while True:
            await asyncio.sleep(EVERY)
            scheduler.progress("long")

    scheduler = Scheduler(intervals=replace(QUICK, late_job=2 * EVERY))
    scheduler.add("hangs", EVERY, hang)
    scheduler.add("fails", EVERY, fail)
    scheduler.add("long", EVERY, work)
    scheduler.start()
    await loop_clock.run(2 * EVERY)
    assert not scheduler.late()
    await loop_clock.run(3 * EVERY)
    [(name, since)] = scheduler.late().items()
    assert (name, since.total_seconds() > 3 * EVERY) == ("hangs", True)
    assert list(scheduler.failing()) == ["fails"]
    await scheduler.stop(patience=0)


async def test_a_run_cancelled_at_the_end_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """A job that takes longer than the scheduler waits is cancelled, and nothing is logged."""
    begun = asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    scheduler = Scheduler()
    scheduler.add("hangs", 600, hang)
    scheduler.start()
    await begun.wait()
    await scheduler.stop(patience=0)
    await asyncio.sleep(0)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("turns", range(6))
async def test_a_stop_at_any_moment_of_a_run_is_no_error(
    turns: int, caplog: pytest.LogCaptureFixture
) -> None:
    """After so many turns of the event loop the run is about to begin, at work, or just over."""

    async def work() -> None:
        await asyncio.sleep(0)

    scheduler = Scheduler()
    scheduler.add("quick", 600, work)
    scheduler.start()
    for _ in range(turns):
        await asyncio.sleep(0)
    await scheduler.stop(patience=10)
    for _ in range(3):
        await asyncio.sleep(0)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_what_failed_at_the_database_runs_again_once_another_job_reaches_it(
    logged: list[MutableMapping[str, Any]], loop_clock: LoopClock
) -> None:
    """Quick jobs come less often meanwhile; the outage is one state with a beginning, an end and
    no traceback."""
    is_away = True
    runs: dict[str, list[float]] = {"quick": [], "slow": []}
    failed_job = Backoff(600, 4 * EVERY)  # as long for the quick job; a minute for the slow one

    def job(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            runs[name].append(asyncio.get_running_loop().time())
            if is_away:
                raise DatabaseUnavailable("The database is away.", "Start it.")

        return run

    scheduler = Scheduler(intervals=replace(QUICK, failed_job=failed_job))
    scheduler.add("quick", EVERY, job("quick"))
    scheduler.add("slow", 3600, job("slow"))
    scheduler.start()
    while len(runs["quick"]) < 3:
        await loop_clock.run(EVERY)
    assert scheduler.failing()["slow"] == "the database can't be used"
    is_away = False
    await loop_clock.run(5 * EVERY)
    assert not scheduler.failing()
    assert len(runs["slow"]) == 2
    first, second, third = runs["quick"][:3]
    assert min(second - first, third - second) > 3.5 * EVERY
    await scheduler.stop(patience=1)
    lines = [line for line in logged if line["event"] == "database.failing"]
    assert [line["phase"] for line in lines] == ["began", "ended"]
    assert lines[0]["error"] == "The database is away."
    assert not any("exception" in line or "exc_info" in line for line in lines)
