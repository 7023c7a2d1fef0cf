"""The 80% range of a forecast.

It is learned from the series itself. Each past day is treated as if it were today, and the error
the same number of days ahead is recorded. These errors are pooled with those that scatter and drift
alone would cause.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from bot.analysis.model import fit_spend_model
from bot.analysis.seasonality import History
from providers.money import total
from providers.period import WEEK

_FIRST_ORIGIN = 14
_SPAN = 300
_ORIGINS = 12
"""Number of past days treated as if they were today, spread widely enough to differ."""
_UNSEEN = 1.15
"""Factor on past errors: the future holds changes that the past does not."""
_DRIFT = 0.012
"""Standard deviation of a day's change of level, on the log scale, before the series shows it."""
_PRIOR = 6
"""Number of past origins that the expectation from scatter and drift counts as."""
_TOO_FEW = 3
"""Up to this number of past origins, the worst 10% can't be estimated."""
_DOUBT = 1.0
"""Uncertainty of weekday factors, in days of scatter; divided by the number of days they are
computed from."""
_NORMAL = 1.2816
"""Standard deviations that contain 80% of a normal distribution."""
_LEAST = 0.01
"""The range is at least 1% to either side."""


def band(parts: Sequence[History], days_ahead: int) -> tuple[float, float]:
    """Return two ratios: the coming days' low and high cost, divided by their expected cost.

    All parts are pooled, each expected by its own model. The actual ratio should be below the first
    10% of the time, and above the second 10% of the time.
    """
    model = fit_spend_model(sum_histories(parts))
    if model is None or not days_ahead:
        return 1.0, 1.0
    errors = _past_log_ratios(tuple(map(tuple, parts)), days_ahead)
    doubt = _DOUBT / model.basis_days
    own = model.scatter**2 * (1 / days_ahead + 1 / min(WEEK, model.basis_days) + doubt)
    spread = _NORMAL * math.sqrt(own + _DRIFT**2 * (days_ahead / 3 + 2))
    informative = max(0, len(errors) - _TOO_FEW)
    weight = informative / (informative + _PRIOR)
    low = weight * _UNSEEN * _quantile(errors, 0.1) - (1 - weight) * spread
    high = weight * _UNSEEN * _quantile(errors, 0.9) + (1 - weight) * spread
    return math.exp(min(low, -_LEAST)), math.exp(max(high, _LEAST))


def sum_histories(parts: Sequence[History]) -> History:
    """Return the sum of the parts on each day that is known for every part already in use."""
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
    """Return the sorted log ratios of actual to expected cost `days_ahead` from past days. Many
    parts are seen from fewer days, because each takes time."""
    ratios = []
    past = sum_histories(parts)
    last = len(past) - days_ahead
    first = max(_FIRST_ORIGIN, last - _SPAN)
    step = max(1, (last - first) // _ORIGINS) * math.ceil(len(parts) / 3)
    for origin in range(last, first - 1, -step):
        coming = past[origin : origin + days_ahead]
        truth = math.fsum(float(used) for _, used in coming)
        guess = 0.0
        for part in parts:
            if model := fit_spend_model(
                part[: bisect_left(part, coming[0][0], key=lambda each: each[0])]
            ):
                guess += math.fsum(model.day(day) for day, _ in coming)
        if truth > 0 and guess > 0:
            ratios.append(math.log(truth / guess))
    return tuple(sorted(ratios))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, interpolated linearly; 0 for an empty list."""
    if not ordered:
        return 0.0
    place = min(len(ordered) - 1.0, max(0.0, share * (len(ordered) + 1) - 1))
    below = math.floor(place)
    above = min(len(ordered) - 1, below + 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
