"""The state of each connection's data: freshness, coverage, faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.db.models import Part, Restatement, UnreadableDay
from bot.ledger.models import Connection, DayFigure, ExpiringKey, Fault
from bot.wording import plural
from providers.period import Period, utc_day

COVERAGE_DAYS = 366
"""Days for which coverage is reported, including the running day."""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One connection as `/aicost status` shows it."""

    name: str
    provider: str
    title: str
    charges_read_at: datetime | None
    balance_read_at: datetime | None
    covered_from: date | None
    """The first day in the ledger, at most a year back; None if there is none."""
    holes: tuple[date, ...]
    """Past days since then that are not covered."""
    earliest_served: date | None
    degraded: str | None
    faults: tuple[Fault, ...]
    suspect_days: tuple[Restatement, ...] = ()
    """Days that were last read empty and keep their earlier figure."""
    unreadable: tuple[UnreadableDay, ...] = ()
    notes: Mapping[Part, str] = field(default_factory=dict)
    """Items that could not be read, in parts that were read."""
    expiring_keys: tuple[ExpiringKey, ...] = ()
    """Soonest first."""


CLOCK_REMEDY = "Set the machine's clock (NTP). Days, digests and alerts depend on it."
OTHER_BOT_REMEDY = (
    "Another bot may use the same tokens with another database. Answers then alternate, and alerts "
    "come twice. Stop one of them, or give both the same DATABASE_URL."
)


def span_text(span: timedelta) -> str:
    """``5 minutes``, ``6 hours`` or ``40 days``."""
    minutes = round(abs(span).total_seconds() / 60)
    count, unit = minutes, "minute"
    if minutes >= 2 * 60:
        count, unit = round(minutes / 60), "hour"
    if minutes >= 48 * 60:
        count, unit = round(minutes / 60 / 24), "day"
    return plural(count, unit)


def clock_text(offset: timedelta) -> str:
    """Return that the clock is wrong, and by how much."""
    where = "ahead of" if offset > timedelta(0) else "behind"
    return (
        f"The clock of the machine that runs aicost is {span_text(offset)} {where} the time that "
        "providers and Slack report."
    )


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """The health of the process that answers, apart from its database."""

    late_jobs: Mapping[str, timedelta] = field(default_factory=dict)
    """Time since the last run or progress of each late job."""
    sync_waits_for: str | None = None
    """The process whose sync this process waits for."""
    clock_offset: timedelta | None = None
    """How far this machine's clock is ahead (negative: behind); None if it is right."""
    response_urls_failing: str | None = None
    """Why Slack's response URLs can't be reached, if so."""
    unknown_connections: int = 0
    """Connections with the app's tokens that belong to no process on this database."""
    failing_jobs: Mapping[str, str] = field(default_factory=dict)
    """Why the last run of each failing job failed, in words that anyone may read."""


HEALTHY = ProcessHealth()


def states(
    connections: Sequence[Connection],
    days: Sequence[DayFigure],
    suspect_days: Sequence[Restatement],
    now: datetime,
    expiring: Sequence[ExpiringKey] = (),
) -> tuple[ConnectionState, ...]:
    """Return the state of each connection; `days` are those of the last `COVERAGE_DAYS`."""
    found = (_state(connection, days, suspect_days, utc_day(now)) for connection in connections)
    return tuple(
        replace(each, expiring_keys=tuple(key for key in expiring if key.connection == each.name))
        for each in found
    )


def _state(
    connection: Connection,
    days: Sequence[DayFigure],
    suspect_days: Sequence[Restatement],
    today: date,
) -> ConnectionState:
    covered = {figure.day for figure in days if figure.connection == connection.name}
    first = min(covered, default=None)
    past = Period(first, max(first, today)) if first else ()
    earliest = connection.earliest_served
    return ConnectionState(
        name=connection.name,
        provider=connection.provider,
        title=connection.title,
        charges_read_at=connection.charges_read_at,
        balance_read_at=connection.balance_read_at,
        covered_from=first,
        holes=tuple(day for day in past if day not in covered),
        earliest_served=earliest if earliest and earliest <= today else None,
        degraded=connection.degraded,
        faults=connection.faults,
        suspect_days=tuple(each for each in suspect_days if each.connection == connection.name),
        unreadable=connection.unreadable,
        notes=connection.notes,
    )
