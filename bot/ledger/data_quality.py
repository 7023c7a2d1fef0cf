"""How well each connection is being read: freshness, coverage, what failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.db.models import Part, Restatement, UnreadableDay
from bot.ledger.models import Connection, DayFigure, ExpiringKey, Fault
from bot.wording import plural
from providers.period import Period, utc_day

COVERAGE_DAYS = 366
"""How many days back coverage is reported, the running day included."""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One connection as `/aicost status` shows it."""

    name: str
    provider: str
    title: str
    charges_read_at: datetime | None
    balance_read_at: datetime | None
    covered_from: date | None
    """The first day in the ledger, at most a year back; None where it holds none."""
    holes: tuple[date, ...]
    """Past days since then that the ledger does not cover."""
    earliest_served: date | None
    degraded: str | None
    faults: tuple[Fault, ...]
    suspect_days: tuple[Restatement, ...] = ()
    """Days that were last read empty and are kept as they were."""
    unreadable: tuple[UnreadableDay, ...] = ()
    notes: Mapping[Part, str] = field(default_factory=dict)
    """Of a part that was read, the items that could not be."""
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
    """That the clock is off, and by how much."""
    where = "ahead of" if offset > timedelta(0) else "behind"
    return (
        f"The clock of the machine that runs aicost is {span_text(offset)} {where} the time that "
        "providers and Slack report."
    )


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """How the process that answers is, beyond what its database holds."""

    late_jobs: Mapping[str, timedelta] = field(default_factory=dict)
    """How long ago a periodic job gave its last sign of life, if that was too long."""
    sync_waits_for: str | None = None
    """The other process whose sync this one's waits for."""
    clock_offset: timedelta | None = None
    """How far this machine's clock is ahead (behind: negative), where it is off."""
    response_urls_failing: str | None = None
    """Why answers can't be posted through Slack's response URLs."""
    strangers: int = 0
    """Connections with the app's tokens that no copy of aicost on this database has."""


HEALTHY = ProcessHealth()


def states(
    connections: Sequence[Connection],
    days: Sequence[DayFigure],
    suspect_days: Sequence[Restatement],
    now: datetime,
    expiring: Sequence[ExpiringKey] = (),
) -> tuple[ConnectionState, ...]:
    """The state of each connection; `days` are those of the last `COVERAGE_DAYS`."""
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
