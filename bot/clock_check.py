"""Compare this machine's clock with the times that providers and Slack put on their answers."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.config.intervals import Clock
from bot.logs import LogStates

TOLERANCE = timedelta(minutes=3)
"""More than any answer takes; an hour that is off by less does no harm."""
HEARD_WITHIN = 2 * 3600.0
"""Seconds for which an answer's time is evidence."""


class ClockCheck:
    """What was heard last from each host, and what it means for `clock`."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._heard: dict[str, tuple[float, datetime]] = {}

    def heard(self, host: str, date: str | None) -> None:
        """An answer that was just received carries this `Date` header."""
        try:
            at = parsedate_to_datetime(date) if date else None
        except (ValueError, OverflowError):
            at = None
        if at is not None and at.tzinfo is not None:
            self._heard[host] = (self._monotonic(), at)

    def offset(self) -> timedelta | None:
        """How far the clock is ahead now (behind: negative) by what all hosts said; None where one
        of them agrees with it, or none was heard in the last hours."""
        least = min(self._offsets(), key=abs, default=timedelta(0))
        return least if abs(least) > TOLERANCE else None

    def is_confirmed(self) -> bool:
        """Return whether what some host said in the last hours agrees with the clock now."""
        return any(abs(offset) <= TOLERANCE for offset in self._offsets())

    def _offsets(self) -> list[timedelta]:
        """By each host's last answer and the time that has passed since on the monotonic clock: a
        step of the clock shows at once."""
        now, clock = self._monotonic(), self._clock()
        return [
            clock - date - timedelta(seconds=now - at)
            for at, date in self._heard.values()
            if now - at < HEARD_WITHIN
        ]


def log_clock(check: ClockCheck, states: LogStates) -> None:
    """Log a wrong clock as a state that lasts."""
    offset = check.offset()
    if offset is None:
        states.working("clock")
    else:
        states.failing("clock", "clock.wrong", ahead_seconds=round(offset.total_seconds()))
