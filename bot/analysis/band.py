"""How far off a forecast may be: a band that is meant to hold the truth four times in five.

It is learnt from the series itself: each past day is taken as if it were today, and how far off the
same number of days ahead came out is pooled with what scatter and drift alone would lead to expect.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from bot.analysis.model import shape
from bot.analysis.seasonality import History
from providers.money import total
from providers.period import WEEK

_FIRST_ORIGIN = 14
_SPAN = 300
_ORIGINS = 12
"""Past days that are taken as if they were today, over so long a time that they differ."""
_UNSEEN = 1.15
"""Times the errors of the past: what is to come holds changes that the past does not."""
_DRIFT = 0.012
"""Standard deviation of a day's change of level, on the log scale, before the series shows it."""
_PRIOR = 6
"""How many past origins the expectation from scatter and drift counts for."""
_TOO_FEW = 3
"""Past origins that say nothing of how far off the worst in ten is."""
_DOUBT = 1.0
"""Days' worth of scatter by which weekdays are in doubt, divided by the days they rest on."""
_NORMAL = 1.2816
"""Standard deviations that hold 80% of a normal distribution."""
_LEAST = 0.01
"""No band is narrower than 1% to either side."""


def band(parts: Sequence[History], days_ahead: int) -> tuple[float, float]:
    """Ratios of what the coming days may cost to what they are expected to, over all parts.

    Each part's days are expected by its own shape. The truth should lie below the first ratio one
    time in ten, and above the second one time in ten.
    """
    habit = shape(together(parts))
    if habit is None or not days_ahead:
        return 1.0, 1.0
    errors = _past_log_ratios(tuple(map(tuple, parts)), days_ahead)
    doubt = _DOUBT / habit.basis_days
    own = habit.scatter**2 * (1 / days_ahead + 1 / min(WEEK, habit.basis_days) + doubt)
    spread = _NORMAL * math.sqrt(own + _DRIFT**2 * (days_ahead / 3 + 2))
    informative = max(0, len(errors) - _TOO_FEW)
    weight = informative / (informative + _PRIOR)
    low = weight * _UNSEEN * _quantile(errors, 0.1) - (1 - weight) * spread
    high = weight * _UNSEEN * _quantile(errors, 0.9) + (1 - weight) * spread
    return math.exp(min(low, -_LEAST)), math.exp(max(high, _LEAST))


def together(parts: Sequence[History]) -> History:
    """What the parts cost together on each day that is known of all that had begun by then."""
    known = [dict(part) for part in parts if part]
    begun = [part[0][0] for part in parts if part]
    return tuple(
        (day, total(part[day] for part in known if day in part))
        for day in sorted(set().union(*known))
        if all(day in part or day < first for part, first in zip(known, begun, strict=True))
    )


@lru_cache(maxsize=256)
def _past_log_ratios(
    parts: tuple[tuple[tuple[date, Decimal], ...], ...], days_ahead: int
) -> tuple[float, ...]:
    """How as many days ahead came out, seen from each of the past days, in order of size; of many
    parts seen from fewer days, as each takes its time."""
    ratios = []
    past = together(parts)
    last = len(past) - days_ahead
    first = max(_FIRST_ORIGIN, last - _SPAN)
    step = max(1, (last - first) // _ORIGINS) * math.ceil(len(parts) / 3)
    for origin in range(last, first - 1, -step):
        coming = past[origin : origin + days_ahead]
        truth = math.fsum(float(used) for _, used in coming)
        guess = 0.0
        for part in parts:
            if habit := shape(part[: bisect_left(part, coming[0][0], key=lambda each: each[0])]):
                guess += math.fsum(habit.day(day) for day, _ in coming)
        if truth > 0 and guess > 0:
            ratios.append(math.log(truth / guess))
    return tuple(sorted(ratios))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Of values in ascending order, read between the two that are nearest; zero of none."""
    if not ordered:
        return 0.0
    place = min(len(ordered) - 1.0, max(0.0, share * (len(ordered) + 1) - 1))
    below = math.floor(place)
    above = min(len(ordered) - 1, below + 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
