"""What stops use: a balance that runs out, a key's limit, a spend limit that is enforced.

A limit stops requests a minute after it is used up, as requests that were under way are finished;
so a balance ends a little below zero. Use goes on when the limit is reset.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from simulators.world.usage import FOREVER, Stream, Surge, Usage

FINISHING = timedelta(minutes=1)
_PRECISELY = timedelta(seconds=10)
_INSTANT = timedelta(microseconds=1)


@dataclass(slots=True)
class Cap:
    """A cap. The streams for which `hits` is true stop when `room` is 0, until `opens_after`."""

    hits: Callable[[Stream], bool]
    room: Callable[[datetime], Decimal]
    """Returns how much may still be used at a moment, in that moment's window."""
    opens_after: Callable[[datetime], datetime]
    """Returns the first moment after a given one at which there may be room again."""
    since: datetime
    until: datetime = FOREVER
    """When it was removed."""


class Caps:
    """The caps on one customer's use, and the stops that follow from them.

    Stops are found as time goes on; an event makes them be found again from the start.
    """

    def __init__(self, usage: Usage, start: datetime, forget: Callable[[datetime], None]) -> None:
        self._usage = usage
        self._start = start
        self._forget = forget
        self._caps: list[Cap] = []
        self._stops: list[tuple[Cap, Surge]] = []
        self._watched_until = start

    def add(self, cap: Cap) -> None:
        """Set a cap."""
        self._caps.append(cap)
        self.reconsider()

    def reconsider(self) -> None:
        """Compute the stops again, since something changed."""
        if self._stops:
            self._usage.end_stops()
            self._forget(min(stop.start for _, stop in self._stops))
        self._stops.clear()
        self._watched_until = self._start

    def watch(self, until: datetime) -> None:
        """Apply every stop up to that moment."""
        while self._watched_until < until:
            found = [
                (cap, stop)
                for cap in self._caps
                if (stop := self._next_stop(cap, until)) is not None
            ]
            if not found:
                self._watched_until = until
                return
            cap, stop = min(found, key=lambda pair: pair[1].start)
            self._stops.append((cap, stop))
            self._usage.stop(stop)
            self._forget(stop.start)
            self._watched_until = max(self._watched_until, stop.start)

    def _next_stop(self, cap: Cap, end: datetime) -> Surge | None:
        own_ends = [stop.end for owner, stop in self._stops if owner is cap]
        begin, end = max([self._watched_until, cap.since, *own_ends]), min(end, cap.until)
        while begin < end:
            opens = cap.opens_after(begin)
            last = min(opens - _INSTANT, end)
            if cap.room(last) <= 0:
                blocked_from = _first_without_room(cap, begin, last) + FINISHING
                if blocked_from < min(opens, end):
                    return Surge(cap.hits, 0.0, blocked_from, min(opens, cap.until))
            begin = opens
        return None


def _first_without_room(cap: Cap, start: datetime, end: datetime) -> datetime:
    while end - start > _PRECISELY:
        middle = start + (end - start) / 2
        if cap.room(middle) > 0:
            start = middle
        else:
            end = middle
    return end
