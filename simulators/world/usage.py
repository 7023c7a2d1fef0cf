"""What one customer uses at one provider, and what that costs, exactly, up to any moment."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from providers.period import DAY, midnight, utc_day
from simulators.world.rhythm import Rhythm, used_by, usual_volume

FOREVER = datetime.max.replace(tzinfo=UTC)
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Meter:
    """One thing that is metered, such as output tokens."""

    name: str
    unit_price: Decimal
    """US dollars a unit, exact."""
    per_day: float
    """Units on a usual day at the world's start."""
    unit: str | None = "tokens"


@dataclass(frozen=True, slots=True)
class Stream:
    """Steady use of one model for one purpose, by one key or none."""

    stream_id: str
    model: str
    meters: tuple[Meter, ...]
    rhythm: Rhythm = "office"
    growth: float = 0.001
    owner: str | None = None
    """The project or workspace."""
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Metered(NamedTuple):
    """What one meter counted in a day up to some moment, and what that costs."""

    stream: Stream
    meter: Meter
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Surge:
    """From `start` to `end`, the streams for which `hits` is true use `factor` times as much."""

    hits: Callable[[Stream], bool]
    factor: float
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PriceChange:
    """From `at` on, a model costs `factor` times as much."""

    model: str
    factor: Decimal
    at: datetime


Lines = tuple[Metered, ...]
Computed = dict[tuple[date, datetime], Lines]
"""Computed days, each up to a moment of it or to its end."""
_UNTOUCHED: dict[object, Computed] = {}
"""A cache of customers without events, since tests often start the same ones."""
_MOST_UNTOUCHED = 8
_MOST_COMPUTED = 1500


class Usage:
    """All streams of one customer at one provider: a function of seed, events and moment."""

    def __init__(self, seed: str, start: datetime, streams: tuple[Stream, ...]) -> None:
        self._seed = seed
        self._day_zero = utc_day(start)
        self._streams = list(streams)
        self._surges: list[Surge] = []
        self._stops: list[Surge] = []
        self._prices: list[PriceChange] = []
        self._restated: dict[date, float] = {}
        if len(_UNTOUCHED) >= _MOST_UNTOUCHED:
            _UNTOUCHED.clear()
        self._computed = _UNTOUCHED.setdefault((seed, self._day_zero, streams), {})

    @property
    def streams(self) -> tuple[Stream, ...]:
        """All streams, ended ones too."""
        return tuple(self._streams)

    def day(self, day: date, until: datetime) -> Lines:
        """Return the use of that UTC day up to `until`, a line for each meter that counted."""
        begin = midnight(day)
        if until <= begin:
            return ()
        at = day, min(until, begin + DAY)
        lines = self._computed.get(at)
        if lines is None:
            if len(self._computed) >= _MOST_COMPUTED:
                self._computed.clear()
            lines = self._computed[at] = tuple(self._metered(*at))
        return lines

    def add(self, stream: Stream) -> None:
        """Add a stream."""
        self._streams.append(stream)
        self._forget(stream.since)

    def surge(self, surge: Surge) -> None:
        """Add a spike; with a factor below 1, less use."""
        self._surges.append(surge)
        self._forget(surge.start)

    def stop(self, stop: Surge) -> None:
        """Stop the use of streams, because of what they used (a limit was reached)."""
        self._stops.append(stop)
        self._forget(stop.start)

    def end_stops(self) -> None:
        """Remove all stops, also those of the past."""
        if self._stops:
            self._forget(min(stop.start for stop in self._stops))
        self._stops.clear()

    def change_price(self, change: PriceChange) -> None:
        """Change a model's price."""
        self._prices.append(change)
        self._forget(change.at)

    def restate(self, day: date, factor: float) -> None:
        """Let the provider correct a day; with 0 the day reads empty."""
        self._restated[day] = factor
        self._computed = {at: lines for at, lines in self._computed.items() if at[0] != day}

    def _forget(self, since: datetime | None) -> None:
        self._computed = {
            (day, until): lines
            for (day, until), lines in self._computed.items()
            if since is not None and until <= since
        }

    def _metered(self, day: date, until: datetime) -> Iterator[Metered]:
        restated = self._restated.get(day, 1.0)
        for stream in self._streams:
            if not restated or not _is_active(stream, day, until):
                continue
            volume = restated * usual_volume(
                f"{self._seed}/{stream.stream_id}",
                stream.rhythm,
                stream.growth,
                (day - self._day_zero).days,
                day,
            )
            used = self._used_until(stream, day)
            steps = [
                (volume * used(min(until, step_end)), factor)
                for step_end, factor in self._price_steps(stream.model, day, until)
            ]
            for meter in stream.meters:
                quantity, amount = _price(meter, steps)
                if quantity:
                    yield Metered(stream, meter, quantity, amount)

    def _used_until(self, stream: Stream, day: date) -> Callable[[datetime], float]:
        """Return a function: the share of its usual volume that the stream has used by a moment."""
        begin, end = midnight(day), midnight(day) + DAY
        alive_from, alive_until = stream.since or begin, stream.until or FOREVER
        changes = [
            change
            for change in (*self._surges, *self._stops)
            if change.start < end and change.end > begin and change.hits(stream)
        ]
        edges = sorted({edge for change in changes for edge in (change.start, change.end)})

        def used(until: datetime) -> float:
            stop = min(until, alive_until)
            moments = [alive_from, *(edge for edge in edges if alive_from < edge < stop), stop]
            share = 0.0
            for start, finish in pairwise(moments):
                part = used_by(stream.rhythm, finish - begin) - used_by(
                    stream.rhythm, start - begin
                )
                for change in changes:
                    if change.start <= start < change.end:
                        part *= change.factor
                share += max(part, 0.0)
            return share

        return used

    def _price_steps(
        self, model: str, day: date, until: datetime
    ) -> tuple[tuple[datetime, Decimal], ...]:
        changes = [change for change in self._prices if change.model == model and change.at < until]
        if not changes:
            return _NO_STEPS
        steps = []
        factor = Decimal(1)
        for change in sorted(changes, key=lambda change: change.at):
            if change.at > midnight(day):
                steps.append((change.at, factor))
            factor *= change.factor
        return (*steps, (FOREVER, factor))


_NO_STEPS: tuple[tuple[datetime, Decimal], ...] = ((FOREVER, Decimal(1)),)


def _is_active(stream: Stream, day: date, until: datetime) -> bool:
    return (stream.since is None or stream.since < until) and (
        stream.until is None or stream.until > midnight(day)
    )


def _price(meter: Meter, steps: Sequence[tuple[float, Decimal]]) -> tuple[int, Decimal]:
    """Return quantity and cost. A step has the volume used by its end, and the price's factor."""
    quantity = 0
    amount = Decimal(0)
    for volume, factor in steps:
        counted = int(meter.per_day * volume)
        amount += (counted - quantity) * meter.unit_price * factor
        quantity = counted
    return quantity, amount
