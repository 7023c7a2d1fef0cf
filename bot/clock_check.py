"""Compare this machine's clock with the times that providers and Slack put on their answers."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.log_states import LogStates
from bot.ports import Clock

TOLERANCE = timedelta(minutes=3)
"""More than any answer takes; an hour that is off by less does no harm."""
HEARD_WITHIN = 2 * 3600.0
"""Seconds for which an answer's time is evidence."""


class ClockCheck:
    """What was heard last from each host, and what it means for `clock`."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._heard: dict[str, tuple[float, datetime, timedelta]] = {}

    def heard(self, host: str, date: str | None) -> None:
        """An answer that was just received carries this `Date` header."""
        try:
            at = parsedate_to_datetime(date) if date else None
        except ValueError:
            at = None
        if at is not None and at.tzinfo is not None:
            self._heard[host] = (self._monotonic(), at.astimezone(UTC), self._clock() - at)

    def offset(self) -> timedelta | None:
        """How far the clock is ahead (behind: negative) by what all hosts say; None where one of
        them agrees with it, or none was heard in the last hours."""
        now = self._monotonic()
        found = [offset for at, _, offset in self._heard.values() if now - at < HEARD_WITHIN]
        least = min(found, key=abs, default=timedelta(0))
        return least if abs(least) > TOLERANCE else None

    def is_confirmed(self) -> bool:
        """Return whether some host's answer of the last hours, with the time that has passed since
        on the monotonic clock, agrees with the clock as it is now."""
        now, clock = self._monotonic(), self._clock()
        return any(
            now - at < HEARD_WITHIN and abs(date + timedelta(seconds=now - at) - clock) <= TOLERANCE
            for at, date, _ in self._heard.values()
        )


def log_clock(check: ClockCheck, states: LogStates) -> None:
    """Log a wrong clock as a state that lasts."""
    offset = check.offset()
    if offset is None:
        states.working("clock")
    else:
        states.failing("clock", "clock.wrong", ahead_seconds=round(offset.total_seconds()))
