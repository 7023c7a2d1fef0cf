"""How good forecasts would have been: each past month seen from a few of its days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.spend.reading.forecast import forecast
from bot.spend.reading.habits import History
from providers.money import total
from providers.period import DAY, Period, midnight

AS_OF = (4, 11, 21)
"""Complete days of a month that are known when it is forecast."""
_PERIODS_BACK = 6
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Trial:
    """One past period, forecast from its first days, against what it came to."""

    period: Period
    known_days: int
    truth: Decimal
    expected: Decimal
    run_rate: Decimal | None
    """None where no day of the period was known."""
    is_held: bool
    """The truth lay within the band."""

    @property
    def error(self) -> Decimal:
        """Relative to the truth: 0.08 is 8 % off, to either side."""
        return abs(self.expected - self.truth) / self.truth

    @property
    def run_rate_error(self) -> Decimal | None:
        """The same of plain run rate."""
        return None if self.run_rate is None else abs(self.run_rate - self.truth) / self.truth


@dataclass(frozen=True, slots=True)
class Score:
    """Trials in short; means of relative errors."""

    trials: int
    error: Decimal
    run_rate_error: Decimal | None
    """None where a trial has none."""
    held: Decimal
    """Share of the trials whose truth lay within the band, which is meant to be 0.8."""


def try_once(history: History, period: Period, known_days: int) -> Trial | None:
    """Forecast a period that is over, as of the morning after its first `known_days`.

    None where the period is not wholly known or cost nothing, or there was too little history then.
    """
    inside = [used for day, used in history if day in period]
    today = period.start + DAY * known_days
    truth = total(inside)
    if len(inside) < len(period) or truth <= 0:
        return None
    found = forecast([each for each in history if each[0] < today], period, midnight(today))
    if found is None:
        return None
    is_held = found.low <= truth <= found.high
    return Trial(period, known_days, truth, found.expected, found.run_rate, is_held)


def backtest(history: History, as_of: Sequence[int] = AS_OF) -> Sequence[Trial]:
    """Every wholly known calendar month of the history, from each of these points."""
    trials = (try_once(history, month, days) for month in _months(history) for days in as_of)
    return [trial for trial in trials if trial is not None]


def score(trials: Sequence[Trial]) -> Score | None:
    """The trials in short; None of none."""
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


def past_error(history: History, period: Period, known_days: int) -> Score | None:
    """How far off the same point of the last six periods like this one was.

    Months are held against months, anything else against periods of equal length.
    """
    trials = []
    for _ in range(_PERIODS_BACK):
        period = _one_before(period)
        trial = try_once(history, period, min(known_days, len(period) - 1))
        if trial is not None:
            trials.append(trial)
    return score(trials)


def _one_before(period: Period) -> Period:
    is_month = period == _month_of(period.start)
    return _month_of(period.start - DAY) if is_month else period.before()


def _month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period(first, (first + DAY * 31).replace(day=1))


def _months(history: History) -> Iterator[Period]:
    seen = None
    for day, _ in history:
        month = _month_of(day)
        if month != seen:
            yield month
        seen = month


def _mean(values: Sequence[Decimal]) -> Decimal:
    return (total(values) / len(values)).quantize(_PLACES)
