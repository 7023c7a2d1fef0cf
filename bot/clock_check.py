"""Compare this machine's clock with the times in answers of providers and Slack."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.config.intervals import Clock
from bot.logs import LogStates

TOLERANCE = timedelta(minutes=3)
"""More than any answer takes. A smaller error does no harm."""
HEARD_WITHIN = 2 * 3600.0
"""Seconds for which the time in an answer is evidence."""


class ClockCheck:
    """The last time received from each host, compared with `clock`."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._heard: dict[str, tuple[float, datetime]] = {}

    def heard(self, host: str, date: str | None) -> None:
        """Record the `Date` header of an answer that was just received."""
        try:
            at = parsedate_to_datetime(date) if date else None
        except (ValueError, OverflowError):
            at = None
        if at is not None and at.tzinfo is not None:
            self._heard[host] = (self._monotonic(), at)

    def offset(self) -> timedelta | None:
        """Return how far the clock is ahead (negative: behind) according to all hosts. None if one
        of them agrees with the clock, or if none answered in the last hours."""
        least = self.least_offset()
        return least if least is not None and abs(least) > TOLERANCE else None

    def least_offset(self) -> timedelta | None:
        """Return how far the clock is ahead (negative: behind) of the host that is nearest to it;
        None if none answered in the last hours."""
        return min(self._offsets(), key=abs, default=None)

    def is_confirmed(self) -> bool:
        """Return True if the time of some host in the last hours agrees with the clock."""
        return any(abs(offset) <= TOLERANCE for offset in self._offsets())

    def _offsets(self) -> list[timedelta]:
        """Return the offset from each host's last answer, plus the monotonic time since. So a step
        of the clock shows at once."""
        now, clock = self._monotonic(), self._clock()
        return [
            clock - date - timedelta(seconds=now - at)
            for at, date in self._heard.values()
            if now - at < HEARD_WITHIN
        ]


def log_clock(check: ClockCheck, states: LogStates) -> None:
    """Log a wrong clock as a lasting state."""
    offset = check.offset()
    if offset is None:
        states.working("clock")
    else:
        states.failing("clock", "clock.wrong", ahead_seconds=round(offset.total_seconds()))
