"""Forecast a period's end: the exact spend so far plus the remaining days, with a range.

A day is expected to cost what its weekday recently did, times a level that follows lasting changes
but not single spikes or outages. Dates that cost more each month are added. ``tests/bench``
measures this on generated series with known truth.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Literal

from bot.analysis.band import band
from bot.analysis.model import fit_spend_model
from bot.analysis.seasonality import History, since_first_use
from providers.money import from_float, from_nano, to_nano, total
from providers.period import DAY, WEEK, Period, midnight, utc_day

Method = Literal["weekdays", "level"]
LEAST_DAYS = 3
"""Complete days since the first use that a forecast needs."""
THIN_DAYS = 14
"""With fewer days, weekdays are hardly known and the range is wide."""


@dataclass(frozen=True, slots=True)
class PathDay:
    """The period's running total at the end of a day, as expected."""

    day: date
    expected: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected total of a period."""

    period: Period
    actual: Decimal | None
    """Exact spend of the period's known days and of the running day so far. None if no day of the
    period is known yet."""
    expected: Decimal
    low: Decimal
    high: Decimal
    """Upper end of the 80% range; `low` is never below `actual`."""
    run_rate: Decimal | None
    """The mean of the complete days, times the days of the period. None before the first complete
    day."""
    method: Method
    """`level`: too little history to distinguish weekdays."""
    basis_days: int
    is_thin: bool
    filled_days: tuple[date, ...]
    """Past days of the period that the ledger does not cover. Their cost is estimated."""
    path: tuple[PathDay, ...]
    """The running day and the remaining ones; empty once the period has ended."""


@dataclass(frozen=True, slots=True)
class Spending:
    """The history of one connection."""

    history: History
    """Complete UTC days, ascending, as far back as they are known."""
    so_far_today: Decimal | None = None
    """None if nothing is published yet."""


def forecast_sum(parts: Sequence[Spending], period: Period, now: datetime) -> Forecast | None:
    """Forecast the total of `period`, as the sum over connections.

    Days from `now` on are ignored. None if a connection has fewer than `LEAST_DAYS` days since its
    first use, or if nothing was ever used.
    """
    bases = _bases(parts, period, now)
    if bases is None:
        return None
    path = _total_path(bases, period)
    end = path[-1]
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
        path=path if period.end > utc_day(now) else (),
    )


def expectation(parts: Sequence[Spending], period: Period, now: datetime) -> Decimal | None:
    """Return the expected value of `forecast_sum`, without its slow range. None if there is no
    forecast, or if history is too thin for a warning."""
    bases = _bases(parts, period, now)
    if bases is None or any(0 < len(each.past) < THIN_DAYS for each in bases):
        return None
    return total(
        each.start.after(period.end, sum(dollars for _, dollars in each.ahead), 1.0, 1.0).expected
        for each in bases
    )


def can_be_forecast(spending: Spending, now: datetime) -> bool:
    """Return True if enough is known about a connection to include it in a forecast. One that was
    never used adds nothing."""
    past = [each for each in spending.history if each[0] < utc_day(now)]
    return bool(past) and len(since_first_use(past)) not in range(1, LEAST_DAYS)


@dataclass(frozen=True, slots=True)
class _Basis:
    """The inputs of one connection's forecast."""

    past: History
    inside: Sequence[Decimal]
    """Spend of the period's complete and known days."""
    filled: tuple[date, ...]
    daily: dict[date, float]
    """Expected spend of each unknown day; of the running day as a whole."""
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
    model = fit_spend_model(past) if past else None
    inside = [used for day, used in known.items() if day in period]
    filled = tuple(day for day in period if day < today and day not in known)
    ahead = [day for day in period if day >= today]
    part = so_far_today if so_far_today is not None and today in period else Decimal(0)
    daily = {day: model.day(day) if model else 0.0 for day in (*filled, *ahead)}
    if today in daily:
        daily[today] = _whole_day(daily[today], part, now)
    start = _Start(total(inside), part, sum(daily[day] for day in filled))
    return _Basis(past, inside, filled, daily, [(d, daily[d]) for d in ahead], start)


def _total_path(bases: Sequence[_Basis], period: Period) -> tuple[PathDay, ...]:
    """Return the path of all connections together: the days ahead, or the end of a period that has
    ended."""
    alone = [_path(each, period, band(each.past, len(each.daily))) for each in bases]
    return alone[0] if len(alone) == 1 else tuple(map(_sum, zip(*alone, strict=True)))


def _sum(of_day: Sequence[PathDay]) -> PathDay:
    """Return the total of a day.

    One connection's forecast is wrong independently of another's. So the distances from what is
    expected add up as their squares do: all are rarely too low together. The range of a total is at
    least as wide as that of each part of it, to either side.
    """
    expected = total(each.expected for each in of_day)
    below = math.hypot(*(float(each.expected - each.low) for each in of_day))
    above = math.hypot(*(float(each.high - each.expected) for each in of_day))
    return PathDay(
        of_day[0].day, expected, expected - from_float(below), expected + from_float(above)
    )


def run_rate(complete_days: Sequence[Decimal], length: int) -> Decimal | None:
    """Return `length` times the mean of the days; None if there are none."""
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
    """Where a path starts: complete days, the running day so far, and estimated days."""

    known: Decimal
    part: Decimal
    filled: float

    def after(self, day: date, ahead: float, low: float, high: float) -> PathDay:
        """Return the total once `ahead` more dollars are expected."""
        coming = self.filled + ahead
        least, middle, most = (
            total([self.known, max(self.part, from_float(coming * ratio))])
            for ratio in (low, 1.0, high)
        )
        return PathDay(day, middle, least, most)


def _path(basis: _Basis, period: Period, ratios: tuple[float, float]) -> tuple[PathDay, ...]:
    days = accumulate(basis.ahead, lambda sum_, each: (each[0], sum_[1] + each[1]))
    path = tuple(basis.start.after(day, coming, *ratios) for day, coming in days)
    return path or (basis.start.after(period.end, 0.0, *ratios),)


def _whole_day(usual: float, part: Decimal, now: datetime) -> float:
    """Return the expected total of the running day.

    Providers publish the running day late: a low figure so far doesn't mean a quiet day, but a high
    one means a busy day.
    """
    rest = 1 - (now - midnight(utc_day(now))) / DAY
    return max(usual, float(part) + rest * usual)
