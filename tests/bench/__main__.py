"""`python -m tests.bench [SECTION …]`: every cost we hold ourselves to, beside the bare thing's.

Nothing is written. Ends with 1 where a limit does not hold.
"""

import importlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from rich.console import Console
from rich.table import Table

from tests.bench.row import Row, shown

MONEY = ("forecasts", "rivals", "totals", "runway", "unusual_days", "unusual_hours")
"""How good the figures are. These time nothing, so they run side by side."""
SECTIONS = (
    "acks", "bursts", "answers", "syncs", "start", "alerts", "digests", "home", *MONEY, "causes",
    "upgrades",
)  # fmt: skip
"""The modules here that have a `report`."""


def main(wanted: Sequence[str]) -> int:
    """Run the sections; all of them where none is named. `money` is all of `MONEY`."""
    named = [each for name in wanted for each in (MONEY if name == "money" else (name,))]
    if unknown := sorted(set(named) - set(SECTIONS)):
        words = f"No section {', '.join(unknown)}. There are: money, {', '.join(SECTIONS)}."
        Console(stderr=True).print(words)
        return 2
    console = Console(width=118 if not sys.stdout.isatty() else None)
    is_held = True
    for section, rows in _measured([each for each in SECTIONS if each in named or not named]):
        console.print(_table(section, rows))
        is_held = is_held and all(row.is_met for row in rows)
    return 0 if is_held else 1


def _measured(sections: Sequence[str]) -> Iterator[tuple[str, Sequence[Row]]]:
    """Yield each section's rows as soon as they are there. What is timed runs by itself."""
    for section in sections:
        if section not in MONEY:
            yield section, list(_report(section))
    aside = [each for each in sections if each in MONEY]
    with ProcessPoolExecutor(mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        begun = {pool.submit(_with_its_time, each): each for each in aside}
        for done in as_completed(begun):
            yield begun[done], done.result()


def _with_its_time(section: str) -> Sequence[Row]:
    rows = list(_report(section))
    used = sum(
        getrusage(who).ru_utime + getrusage(who).ru_stime for who in (RUSAGE_SELF, RUSAGE_CHILDREN)
    )
    return [*rows, shown(f"minutes of processor time, {section}", used / 60)]


def _report(section: str) -> Iterable[Row]:
    rows: Iterable[Row] = importlib.import_module(f"tests.bench.{section}").report()
    return rows


def _table(section: str, rows: Sequence[Row]) -> Table:
    table = Table(section, "ours", "bare", "ratio", "limit", "held?")
    for column in table.columns[1:4]:
        column.justify = "right"
    for row in rows:
        _add(table, row)
    return table


def _add(table: Table, row: Row) -> None:
    ratio = f"{row.ours / row.theirs:.2f}" if row.theirs else ""
    theirs = "" if row.theirs is None else _figure(row.theirs)
    held = ("yes" if row.is_met else "[bold red]NO[/]") if row.wanted else ""
    table.add_row(row.name, _figure(row.ours), theirs, ratio, row.wanted, held)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
