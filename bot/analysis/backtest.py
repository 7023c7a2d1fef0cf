"""Forecast accuracy: each past period is forecast from its first days and compared with its actual
spend.

Both come from the ledger of today, so restatements are included.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.analysis.forecast import Spending, can_be_forecast, forecast_sum
from bot.analysis.seasonality import History
from providers.money import total
from providers.period import DAY, Period, midnight

AS_OF = (4, 11, 21)
"""Complete days of a month at which it is forecast."""
_PERIODS_BACK = 6
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Trial:
    """One past period: its forecast from its first days, and its actual spend."""

    period: Period
    known_days: int
    truth: Decimal
    expected: Decimal
    run_rate: Decimal | None
    """None if no day of the period was known."""
    is_held: bool
    """The actual spend was within the range."""

    @property
    def error(self) -> Decimal:
        """Return the error relative to the actual spend: 0.08 is 8% too high or too low."""
        return abs(self.expected - self.truth) / self.truth

    @property
    def run_rate_error(self) -> Decimal | None:
        """Return the same error for a plain run rate."""
        return None if self.run_rate is None else abs(self.run_rate - self.truth) / self.truth


@dataclass(frozen=True, slots=True)
class Score:
    """A summary of trials; errors are means of relative errors."""

    trials: int
    error: Decimal
    run_rate_error: Decimal | None
    """None if a trial has no run rate."""
    held: Decimal
    """Share of trials whose actual spend was within the range. The target is 0.8."""


def try_once(
    history: History, period: Period, known_days: int, parts: Sequence[History] = ()
) -> Trial | None:
    """Forecast an ended period as of the morning after its first `known_days`.

    `parts` are the histories of the connections that `history` sums; each is forecast on its own.
    Empty: `history` is of one connection. None if the period is not fully known, cost nothing, or
    had too little history.
    """
    truth = _truth(history, period)
    if truth is None:
        return None
    today = period.start + DAY * known_days
    known = [
        Spending(tuple(each for each in part if each[0] < today)) for part in parts or [history]
    ]
    forecastable = [part for part in known if can_be_forecast(part, midnight(today))]
    found = forecast_sum(forecastable, period, midnight(today))
    if found is None:
        return None
    is_held = found.low <= truth <= found.high
    return Trial(period, known_days, truth, found.expected, found.run_rate, is_held)


def _truth(history: History, period: Period) -> Decimal | None:
    inside = [used for day, used in history if day in period]
    came_to = total(inside)
    return came_to if len(inside) == len(period) and came_to > 0 else None


def backtest(history: History, parts: Sequence[History] = ()) -> Sequence[Trial]:
    """Return a trial for each fully known month of the history, at several of its days; see
    `try_once`."""
    trials = (try_once(history, month, days, parts) for month in months(history) for days in AS_OF)
    return [trial for trial in trials if trial is not None]


def score(trials: Sequence[Trial]) -> Score | None:
    """Summarize trials; None if there are none."""
    if not trials:
        return None
    run_rates = [trial.run_rate_error for trial in trials]
    known = [error for error in run_rates if error is not None]
    return Score(
        trials=len(trials),
        error=_mean([trial.error for trial in trials]),
        run_rate_error=_mean(known) if len(known) == len(trials) else None,
        held=_mean([Decimal(trial.is_held) for trial in trials]),
    )


def past_error(
    history: History,
    points: Iterable[tuple[Period, date]],
    parts: Sequence[History] = (),
) -> Score | None:
    """Return the error that forecasts of these periods would have had on these days; see
    `try_once`.

    `history` excludes days that have not settled, so that no period is compared with an incomplete
    total.
    """
    trials = (try_once(history, period, (day - period.start).days, parts) for period, day in points)
    return score([trial for trial in trials if trial is not None])


def points_before(period: Period, known_days: int) -> Sequence[tuple[Period, date]]:
    """Return the last six periods like this one, each with the UTC day on which `known_days` of it
    were complete. For a shorter period this is its last day.

    Months are compared with months, other periods with periods of equal length.
    """
    found = []
    for _ in range(_PERIODS_BACK):
        period = _one_before(period)
        found.append((period, period.start + DAY * min(known_days, len(period) - 1)))
    return found


def _one_before(period: Period) -> Period:
    return period.before("month" if period == Period.of_month(period.start) else "days")


def months(history: History) -> Iterator[Period]:
    """Yield the calendar months that the history touches, oldest first."""
    seen = None
    for day, _ in history:
        month = Period.of_month(day)
        if month != seen:
            yield month
        seen = month


def _mean(values: Sequence[Decimal]) -> Decimal:
    return (total(values) / len(values)).quantize(_PLACES)
