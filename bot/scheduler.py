"""A few fixed ticks, nothing else: what is due is asked of the database, never kept here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.logs import new_reference


@dataclass(frozen=True, slots=True)
class Tick:
    """What is done again and again, and how often."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[None]]


class Scheduler:
    """Runs the ticks; a tick that is still running when it is due again is not started twice, and
    one that breaks is logged and comes again."""

    def __init__(self, ticks: Sequence[Tick]) -> None:
        self.ticks = ticks
        self._running: set[asyncio.Task[None]] = set()
        self._scheduler: AsyncIOScheduler | None = None

    def start(self, now: datetime) -> None:
        """Run every tick now and from now on; inside a running event loop."""
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for tick in self.ticks:
            self._scheduler.add_job(
                self._guarded,
                "interval",
                args=[tick],
                id=tick.name,
                seconds=tick.seconds,
                next_run_time=now,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    @asynccontextmanager
    async def stilled(self) -> AsyncIterator[None]:
        """Start nothing while the block lasts, which begins once what runs has ended: for whoever
        runs the ticks in the scheduler's place."""
        if self._scheduler is None:
            raise RuntimeError("it was not started")
        self._scheduler.pause()
        try:
            await asyncio.sleep(0)  # what was started just now becomes known
            if self._running:
                await asyncio.wait(self._running)
            yield
        finally:
            self._scheduler.resume()

    async def stop(self, patience: float) -> None:
        """Start nothing more, wait for what runs, cancel what takes longer than `patience`
        seconds. APScheduler's own shutdown would cancel running coroutines at once."""
        if self._scheduler is None:
            return
        self._scheduler.pause()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._scheduler.shutdown(wait=False)

    async def _guarded(self, tick: Tick) -> None:
        task = asyncio.ensure_future(_logged(tick))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)


async def _logged(tick: Tick) -> None:
    try:
        await tick.run()
    except Exception:
        structlog.get_logger(__name__).exception(
            "tick failed", tick=tick.name, reference=new_reference()
        )
