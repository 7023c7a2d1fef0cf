"""Other ways to forecast, run on the same days: simple ones, and those of two packages.

The packages are 600 MiB for one comparison, so `make bench` puts them into an environment of their
own.
"""

import json
import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.analysis.backtest import Trial, try_once
from bot.analysis.seasonality import History, mean_factors
from providers.period import Period

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
"""Its matrices are so small that threads only get in each other's way: a fifth of the time."""
PATIENCE_SECONDS = 1500
_SMOOTHING = 0.9
_WEEK = 7
_WEEKS = 8


class NotMeasured(Exception):
    """It could not be run: why, in a few words."""


@dataclass(frozen=True, slots=True)
class Case:
    """A month of a series, to be forecast from its first days."""

    history: History
    month: Period
    known_days: int

    @property
    def past(self) -> Sequence[tuple[object, float]]:
        """The days that are known."""
        today = self.month.start.toordinal() + self.known_days
        return [(day, float(used)) for day, used in self.history if day.toordinal() < today]

    @property
    def ahead(self) -> int:
        """How many days are not."""
        return len(self.month) - self.known_days

    def ours(self) -> Trial | None:
        """The product's forecast; None where there is nothing to compare."""
        return try_once(self.history, self.month, self.known_days)

    def error(self, coming: float) -> float:
        """How far off the month is, in percent, if its days ahead come to so much."""
        truth = sum(float(used) for day, used in self.history if day in self.month)
        known = sum(used for _, used in self.past[-self.known_days :])
        return 100 * abs(known + coming - truth) / truth

    def simple(self) -> Mapping[str, float]:
        """What simple ways expect of the days ahead."""
        days = [used for _, used in self.past]
        return {
            "run rate": statistics.fmean(days[-self.known_days :]) * self.ahead,
            "seasonal naive": sum(days[-_WEEK:][n % _WEEK] for n in range(self.ahead)),
            "weekday × EWMA": self._weekday_mean(),
        }

    def _weekday_mean(self) -> float:
        recent = [each for each in self.history if each[0] < self.month.start][-_WEEKS * _WEEK :]
        inside = [each for each in self.history if each[0] in self.month][: self.known_days]
        known = [(day, float(used)) for day, used in (*recent, *inside)]
        if not any(used for _, used in known):
            return 0.0
        factors = mean_factors(known)
        weights = [_SMOOTHING**age for age in reversed(range(len(known)))]
        used = sum(weight * dollars for weight, (_, dollars) in zip(weights, known, strict=True))
        usual = sum(
            weight * factors[day.weekday()] for weight, (day, _) in zip(weights, known, strict=True)
        )
        ahead = list(self.month)[self.known_days :]
        return used / usual * sum(factors[day.weekday()] for day in ahead)


def package_totals(cases: Sequence[Case], python: Path = PYTHON) -> Sequence[Mapping[str, float]]:
    """What each method of the packages expects of the days ahead, case by case. Raises
    `NotMeasured` where that interpreter can't run them."""
    if not python.exists():
        raise NotMeasured("statsmodels is not installed; make bench does it")
    questions = [{"days": [used for _, used in case.past], "ahead": case.ahead} for case in cases]
    try:
        done = subprocess.run(
            [python, Path(__file__).with_name("packages.py")],
            input=json.dumps(questions),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            env={**os.environ, **ONE_THREAD},
        )
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"statsmodels took over {PATIENCE_SECONDS} s") from None
    if done.returncode:
        last = (done.stderr.strip() or "no word").splitlines()[-1]
        raise NotMeasured(f"statsmodels failed: {last}")
    answered: list[dict[str, float]] = json.loads(done.stdout)
    return answered
