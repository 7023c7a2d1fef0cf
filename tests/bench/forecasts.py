"""Forecasts of a month beside simple ways, of generated series and of real ones."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bot.analysis.backtest import AS_OF, Trial, try_once
from providers.period import Period
from tests.bench.package import Case
from tests.bench.real import FOLDER, months_of, real_series
from tests.bench.row import Row, not_measured
from tests.bench.series import HAS_WEEKDAYS, SHAPES, make

WITHIN = 1.02
"""Times the best other error that ours may be."""


def trials(kind: str, known_days: int, seeds: Iterable[int]) -> list[Trial]:
    """The last month of each series, forecast after that many complete days."""
    found = []
    for seed in seeds:
        series = make(kind, seed)
        trial = try_once(series.history, Period(series.month, series.end), known_days)
        assert trial is not None
        found.append(trial)
    return found


def error(tried: Sequence[Trial]) -> float:
    """Mean relative error, in percent."""
    return 100 * statistics.fmean(float(each.error) for each in tried)


def run_rate_error(tried: Sequence[Trial]) -> float:
    """Plain run rate's mean relative error, in percent."""
    return 100 * statistics.fmean(float(each.run_rate_error or 0) for each in tried)


def coverage(tried: Sequence[Trial]) -> float:
    """Percent of the trials whose truth lay within the band."""
    return 100 * statistics.fmean(each.is_held for each in tried)


def report(series_of_each_kind: int = 40) -> Iterable[Row]:
    """Everything measured; seeds that no constant was chosen on."""
    yield from _generated_rows(range(5000, 5000 + series_of_each_kind))
    yield from real_rows()


def _generated_rows(seeds: Sequence[int]) -> Iterable[Row]:
    for known_days in AS_OF:
        tried = {kind: trials(kind, known_days, seeds) for kind in SHAPES}
        every = [each for of in tried.values() for each in of]
        for kind, of in (*tried.items(), ("all", every)):
            mine, plain = error(of), run_rate_error(of)
            is_better = mine < plain if kind in (*HAS_WEEKDAYS, "all") else mine < 1.25 * plain + 1
            wanted = "better" if kind in (*HAS_WEEKDAYS, "all") else "not materially worse"
            yield Row(f"error day {known_days}, {kind}", mine, plain, wanted, is_better)
        held = coverage(every)
        yield Row(f"band holds, day {known_days}", held, None, "75–85", 75 <= held <= 85)


def real_rows(folder: Path = FOLDER) -> Iterable[Row]:
    """Real series: ours beside the best of the simple ways, each of which is shown."""
    try:
        series = real_series(folder)
    except FileNotFoundError:
        yield not_measured("real series", "not installed; make bench does it")
        return
    every = [each for history in series.values() for each in months_of(history)]
    for point in AS_OF:
        about = f"day {point}, {len(series)} real series"
        tried = [t for month, history in every if (t := try_once(history, month, point))]
        held = coverage(tried)
        yield Row(f"band holds, {about}", held, None, "75–85", 75 <= held <= 85)
        cases = [Case(history, month, point) for month, history in every]
        yield from compared(cases, [case.simple() for case in cases], about)


def compared(
    cases: Sequence[Case], answered: Sequence[Mapping[str, float]], about: str
) -> Iterable[Row]:
    """Ours beside others' answers to the same cases; held against the best of them."""
    mine, errors = our_error(cases), _errors(cases, answered)
    best = min(errors, key=lambda name: errors[name])
    for name, theirs in errors.items():
        is_near = mine <= WITHIN * theirs
        wanted = f"≤ {WITHIN:g}×" if name == best else ""
        yield Row(f"error beside {name}, {about}", mine, theirs, wanted, is_near or name != best)


def _errors(cases: Sequence[Case], answered: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    pairs = list(zip(cases, answered, strict=True))
    return {
        name: statistics.fmean(case.error(coming[name]) for case, coming in pairs)
        for name in answered[0]
    }


def our_error(cases: Sequence[Case]) -> float:
    """Mean relative error of ours, in percent."""
    return error([trial for case in cases if (trial := case.ours())])
