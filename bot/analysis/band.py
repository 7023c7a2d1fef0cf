"""The 80% range of a forecast.

It is learned from the series itself. Each past day is treated as if it were today, and the error
the same number of days ahead is recorded. 80% of these errors are within the range. They are
blended with the spread that scatter and drift alone would cause, which counts as one period of so
many days. The errors count as the periods that they fill one after another: errors that share days
repeat each other. After unusual days the range is wider, until it shows whether they last.
"""

import math
from collections.abc import Sequence

from bot.analysis.model import RecentResults, fit_spend_model
from bot.analysis.seasonality import History
from providers.period import WEEK

_FIRST_ORIGIN = 14
_SPAN = 300
_ORIGINS = 18
"""Number of past days treated as if they were today, spread widely enough to differ."""
_DRIFT = 0.012
"""Standard deviation of a day's change of level, on the log scale, before the series shows it."""
_DOUBT = 1.0
"""Uncertainty of weekday factors, in days of scatter; divided by the number of days they are
computed from."""
_NORMAL = 1.2816
"""Standard deviations that contain 80% of a normal distribution."""
_LEAST = 0.01
"""The range is at least 1% to either side."""
_LAST_DAYS = 3
_MAY_LAST = 0.5
"""Share of the last days' unusual deviation that the range allows for: it may last or be over."""


def band(history: History, days_ahead: int) -> tuple[float, float]:
    """Return two ratios: the coming days' low and high cost, divided by their expected cost.

    The actual ratio should be below the first 10% of the time, and above the second 10% of the
    time.
    """
    model = fit_spend_model(history)
    if model is None or not days_ahead:
        return 1.0, 1.0
    errors = _past_errors.get(history, lambda: _past_log_ratios(history, days_ahead), days_ahead)
    doubt = _DOUBT / model.basis_days
    own = model.scatter**2 * (1 / days_ahead + 1 / min(WEEK, model.basis_days) + doubt)
    spread = _NORMAL * math.sqrt(own + _DRIFT**2 * (days_ahead / 3 + 2))
    periods = max(1.0, min(len(errors), _periods(len(history), days_ahead)))
    weight = 1 - 1 / periods
    low = weight * _quantile(errors, 0.1) - (1 - weight) * spread
    high = weight * _quantile(errors, 0.9) + (1 - weight) * spread
    open_question = _MAY_LAST * _unusual_deviation(history, model.scatter)
    return (
        math.exp(-math.hypot(min(low, -_LEAST), open_question)),
        math.exp(math.hypot(max(high, _LEAST), open_question)),
    )


def _unusual_deviation(history: History, scatter: float) -> float:
    """Return how far, on the log scale, the last days differ from what was expected of them, less
    what chance explains."""
    last = history[-_LAST_DAYS:]
    model = fit_spend_model(history[:-_LAST_DAYS])
    expected = math.fsum(model.day(day) for day, _ in last) if model else 0.0
    used = math.fsum(float(used) for _, used in last)
    if expected <= 0 or used <= 0:
        return 0.0
    return max(0.0, abs(math.log(used / expected)) - 2 * scatter / math.sqrt(len(last)))


_past_errors: RecentResults[tuple[float, ...]] = RecentResults(256)


def _past_log_ratios(history: History, days_ahead: int) -> tuple[float, ...]:
    """Return the sorted log ratios of actual to expected cost `days_ahead` from past days."""
    ratios = []
    first, last = _origins(len(history), days_ahead)
    for origin in range(last, first - 1, -max(1, round((last - first) / (_ORIGINS - 1)))):
        coming = history[origin : origin + days_ahead]
        truth = math.fsum(float(used) for _, used in coming)
        model = fit_spend_model(history[:origin])
        guess = math.fsum(model.day(day) for day, _ in coming) if model else 0.0
        if truth > 0 and guess > 0:
            ratios.append(math.log(truth / guess))
    return tuple(sorted(ratios))


def _origins(days: int, days_ahead: int) -> tuple[int, int]:
    """Return the first and last past day to be treated as today; the first is the later one if
    there are too few days."""
    last = days - days_ahead
    return max(_FIRST_ORIGIN, last - _SPAN), last


def _periods(days: int, days_ahead: int) -> float:
    """Return how many periods of `days_ahead` days fit one after another into the past days whose
    error is known."""
    first, last = _origins(days, days_ahead)
    return 1 + (last - first) / days_ahead


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, interpolated linearly; 0 for an empty list."""
    if not ordered:
        return 0.0
    place = min(len(ordered) - 1.0, max(0.0, share * (len(ordered) + 1) - 1))
    below = math.floor(place)
    above = min(len(ordered) - 1, below + 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
