"""Anomalies of an hour: in made-up rhythms, and in real series."""

from collections.abc import Iterable
from pathlib import Path

from tests.bench.hours import hour_rows, made_up
from tests.bench.real import FOLDER
from tests.bench.real_hours import real_hours
from tests.bench.row import Row, not_measured

SEEDS = range(6000, 6020, 4)
"""First of four seeds of each group of made-up hours. The rule was chosen on seeds 100 to 129."""


def report() -> Iterable[Row]:
    """Everything measured."""
    yield from hour_rows((made_up(range(first, first + 4)) for first in SEEDS), "made-up hours")
    yield from real_rows()


def real_rows(folder: Path = FOLDER) -> Iterable[Row]:
    """Hours of real series, into which unusual ones were put by five chances."""
    try:
        yield from hour_rows(real_hours(range(len(SEEDS)), folder), "real hours", is_stated=True)
    except FileNotFoundError:
        yield not_measured("real hours", "not installed; make bench does it")
