"""The best package there is for forecasts, run beside ours: statsmodels.

It is 270 MiB for one comparison, so `make bench` puts it into an environment of its own.
"""

import json
import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.series import SHAPES, Series, make

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Its matrices are so small that threads only get in each other's way: a fifth of the time."""
PATIENCE_SECONDS = 600


class NotMeasured(Exception):
    """It could not be run: why, in a few words."""


def package_errors(
    points: Sequence[int], seeds: Sequence[int], python: Path = PYTHON
) -> Mapping[int, float]:
    """Its mean relative error in percent over these series of each kind, by how many days of the
    last month it knew. Raises `NotMeasured` where that interpreter can't run it."""
    every = [make(kind, seed) for kind in SHAPES for seed in seeds]
    asked = [(series, _first_unknown(series, point)) for point in points for series in every]
    answered = _ask(python, [_question(series, first) for series, first in asked])
    errors = [
        _error(series, first, coming)
        for (series, first), coming in zip(asked, answered, strict=True)
    ]
    count = len(every)
    return {
        point: 100 * statistics.fmean(errors[n * count : (n + 1) * count])
        for n, point in enumerate(points)
    }


def _first_unknown(series: Series, known_days: int) -> int:
    return sum(day < series.month for day, _ in series.history) + known_days


def _question(series: Series, first: int) -> dict[str, object]:
    days = [float(used) for _, used in series.history[:first]]
    return {"days": days, "ahead": len(series.history) - first}


def _error(series: Series, first: int, coming: float) -> float:
    known = sum(float(used) for day, used in series.history[:first] if day >= series.month)
    truth = sum(float(used) for day, used in series.history if day >= series.month)
    return abs(known + coming - truth) / truth


def _ask(python: Path, questions: Sequence[Mapping[str, object]]) -> Sequence[float]:
    if not python.exists():
        raise NotMeasured("statsmodels is not installed; make bench does it")
    try:
        done = subprocess.run(
            [python, Path(__file__).with_name("ets.py")],
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
    answered: list[float] = json.loads(done.stdout)
    return answered
