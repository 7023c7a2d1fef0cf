"""A clock that stands still until it is moved, or runs from where it is put."""

import time
from datetime import UTC, datetime, timedelta


class DemoClock:
    """A clock that returns the present in aware UTC. It stands still unless `run` is called.

    Raises `ValueError` for a naive moment.
    """

    def __init__(self, start: datetime) -> None:
        self._at = _utc(start)
        self._running_since: float | None = None

    def __call__(self) -> datetime:
        if self._running_since is None:
            return self._at
        return self._at + timedelta(seconds=time.monotonic() - self._running_since)

    def advance(self, by: timedelta) -> datetime:
        """Move on by that much (back, if negative) and return the new present."""
        self._at += by
        return self()

    def set(self, moment: datetime) -> None:
        """Put it at an aware moment; a running clock runs on from there."""
        self._at = _utc(moment)
        if self._running_since is not None:
            self._running_since = time.monotonic()

    def run(self) -> None:
        """Let it run with real time from where it is."""
        self.set(self())
        self._running_since = time.monotonic()

    def stop(self) -> None:
        """Let it stand still at the present."""
        self._at = self()
        self._running_since = None


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a clock needs a moment with a time zone")
    return moment.astimezone(UTC)
