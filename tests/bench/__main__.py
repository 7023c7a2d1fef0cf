"""`python -m tests.bench [SECTION …]`: every cost we hold ourselves to, beside the bare thing's.

Nothing is written. Ends with 1 where a limit does not hold.
"""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.bench.row import Row
from tests.bench.sections import MONEY, SECTIONS, measured


def main(wanted: Sequence[str]) -> int:
    """Run the sections; all of them where none is named. `money` is all of `MONEY`."""
    named = [each for name in wanted for each in (MONEY if name == "money" else (name,))]
    if unknown := sorted(set(named) - set(SECTIONS)):
        words = f"No section {', '.join(unknown)}. There are: money, {', '.join(SECTIONS)}."
        Console(stderr=True).print(words)
        return 2
    console = Console(width=118 if not sys.stdout.isatty() else None)
    is_held = True
    for section, rows in measured([each for each in SECTIONS if each in named or not named]):
        console.print(_table(section, rows))
        is_held = is_held and all(row.is_met for row in rows)
    return 0 if is_held else 1


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
