"""The calendar in daily spend: factors of weekdays, and extra costs of dates."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import fmean, median

from providers.period import DAY

History = Sequence[tuple[date, Decimal]]
"""Complete UTC days and their dollars, ascending. A missing day is unknown, not zero."""
HABIT_DAYS = 400
"""How far back every calculation of habits looks. All must use the same, or they would forecast one
month differently. Forecast accuracy over six months is computed from as many days."""
_DOUBT = 1.5
"""Weight of "no pattern", in weeks."""
_SPORADIC_DOUBT = 4.0
_JOB = 1.6
"""Multiple of the usual that a date must reach month after month to have a cost of its own."""
_WORTH_A_DATE = 0.5
"""Multiple of the mean day by which a date must exceed the usual."""
_DATES = (1, 2, 15, -1, -2)
_MONTHS_BACK = 130
_ENOUGH_AROUND = 5
_AROUND = [n for n in range(-10, 6) if n]


def since_first_use(past: History) -> History:
    """Drop the days before the first use: there were no habits yet."""
    first = next((n for n, (_, used) in enumerate(past) if used), len(past))
    return past[first:]


def places(day: date) -> tuple[int, int]:
    """Return the day's position in its month, from the start (1 …) and from the end (−1 …)."""
    return day.day, day.day - monthrange(day.year, day.month)[1] - 1


def extra(extras: Mapping[int, float], day: date) -> float:
    """Return the extra cost of a date."""
    return sum(extras.get(place, 0.0) for place in places(day))


def weekday_factors(recent: Sequence[tuple[date, float]]) -> tuple[float, ...]:
    """Return each weekday's ratio to the week around it, Monday first; they average 1.

    With few weeks, a weekday is pulled towards the ratio of all working days, or of all weekends.
    """
    by_day = dict(recent)
    ratios: list[list[float]] = [[] for _ in range(7)]
    for day, used in recent:
        around = _week_around(by_day, day)
        if around:
            ratios[day.weekday()].append(min(4.0, used / around))
    kinds = [[r for n in group for r in ratios[n]] for group in (range(5), (5, 6))]
    by_kind = [median(each) if each else 1.0 for each in kinds]
    factors = []
    for weekday in range(7):
        kind = by_kind[weekday >= 5]
        own = ratios[weekday]
        weight = len(own) / (len(own) + _DOUBT)
        factors.append(weight * (median(own) if own else kind) + (1 - weight) * kind)
    mean = sum(factors) / 7
    return tuple(max(0.02, factor / mean) for factor in factors) if mean else (1.0,) * 7


def mean_factors(recent: Sequence[tuple[date, float]]) -> tuple[float, ...]:
    """Return each weekday's mean divided by the mean day, pulled far towards 1; the average is
    about 1.

    For sporadic use. At least one day must have use.
    """
    mean = fmean(used for _, used in recent)
    factors = []
    for weekday in range(7):
        own = [used for day, used in recent if day.weekday() == weekday]
        factors.append((sum(own) / mean + _SPORADIC_DOUBT) / (len(own) + _SPORADIC_DOUBT))
    return tuple(factors)


def _week_around(by_day: Mapping[date, float], day: date) -> float | None:
    """Return the mean of a full week around the day, with extreme days limited to three times its
    median."""
    for first in (day - DAY * 3, day - DAY * 6, day):
        week = [by_day.get(first + DAY * n) for n in range(7)]
        known = [used for used in week if used is not None]
        if len(known) == 7 and (middle := median(known)) > 0:
            return sum(min(used, 3 * middle) for used in known) / 7
    return None


def extras(history: History, factors: Sequence[float]) -> dict[int, float]:
    """Dates that cost more than usual in each of the last three months, or of two."""
    found: dict[int, float] = {}
    by_day = {day: float(used) for day, used in history[-_MONTHS_BACK:]}
    by_place: dict[int, list[date]] = {}
    for day in by_day:
        for place in places(day):
            by_place.setdefault(place, []).append(day)
    for place in _DATES:
        excesses = [_excess(by_day, day, factors) for day in by_place.get(place, ())]
        last = [each for each in excesses if each is not None][-3:]
        if len(last) >= 2 and min(last) > 0:
            found[place] = median(last)
    return found


def _excess(by_day: Mapping[date, float], day: date, factors: Sequence[float]) -> float | None:
    """Return how far the day exceeds the two weeks around it, or 0.

    None if too few of those days are known.
    """
    around = [day + DAY * n for n in _AROUND]
    even = [by_day[each] / factors[each.weekday()] for each in around if each in by_day]
    if len(even) < _ENOUGH_AROUND:
        return None
    middle = median(even)
    usual = middle * factors[day.weekday()]
    excess = by_day[day] - usual
    stands_out = by_day[day] > _JOB * usual and excess > _WORTH_A_DATE * middle
    return excess if stands_out else 0.0
