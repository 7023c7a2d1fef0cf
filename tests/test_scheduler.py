"""The ticks: now, again, never twice at once, and to their end when the bot stops."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
import time_machine

from bot.scheduler import Scheduler, Tick
from bot.store.errors import StoreError


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged during the test."""
    with structlog.testing.capture_logs() as lines:
        yield lines


async def test_a_tick_runs_at_once_and_again() -> None:
    """The first run does not wait for the first interval."""
    runs = asyncio.Semaphore(0)

    async def run() -> None:
        runs.release()

    scheduler = Scheduler([Tick("quick", 0.05, run)])
    scheduler.start()
    async with asyncio.timeout(5):
        await runs.acquire()
        await runs.acquire()
    await scheduler.stop(patience=1)


async def test_a_tick_that_breaks_comes_again() -> None:
    """An exception ends one run, not the tick."""
    runs = asyncio.Semaphore(0)

    async def run() -> None:
        runs.release()
        raise RuntimeError("broken")

    scheduler = Scheduler([Tick("broken", 0.05, run)])
    scheduler.start()
    async with asyncio.timeout(5):
        await runs.acquire()
        await runs.acquire()
    await scheduler.stop(patience=1)


async def test_stopping_waits_for_what_runs() -> None:
    """A tick under way is finished, and none is started after it."""
    started, done = asyncio.Event(), []

    async def run() -> None:
        started.set()
        await asyncio.sleep(0.3)
        done.append(True)

    scheduler = Scheduler([Tick("slow", 0.05, run)])
    scheduler.start()
    await started.wait()
    await scheduler.stop(patience=5)
    await asyncio.sleep(0.2)
    assert done == [True]


async def test_stopping_does_not_wait_for_ever() -> None:
    """A tick that takes longer than the patience is cancelled."""
    started = asyncio.Event()

    async def run() -> None:
        started.set()
        await asyncio.sleep(60)

    scheduler = Scheduler([Tick("endless", 0.05, run)])
    scheduler.start()
    await started.wait()
    async with asyncio.timeout(5):
        await scheduler.stop(patience=0.1)


async def test_stilled_it_starts_nothing_and_what_ran_has_ended() -> None:
    """Whoever runs the ticks in its place does so alone; afterwards it goes on."""
    runs = asyncio.Semaphore(0)
    running = 0

    async def run() -> None:
        nonlocal running
        running += 1
        runs.release()
        await asyncio.sleep(0.1)
        running -= 1

    scheduler = Scheduler([Tick("busy", 0.05, run)])
    scheduler.start()
    async with asyncio.timeout(5):
        await runs.acquire()
        async with scheduler.stilled():
            assert running == 0
            await asyncio.sleep(0.3)
            assert runs.locked()
        await runs.acquire()
    await scheduler.stop(patience=1)


@pytest.mark.parametrize("hours", [-1, -24, 24, 960, 9600])
async def test_a_step_of_the_clock_neither_stops_nor_floods_a_tick(hours: int) -> None:
    """Set back or ahead, and returned to what it was, the period stays what it is."""
    runs = asyncio.Semaphore(0)
    count = 0

    async def run() -> None:
        nonlocal count
        count += 1
        runs.release()

    async def some(many: int) -> None:
        async with asyncio.timeout(3):
            for _ in range(many):
                await runs.acquire()

    scheduler = Scheduler([Tick("quick", 0.05, run)])
    scheduler.start()
    await some(2)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        await some(4)
    begun, before = time.monotonic(), count
    await some(4)
    assert count - before <= (time.monotonic() - begun) / 0.05 + 2
    assert not scheduler.late()
    await scheduler.stop(patience=1)


async def test_a_job_that_hangs_is_late_and_one_that_fails_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After three intervals; a long run that gets on is not late either."""
    monkeypatch.setattr("bot.scheduler.SHORTEST_LATE", 0.2)

    async def hang() -> None:
        await asyncio.sleep(60)

    async def fail() -> None:
        raise RuntimeError

    async def work() -> None:
        for _ in range(100):
            await asyncio.sleep(0.05)
            scheduler.progress("long")

    scheduler = Scheduler([Tick("hangs", 0.1, hang), Tick("fails", 2, fail), Tick("long", 1, work)])
    scheduler.start()
    assert not scheduler.late()
    async with asyncio.timeout(5):
        while not scheduler.late():  # noqa: ASYNC110 - time is what is waited for
            await asyncio.sleep(0.05)
    [late] = scheduler.late()
    assert (late.name, late.seconds > 0.3) == ("hangs", True)
    await scheduler.stop(patience=0)


async def test_what_failed_at_the_database_runs_again_once_another_job_reaches_it(
    logged: list[MutableMapping[str, Any]],
) -> None:
    """Quick jobs come less often meanwhile; the outage is one state with a beginning, an end and
    no traceback."""
    is_away = True
    runs: dict[str, int] = {"quick": 0, "slow": 0}
    slow_again = asyncio.Event()

    def job(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            runs[name] += 1
            if is_away:
                raise StoreError("The database is away.", "Start it.")
            if name == "slow":
                slow_again.set()

        return run

    scheduler = Scheduler([Tick("quick", 0.05, job("quick")), Tick("slow", 3600, job("slow"))])
    scheduler.start()
    await asyncio.sleep(1.5)
    assert runs["quick"] <= 3
    is_away = False
    async with asyncio.timeout(10):
        await slow_again.wait()
    await scheduler.stop(patience=1)
    lines = [line for line in logged if line["event"] == "database.failing"]
    assert [line["phase"] for line in lines] == ["began", "ended"]
    assert lines[0]["error"] == "The database is away."
    assert not any("exception" in line or "exc_info" in line for line in lines)
