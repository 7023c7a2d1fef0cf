"""The sections of the benchmarks, and how they run."""

import importlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from tests.bench.row import Row, shown

MONEY = ("forecasts", "rivals", "totals", "runway", "unusual_days", "unusual_hours")
"""How good the figures are. These time nothing, so they run side by side."""
SECTIONS = (
    "acks", "bursts", "answers", "syncs", "start", "alerts", "digests", "home", *MONEY, "causes",
    "upgrades",
)  # fmt: skip
"""The modules here that have a `report`."""


def measured(
    sections: Sequence[str], untimed: Sequence[str] = MONEY
) -> Iterator[tuple[str, Sequence[Row]]]:
    """Yield each section's rows as soon as they are there. What is timed runs by itself, and
    first; then the others, each in a process of its own."""
    for section in sections:
        if section not in untimed:
            yield section, list(_report(section))
    with ProcessPoolExecutor(mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        begun = {pool.submit(_with_its_time, each): each for each in sections if each in untimed}
        for done in as_completed(begun):
            yield begun[done], done.result()


def _with_its_time(section: str) -> Sequence[Row]:
    rows = list(_report(section))
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    seconds = sum(each.ru_utime + each.ru_stime for each in used)
    return [*rows, shown("minutes of processor time", seconds / 60)]


def _report(section: str) -> Iterable[Row]:
    rows: Iterable[Row] = importlib.import_module(f"tests.bench.{section}").report()
    return rows
