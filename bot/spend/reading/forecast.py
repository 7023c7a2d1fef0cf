"""Where a period will end: what was used so far, exactly, and the days that remain, with a band.

Weekdays as they recently were, times a level that follows changes but not lone spikes or outages,
plus what a date costs month after month. Tried against made-up series whose truth is known in
``tests/bench``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.spend.reading.band import band
from bot.spend.reading.habits import History
from bot.spend.reading.series import Shape, shape
from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period, midnight, utc_day

Method = Literal["weekdays", "level"]
LEAST_DAYS = 3
"""Complete days since the first use without which nothing is foretold."""
THIN_DAYS = 14
"""Below this, weekdays are hardly known and the band is wide."""
_WEEK = 7


@dataclass(frozen=True, slots=True)
class PathDay:
    """Where the period's running total is expected to stand at the end of a day."""

    day: date
    expected: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a period will end."""

    period: Period
    actual: Decimal
    """Used on the period's known days, the running one's part included: exact."""
    expected: Decimal
    low: Decimal
    high: Decimal
    """The band that should hold the truth four times in five; never below `actual`."""
    run_rate: Decimal | None
    """What the mean of the complete days would come to; None before the first one."""
    method: Method
    """`level`: too little history for weekdays."""
    basis_days: int
    is_thin: bool
    filled_days: tuple[date, ...]
    """Past days of the period that the ledger does not cover: reckoned, not known."""
    path: tuple[PathDay, ...]
    """The running day and those that remain; empty once the period is over."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """On which day a total reaches an amount; None: not within the period."""

    earliest: date | None
    likely: date | None
    latest: date | None


def forecast(
    history: History, period: Period, now: datetime, so_far_today: Decimal | None = None
) -> Forecast | None:
    """Foretell where `period` ends.

    `history` holds complete UTC days, ascending, as far back as they are known; what is not before
    `now`'s day is left out of account. `so_far_today` is None where nothing is published yet. None
    where there are fewer than `LEAST_DAYS` days since the first use.
    """
    basis = _basis(history, period, now, so_far_today)
    if basis is None:
        return None
    past, start, daily = basis.past, basis.start, basis.daily
    low, high = band(past, basis.habit, len(daily))
    path = tuple(_path(start, basis.ahead, low, high))
    end = path[-1] if path else start.after(period.end, 0.0, low, high)
    return Forecast(
        period=period,
        actual=total([start.known, start.part]),
        expected=end.expected,
        low=end.low,
        high=end.high,
        run_rate=run_rate(basis.inside, len(period)),
        method="weekdays" if len(past) >= _WEEK else "level",
        basis_days=len(past),
        is_thin=len(past) < THIN_DAYS,
        filled_days=basis.filled,
        path=path,
    )


def expectation(
    history: History, period: Period, now: datetime, so_far_today: Decimal | None = None
) -> Decimal | None:
    """What `forecast` expects at the end of `period`, without its band, which takes most of the
    time; None where there is none or where history is too thin to be warned by."""
    basis = _basis(history, period, now, so_far_today)
    if basis is None or len(basis.past) < THIN_DAYS:
        return None
    coming = sum(dollars for _, dollars in basis.ahead)
    return basis.start.after(period.end, coming, 1.0, 1.0).expected


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a forecast is reckoned from."""

    past: History
    habit: Shape | None
    inside: Sequence[Decimal]
    """Used on the period's complete days that are known."""
    filled: tuple[date, ...]
    daily: dict[date, float]
    """What is expected of each day that is not known, the running one as a whole."""
    ahead: Sequence[tuple[date, float]]
    start: "_Start"


def _basis(
    history: History, period: Period, now: datetime, so_far_today: Decimal | None
) -> _Basis | None:
    today = utc_day(now)
    known = {day: used for day, used in history if day < today}
    past = since_first_use(sorted(known.items()))
    if len(past) < LEAST_DAYS:
        return None
    habit = shape(past)
    inside = [used for day, used in known.items() if day in period]
    filled = tuple(day for day in period if day < today and day not in known)
    ahead = [day for day in period if day >= today]
    part = so_far_today if so_far_today is not None and today in period else Decimal(0)
    daily = {day: habit.day(day) if habit else 0.0 for day in (*filled, *ahead)}
    if today in daily:
        daily[today] = _whole_day(daily[today], part, now)
    start = _Start(total(inside), part, sum(daily[day] for day in filled))
    return _Basis(past, habit, inside, filled, daily, [(d, daily[d]) for d in ahead], start)


def since_first_use(past: History) -> History:
    """The days from the first on which anything was used: before it there were no habits."""
    first = next((n for n, (_, used) in enumerate(past) if used), len(past))
    return past[first:]


def run_rate(complete_days: Sequence[Decimal], length: int) -> Decimal | None:
    """`length` times the mean of the days; None without any."""
    if not complete_days:
        return None
    return from_nano(to_nano(total(complete_days)) * length // len(complete_days))


def crossing(amount: Decimal, prediction: Forecast) -> Crossing:
    """When the period's total is foretold to reach `amount`.

    For one that it has already reached, the ledger knows the day: this says the running one.
    """
    return Crossing(
        earliest=next((each.day for each in prediction.path if each.high >= amount), None),
        likely=next((each.day for each in prediction.path if each.expected >= amount), None),
        latest=next((each.day for each in prediction.path if each.low >= amount), None),
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """What a path starts from: complete days, the running day's part, and what was filled in."""

    known: Decimal
    part: Decimal
    filled: float

    def after(self, day: date, ahead: float, low: float, high: float) -> PathDay:
        """Where the total stands once `ahead` dollars more are expected."""
        coming = self.filled + ahead
        least, middle, most = (
            total([self.known, max(self.part, _dollars(coming * ratio))])
            for ratio in (low, 1.0, high)
        )
        return PathDay(day, middle, least, most)


def _path(
    start: _Start, days: Sequence[tuple[date, float]], low: float, high: float
) -> Sequence[PathDay]:
    path, coming = [], 0.0
    for day, dollars in days:
        coming += dollars
        path.append(start.after(day, coming, low, high))
    return path


def _whole_day(usual: float, part: Decimal, now: datetime) -> float:
    """What the running day will come to, from its part so far.

    Vendors publish the running day late: little so far is no sign of a quiet day, much is one of a
    busy day.
    """
    rest = 1 - (now - midnight(utc_day(now))) / DAY
    return max(usual, float(part) + rest * usual)


def _dollars(amount: float) -> Decimal:
    return from_nano(round(amount * 10**9))
