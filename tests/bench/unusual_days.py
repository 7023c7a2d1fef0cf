"""Anomalies of a day: in generated series, whose spikes are known, and in real ones, into which
they were put."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.analysis.anomalies import MinimumExcess, find_anomaly
from tests.bench.catch import Catch
from tests.bench.real import FOLDER, real_series
from tests.bench.row import Row, not_measured
from tests.bench.rules import rule_rows
from tests.bench.series import SHAPES, make

NO_FLOOR = MinimumExcess(dollars=Decimal(0))
"""Made-up teams spend little or much; the percent floor stays."""
WATCHED = tuple(kind for kind in SHAPES if kind != "thin")
SEEDS = range(5000, 5010)
_WARM = 28
Detector = Callable[[Sequence[tuple[date, Decimal]], date, Decimal], bool]


def report() -> Iterable[Row]:
    """Everything measured; seeds that no constant was chosen on."""
    yield from _spike_rows(SEEDS)
    yield from real_rows()


def real_rows(folder: Path = FOLDER) -> Iterable[Row]:
    """Beside other rules, in real series."""
    try:
        yield from rule_rows(real_series(folder))
    except FileNotFoundError:
        yield not_measured("real days", "not installed; make bench does it")


def ours(history: Sequence[tuple[date, Decimal]], day: date, used: Decimal) -> bool:
    """Whether the product would speak of that day."""
    found = find_anomaly(history, day, used, NO_FLOOR)
    return found is not None and not found.is_continuing


def mean_and_three_sigma(history: Sequence[tuple[date, Decimal]], _: date, used: Decimal) -> bool:
    """The usual rule of thumb, over the last four weeks."""
    recent = [float(cost) for _, cost in history[-_WARM:]]
    limit = statistics.fmean(recent) + 3 * statistics.pstdev(recent)
    return float(used) > max(limit, 1.5 * statistics.fmean(recent))


def catch(detector: Detector, kinds: Iterable[str], seeds: Sequence[int]) -> Catch:
    """Run a detector over every day after the first four weeks.

    Days on which the level really changed are unusual too: an alarm there counts as neither.
    """
    caught = missed = false = days = 0
    for series in (make(kind, seed) for kind in kinds for seed in seeds):
        for n, (day, used) in enumerate(series.history[_WARM:], _WARM):
            days += 1
            is_alarm = detector(series.history[:n], day, used)
            if day in series.spikes:
                caught += is_alarm
                missed += not is_alarm
            elif is_alarm and day not in series.breaks:
                false += 1
    return Catch(caught, missed, false, days / (365 / 12))


def _spike_rows(seeds: Sequence[int]) -> Iterable[Row]:
    mine, plain = (catch(each, WATCHED, seeds) for each in (ours, mean_and_three_sigma))
    yield Row("spikes caught", mine.recall, plain.recall, "≥ 75", mine.recall >= 75)
    is_better = mine.precision > plain.precision
    yield Row("alarms that are true", mine.precision, plain.precision, "better", is_better)
    often, plainly = mine.false_a_month, plain.false_a_month
    yield Row("false alarms a month", often, plainly, "≤ 0.2", often <= 0.2)
