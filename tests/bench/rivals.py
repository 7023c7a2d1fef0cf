"""Forecasts beside those of packages, on the same generated and real series."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.analysis.backtest import AS_OF
from providers.period import Period
from tests.bench.forecasts import compared, our_error
from tests.bench.package import PYTHON, Case, NotMeasured, package_totals
from tests.bench.real import FOLDER, months_of, real_series
from tests.bench.row import Row, not_measured
from tests.bench.series import SHAPES, make

SEEDS = range(5000, 5008)
"""Generated series of each kind, a third of a second each. With two, chance decides: at day 4 the
difference of the errors to ETS is 1.7 ± 2.0, with sixteen −0.2 ± 0.7."""
MONTHS = 3
"""The last months of each real series, likewise."""


def report() -> Iterable[Row]:
    """Everything measured."""
    yield from generated_rows(SEEDS)
    yield from real_rows()


def generated_rows(seeds: Sequence[int], python: Path = PYTHON) -> Iterable[Row]:
    """Beside the packages, on generated series."""
    for point in AS_OF:
        made = [make(kind, seed) for kind in SHAPES for seed in seeds]
        cases = [Case(each.history, Period(each.month, each.end), point) for each in made]
        yield from _beside_packages(cases, f"day {point}, {len(made)} series", python)


def real_rows(folder: Path = FOLDER, python: Path = PYTHON) -> Iterable[Row]:
    """Beside the packages, on real series."""
    try:
        series = real_series(folder)
    except FileNotFoundError:
        yield not_measured("real series", "not installed; make bench does it")
        return
    some = [each for history in series.values() for each in list(months_of(history))[:MONTHS]]
    for point in AS_OF:
        cases = [Case(history, month, point) for month, history in some]
        yield from _beside_packages(cases, f"day {point}, {len(cases)} real months", python)


def _beside_packages(cases: Sequence[Case], about: str, python: Path) -> Iterable[Row]:
    try:
        answered = package_totals(cases, python)
    except NotMeasured as why:
        yield not_measured(f"error beside packages, {about}", str(why), our_error(cases))
        return
    yield from compared(cases, answered, about)
