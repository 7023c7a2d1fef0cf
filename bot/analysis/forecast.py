"""Forecast a period's end: the exact spend so far, and the days that remain, with a range.

A day is expected to cost what its weekday recently did, times a level that follows changes but not
single spikes or outages, plus what its date costs month after month. ``tests/bench`` tries this on
made-up series whose truth is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.analysis.band import band
from bot.analysis.model import shape
from bot.analysis.seasonality import History
from providers.money import from_float, from_nano, to_nano, total
from providers.period import DAY, WEEK, Period, midnight, utc_day

Method = Literal["weekdays", "level"]
LEAST_DAYS = 3
"""Complete days since the first use without which nothing is forecast."""
THIN_DAYS = 14
"""Below this, weekdays are hardly known and the band is wide."""


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
    actual: Decimal | None
    """Used on the period's known days, the running one's part included: exact. None where no day
    of the period is known yet."""
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
    """Past days of the period that the ledger does not cover: computed, not known."""
    path: tuple[PathDay, ...]
    """The running day and those that remain; empty once the period is over."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What one connection used."""

    history: History
    """On complete UTC days, ascending, as far back as they are known."""
    so_far_today: Decimal | None = None
    """None where nothing is published yet."""


def forecast_sum(parts: Sequence[Spending], period: Period, now: datetime) -> Forecast | None:
    """Forecast where `period` ends, as the sum of what each connection is expected to come to.

    What is not before `now`'s day is left out of the histories. None where a connection has fewer
    than `LEAST_DAYS` days since its first use, or none has any use.
    """
    bases = _bases(parts, period, now)
    if bases is None:
        return None
    low, high = band(
        [each.past for each in bases if each.past], max(len(each.daily) for each in bases)
    )
    paths = [list(_path(each.start, each.ahead, low, high)) for each in bases]
    path = tuple(_sum(of_day) for of_day in zip(*paths, strict=True))
    end = path[-1] if path else _sum([b.start.after(period.end, 0.0, low, high) for b in bases])
    rates = [run_rate(each.inside, len(period)) for each in bases]
    is_begun = utc_day(now) in period and any(each.so_far_today is not None for each in parts)
    actual = total(amount for b in bases for amount in (b.start.known, b.start.part))
    known_rates = [each for each in rates if each is not None]
    basis_days = min(len(each.past) for each in bases if each.past)
    return Forecast(
        period=period,
        actual=actual if is_begun or any(each.inside for each in bases) else None,
        expected=end.expected,
        low=end.low,
        high=end.high,
        run_rate=total(known_rates) if len(known_rates) == len(rates) else None,
        method="weekdays" if basis_days >= WEEK else "level",
        basis_days=basis_days,
        is_thin=basis_days < THIN_DAYS,
        filled_days=tuple(sorted({day for each in bases for day in each.filled})),
        path=path,
    )


def expectation(parts: Sequence[Spending], period: Period, now: datetime) -> Decimal | None:
    """What `forecast_sum` expects at the end of `period`, without its band, which takes most of
    the time; None where there is none or where history is too thin to be warned by."""
    bases = _bases(parts, period, now)
    if bases is None or any(0 < len(each.past) < THIN_DAYS for each in bases):
        return None
    return total(
        each.start.after(period.end, sum(dollars for _, dollars in each.ahead), 1.0, 1.0).expected
        for each in bases
    )


def can_be_forecast(spending: Spending, now: datetime) -> bool:
    """Whether enough is known of a connection to be part of a forecast; one that was never used
    adds nothing to it."""
    past = [each for each in spending.history if each[0] < utc_day(now)]
    return bool(past) and len(since_first_use(past)) not in range(1, LEAST_DAYS)


@dataclass(frozen=True, slots=True)
class _Basis:
    """What one connection's forecast is made from."""

    past: History
    inside: Sequence[Decimal]
    """Used on the period's complete days that are known."""
    filled: tuple[date, ...]
    daily: dict[date, float]
    """What is expected of each day that is not known, the running one as a whole."""
    ahead: Sequence[tuple[date, float]]
    start: "_Start"


def _bases(parts: Sequence[Spending], period: Period, now: datetime) -> Sequence[_Basis] | None:
    if not all(can_be_forecast(each, now) for each in parts):
        return None
    bases = [_basis(each, period, now) for each in parts]
    return bases if any(each.past for each in bases) else None


def _basis(spending: Spending, period: Period, now: datetime) -> _Basis:
    today, so_far_today = utc_day(now), spending.so_far_today
    known = {day: used for day, used in spending.history if day < today}
    past = since_first_use(sorted(known.items()))
    habit = shape(past) if past else None
    inside = [used for day, used in known.items() if day in period]
    filled = tuple(day for day in period if day < today and day not in known)
    ahead = [day for day in period if day >= today]
    part = so_far_today if so_far_today is not None and today in period else Decimal(0)
    daily = {day: habit.day(day) if habit else 0.0 for day in (*filled, *ahead)}
    if today in daily:
        daily[today] = _whole_day(daily[today], part, now)
    start = _Start(total(inside), part, sum(daily[day] for day in filled))
    return _Basis(past, inside, filled, daily, [(d, daily[d]) for d in ahead], start)


def _sum(of_day: Sequence[PathDay]) -> PathDay:
    return PathDay(
        of_day[0].day,
        total(each.expected for each in of_day),
        total(each.low for each in of_day),
        total(each.high for each in of_day),
    )


def since_first_use(past: History) -> History:
    """The days from the first on which anything was used: before it there were no habits."""
    first = next((n for n, (_, used) in enumerate(past) if used), len(past))
    return past[first:]


def run_rate(complete_days: Sequence[Decimal], length: int) -> Decimal | None:
    """`length` times the mean of the days; None without any."""
    if not complete_days:
        return None
    return from_nano(to_nano(total(complete_days)) * length // len(complete_days))


def crossing(amount: Decimal, prediction: Forecast) -> date | None:
    """Return the day on which the period's total is forecast to reach `amount`.

    None if it isn't reached within the period; today if it is already reached.
    """
    return next((each.day for each in prediction.path if each.expected >= amount), None)


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
            total([self.known, max(self.part, from_float(coming * ratio))])
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
    """Return what the running day will come to, from its part so far.

    Providers publish the running day late: a low figure so far doesn't mean a quiet day, but a
    high one means a busy day.
    """
    rest = 1 - (now - midnight(utc_day(now))) / DAY
    return max(usual, float(part) + rest * usual)
