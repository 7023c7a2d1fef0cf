"""Move the app's clock so that nothing is skipped. It stops at each moment when something is due,
and there the app does what its own schedule would have done."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from providers.period import Period, midnight, utc_day
from simulators.clock import DemoClock
from simulators.demo.app import RunningApp
from simulators.demo.steps import Jump

SYNC_EVERY = timedelta(hours=12)
"""Of the demo's clock, while it is moved; a bot that runs syncs more often."""
FRESH = timedelta(minutes=30)
"""How old the figures may be for what is due: a running bot would have synced by then."""
JUST_AFTER = timedelta(milliseconds=1)
_JUMPS: Mapping[Jump, timedelta] = {
    "now": timedelta(0),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


def landing(now: datetime, jump: Jump) -> datetime:
    """Where a jump ends. ``month``: the first of the next month, 06:00 UTC, when there is
    something of the new day."""
    if jump == "month":
        return midnight(Period.of_month(utc_day(now)).end) + timedelta(hours=6)
    return now + _JUMPS[jump]


class Mover:
    """Moves the clock of a running app."""

    def __init__(self, app: RunningApp, clock: DemoClock) -> None:
        self._app = app
        self._clock = clock
        self._synced_at: datetime | None = None

    async def to(self, moment: datetime) -> None:
        """Move on to that moment. Stop whenever something is due, and sync there."""
        async with self._app.paused():
            while (stop := await self._next_stop(moment)) < moment:
                self._clock.set(max(stop, self._clock()))
                if self._synced_at is None or self._clock() - self._synced_at >= FRESH:
                    await self._sync()
                await self._app.do_due()
            self._clock.set(max(moment, self._clock()))
            await self._sync()
            await self._app.do_due()

    async def _sync(self) -> None:
        await self._app.sync()
        self._synced_at = self._clock()

    async def _next_stop(self, end: datetime) -> datetime:
        now = self._clock()
        next_sync = now if self._synced_at is None else self._synced_at + SYNC_EVERY
        stops = [end, max(next_sync, now)]
        if (due := await self._app.next_due(now)) is not None:
            stops.append(due + JUST_AFTER)
        midnight_after = midnight(utc_day(now) + timedelta(days=1))
        return min([*stops, midnight_after + JUST_AFTER])
