"""The result of a round of syncing, for the terminal, the log and the exit code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog

from bot.db.models import Part, Restatement, UnreadableDay
from bot.ledger.reasons import PARTS, kept_though_empty, unreadable_days
from bot.logs import LogStates, new_reference
from bot.metrics import Metrics
from bot.wording import plural
from providers.errors import ProviderError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SyncStep:
    """Progress: how many of its days one connection has read in this round."""

    connection: str
    days_read: int
    days_planned: int
    reached: date
    """The oldest day read so far."""


Progress = Callable[[SyncStep], None]


def silent(_step: SyncStep) -> None:
    """Ignore progress."""


class Defect(ProviderError):
    """A bug of ours, not a fault of the provider. The log has it under the reference."""

    is_permanent = True

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"This is a defect in aicost (reference {reference}).",
            remedy=f"Report it with the log lines for reference {reference}.",
        )


def defect(event: str, connection: str, part: Part, failure: Exception) -> Defect:
    """Log a bug of ours under a reference, so that nothing else is affected."""
    reference = new_reference()
    log.error(event, connection=connection, part=part, reference=reference, exc_info=failure)
    return Defect(reference)


@dataclass(slots=True)
class ConnectionReport:
    """The result of one sync of one connection, filled in step by step."""

    name: str
    title: str
    is_history_asked: bool = False
    """Older days were requested, so the sync is incomplete without them."""
    days_read: int = 0
    faults: dict[Part, ProviderError] = field(default_factory=dict)
    """Why each part could not be read, if so."""
    restated_days: list[date] = field(default_factory=list)
    """Completed days that this sync changed."""
    stopped_at: date | None = None
    """The provider serves nothing before this day."""
    reaches_back_to: date | None = None
    """The first day reached, if older ones could not be read this time."""
    degraded: str | None = None
    """Why charges came from a fallback."""
    notes: list[tuple[Part, str]] = field(default_factory=list)
    """Items that could not be read, in parts that were read, and why."""
    read_parts: list[Part] = field(default_factory=list)
    """The parts that were read completely."""
    suspect_days: Sequence[Restatement] = ()
    """Days that were last read empty and keep their earlier figure."""
    unreadable: Sequence[UnreadableDay] = ()
    """Days with an unreadable row, found in this round or earlier."""

    def failed(self, part: Part, error: ProviderError) -> None:
        """Record that a part, or some of it, could not be read; the first reason counts."""
        self.faults.setdefault(part, error)
        if part in self.read_parts:
            self.read_parts.remove(part)

    @property
    def is_synced(self) -> bool:
        """Return True if all figures were read. Names, limits and breakdowns may fail without
        affecting figures. Older days that were not requested now don't count either: they are read
        step by step."""
        needed = {"charges", "balance", *(["history"] if self.is_history_asked else [])}
        return not needed & self.faults.keys()


@dataclass(frozen=True, slots=True)
class RoundReport:
    """The result of one sync of every connection."""

    connections: Sequence[ConnectionReport]
    unevaluated: str | None = None
    """The log's reference, if figures were stored but rules could not be evaluated."""

    @property
    def is_synced(self) -> bool:
        """Return True if charges and balances of every connection were read."""
        return all(connection.is_synced for connection in self.connections)

    @property
    def has_faults(self) -> bool:
        """Return True if anything could not be read, including names."""
        return any(connection.faults for connection in self.connections)


def report_lines(report: ConnectionReport) -> Sequence[str]:
    """Return the report in words: one line, and one more for each problem."""
    outcome = "synced" if report.is_synced else "not synced"
    first = f"{report.name}: {outcome}, {plural(report.days_read, 'day')} read"
    if report.restated_days:
        first += f", {plural(len(report.restated_days), 'day')} restated"
    lines = [first]
    if report.stopped_at is not None:
        lines.append(f"  stopped at {report.stopped_at}: {report.title} has no earlier data")
    if report.reaches_back_to is not None:
        lines.append(f"  history: read back to {report.reaches_back_to}, the next sync continues")
    if report.degraded:
        lines.append(f"  fallback used: {report.degraded}")
    if report.suspect_days:
        lines.append(f"  {kept_though_empty(report.title, report.suspect_days)}")
    if report.unreadable:
        lines.append(f"  {unreadable_days(report.unreadable)}")
    lines += [f"  missing from {PARTS[part]}: {note}" for part, note in report.notes]
    lines += [
        f"  {part}: {str(error).rstrip('.')}. {error.remedy}"
        for part, error in report.faults.items()
    ]
    return lines


def unevaluated_line(reference: str) -> str:
    """Return the line about budgets that were not evaluated because of a bug."""
    return (
        "The data was saved, but budgets and low-balance alerts were not evaluated. This is a "
        f"defect in aicost: report it with the log lines for reference {reference}."
    )


def log_round(report: RoundReport, metrics: Metrics, states: LogStates) -> None:
    """Write the round to the log and the metrics; what can't be read is one lasting state per
    connection."""
    if report.unevaluated is not None:
        metrics.rule_evaluation_failures.inc()
    for connection in report.connections:
        name, failed = connection.name, connection.faults
        if "charges" not in failed:
            metrics.syncs.labels(name, "charges", "read").inc()
        for part in connection.read_parts:
            states.working(f"connection {name}", source=part, connection=name)
        for part, error in failed.items():
            metrics.syncs.labels(name, part, error.kind).inc()
            states.failing(
                f"connection {name}",
                "sync.failing",
                source=part,
                error=error,
                connection=name,
                part=part,
                parts=list(failed),
                kind=error.kind,
            )
        if connection.suspect_days:
            days = sorted(f"{each.day}" for each in connection.suspect_days)
            states.failing(f"empty {name}", "sync.empty_days_kept", connection=name, days=days)
        elif "charges" in connection.read_parts:
            states.working(f"empty {name}", connection=name)
        log.info("sync.done", connection=connection.name, days=connection.days_read)
