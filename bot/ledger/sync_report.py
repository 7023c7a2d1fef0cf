"""What a round of syncing did, for the person at the terminal, the log and the exit code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import structlog

from bot.db.models import Part, Restatement, UnreadableDay
from bot.ledger.models import Connection
from bot.ledger.reasons import PARTS, kept_though_empty, unreadable_days
from bot.logs import new_reference
from bot.wording import plural
from providers.errors import ProviderError


@dataclass(frozen=True, slots=True)
class Step:
    """One connection has read so many of the days that this round reads of it."""

    connection: str
    days_read: int
    days_planned: int
    reached: date
    """The oldest day read so far."""


Progress = Callable[[Step], None]


def silent(_step: Step) -> None:
    """Progress that nobody watches."""


class Defect(ProviderError):
    """A fault of ours, not of the provider: the log has it under the reference."""

    is_permanent = True

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"aicost itself failed here (reference {reference}).",
            remedy=f"Report it with the log's lines for reference {reference}.",
        )


def defect(event: str, connection: str, part: Part, failure: Exception) -> Defect:
    """Log a fault of ours under a reference; nothing else is lost for it."""
    reference = new_reference()
    structlog.get_logger(__name__).error(
        event, connection=connection, part=part, reference=reference, exc_info=failure
    )
    return Defect(reference)


@dataclass(frozen=True, slots=True)
class PartFault:
    """One part of one connection could not be read."""

    part: Part
    error: ProviderError


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """One connection's part of a round."""

    name: str
    title: str
    days_read: int
    faults: Sequence[PartFault]
    restated_days: Sequence[date]
    stopped_at: date | None
    """The provider serves days from this one only, and more had been asked for."""
    degraded: str | None
    reaches_back_to: date | None = None
    """Days before this one could not all be read this time: the next sync goes on with them."""
    is_history_asked: bool = False
    """Older days were asked for, so that without them not all is done."""
    notes: Sequence[tuple[Part, str]] = ()
    """Items of parts that were read of which each could not be, and why."""
    suspect_days: Sequence[Restatement] = ()
    """Days that were last read empty and are kept as they were."""
    read_parts: Sequence[Part] = ()
    """The parts that were read in whole."""
    unreadable: Sequence[UnreadableDay] = ()
    """Days of which a row cannot be read, found in this round or an earlier one."""

    @property
    def is_synced(self) -> bool:
        """Return whether all figures were read. Names, limits and breakdowns that failed leave the
        figures right. So do older days that were not asked for now: they are read bit by bit."""
        needed = {"charges", "balance", *(["history"] if self.is_history_asked else [])}
        return not any(fault.part in needed for fault in self.faults)


@dataclass(frozen=True, slots=True)
class RoundReport:
    """One sync of every connection."""

    connections: Sequence[ConnectionReport]
    unevaluated: str | None = None
    """The log's reference where the figures were kept and no rule could be held against them."""

    @property
    def is_synced(self) -> bool:
        """Were all figures of all connections had?"""
        return all(connection.is_synced for connection in self.connections)


def with_ledger(
    report: ConnectionReport, connections: Sequence[Connection], suspect_days: Sequence[Restatement]
) -> ConnectionReport:
    """Return the report with the days of its connection that are in doubt or cannot be read, found
    in this round or an earlier one."""
    return replace(
        report,
        suspect_days=[each for each in suspect_days if each.connection == report.name],
        unreadable=[
            day for each in connections if each.name == report.name for day in each.unreadable
        ],
    )


def report_lines(report: ConnectionReport) -> Sequence[str]:
    """Return the report in words: one line, and one more for each thing to report."""
    outcome = "synced" if report.is_synced else "not synced"
    first = f"{report.name}: {outcome}, {plural(report.days_read, 'day')} read"
    if report.restated_days:
        first += f", {plural(len(report.restated_days), 'day')} restated"
    lines = [first]
    if report.stopped_at is not None:
        lines.append(
            f"  stopped at {report.stopped_at}: {report.title} serves no days before that one"
        )
    if report.reaches_back_to is not None:
        lines.append(
            f"  history: read back to {report.reaches_back_to} so far, the next sync goes on"
        )
    if report.degraded:
        lines.append(f"  read by a fallback: {report.degraded}")
    if report.suspect_days:
        lines.append(f"  {kept_though_empty(report.title, report.suspect_days)}")
    if report.unreadable:
        lines.append(f"  {unreadable_days(report.unreadable)}")
    lines += [f"  not read of {PARTS[part]}: {note}" for part, note in report.notes]
    lines += [
        f"  {fault.part}: {str(fault.error).rstrip('.')}. {fault.error.remedy}"
        for fault in report.faults
    ]
    return lines


def unevaluated_line(reference: str) -> str:
    """Return the line for budgets that were not evaluated, by a fault of ours."""
    return (
        "The figures were kept, but budgets and floors could not be held against them: aicost "
        f"itself failed (reference {reference}). Report it with the log's lines."
    )
