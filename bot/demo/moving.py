"""Moving the bot's clock so that nothing is jumped over: it stops wherever something is due, and
there the bot does what its scheduler would have done."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot.scheduler import Tick
from bot.service import Bot
from providers.period import midnight, utc_day
from simulators.clock import DemoClock
from simulators.steps import Jump

SYNC_EVERY = timedelta(hours=6)
"""Of the demo's clock, while it is moved; a bot that runs syncs more often."""
FRESH = timedelta(minutes=30)
"""How old the figures may be for what is due: a running bot would have synced by then."""
JUST_AFTER = timedelta(milliseconds=1)
PATIENCE = 4.0
"""Real seconds to wait at one stop for what is due: where Slack asks to slow down, it means its own
time, not the demo's."""
LOOK_AGAIN = 0.05
_JUMPS: Mapping[Jump, timedelta] = {
    "now": timedelta(0),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
log = structlog.get_logger(__name__)


def landing(now: datetime, jump: Jump) -> datetime:
    """Where a jump ends. ``month``: the first of the next month, 06:00 UTC, when there is
    something of the new day."""
    if jump == "month":
        first = (utc_day(now).replace(day=1) + timedelta(days=32)).replace(day=1)
        return midnight(first) + timedelta(hours=6)
    return now + _JUMPS[jump]


class Mover:
    """Moves the clock of a running bot."""

    def __init__(self, bot: Bot, clock: DemoClock) -> None:
        self._bot = bot
        self._clock = clock
        by_name = {tick.name: tick for tick in bot.scheduler.ticks}
        self._sync = [by_name.pop("sync")]
        deliveries = by_name.pop("deliveries")
        self._other: Sequence[Tick] = [*by_name.values(), deliveries]
        self._synced_at: datetime | None = None

    async def _look(self) -> None:
        """The bot syncs and does what is due, now."""
        await _run(self._sync)
        self._synced_at = self._clock()
        await self._do_due()

    async def to(self, moment: datetime) -> None:
        """Go on to that moment, stopping where something is due; look there."""
        async with self._bot.scheduler.stilled():
            while (stop := await self._next_stop(moment)) < moment:
                await self._stop_at(stop)
            self._clock.set(max(moment, self._clock()))
            await self._look()

    async def _stop_at(self, stop: datetime) -> None:
        self._clock.set(max(stop, self._clock()))
        if self._synced_at is None or self._clock() - self._synced_at >= FRESH:
            await self._look()
        else:
            await self._do_due()

    async def _next_stop(self, end: datetime) -> datetime:
        now = self._clock()
        next_sync = now if self._synced_at is None else self._synced_at + SYNC_EVERY
        stops = [end, max(next_sync, now)]
        async with self._bot.house.store.reading() as ledger:
            due = await ledger.next_due(now)
        if due is not None:
            stops.append(due + JUST_AFTER)
        midnight_after = midnight(utc_day(now) + timedelta(days=1))
        return min([*stops, midnight_after + JUST_AFTER])

    async def _do_due(self) -> None:
        """Run every tick but the sync until nothing more is due at this moment."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            await _run(self._other)
            async with self._bot.house.store.reading() as ledger:
                if not await ledger.has_due(self._clock()):
                    return
            await asyncio.sleep(LOOK_AGAIN)


async def _run(ticks: Sequence[Tick]) -> None:
    """A tick that breaks is logged, as the scheduler would."""
    for tick in ticks:
        try:
            await tick.run()
        except Exception:
            log.exception("job.failing", job=tick.name)
