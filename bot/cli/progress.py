"""Progress bars of a sync on a terminal; nothing elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from bot.ledger import sync_report


@contextmanager
def shown() -> Iterator[sync_report.Progress]:
    """Yield a progress display on standard error, with a bar for each connection, if that is a
    terminal."""
    if not sys.stderr.isatty():
        yield sync_report.silent
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days, back to {task.fields[reached]}"),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def show(step: sync_report.SyncStep) -> None:
            if step.connection not in tasks:
                tasks[step.connection] = bars.add_task(
                    step.connection, total=step.days_planned, reached=step.reached
                )
            bars.update(
                tasks[step.connection],
                completed=step.days_read,
                total=step.days_planned,
                reached=step.reached,
            )

        yield show
