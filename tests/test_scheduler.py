"""The ticks: now, again, never twice at once, and to their end when the bot stops."""

import asyncio
from datetime import UTC, datetime

from bot.scheduler import Scheduler, Tick


def now() -> datetime:
    return datetime.now(UTC)


async def test_a_tick_runs_at_once_and_again() -> None:
    """The first run does not wait for the first interval."""
    runs = asyncio.Semaphore(0)

    async def run() -> None:
        runs.release()

    scheduler = Scheduler([Tick("quick", 0.05, run)])
    scheduler.start(now())
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
    scheduler.start(now())
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
    scheduler.start(now())
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
    scheduler.start(now())
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
    scheduler.start(now())
    async with asyncio.timeout(5):
        await runs.acquire()
        async with scheduler.stilled():
            assert running == 0
            await asyncio.sleep(0.3)
            assert runs.locked()
        await runs.acquire()
    await scheduler.stop(patience=1)
