"""The state of each connection's data: freshness, coverage, faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.db.models import Part, Restatement, UnreadableDay
from bot.ledger.models import Connection, DayFigure, ExpiringKey, Fault
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
    reports_spend: bool = True
    """False: no day of it is ever covered."""

    @property
    def read_at(self) -> datetime | None:
        """Return when its figures were last read."""
        return self.charges_read_at if self.reports_spend else self.balance_read_at


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
    has_balance = connection.billing == "prepaid" or not connection.reports_spend
    return ConnectionState(
        name=connection.name,
        provider=connection.provider,
        title=connection.title,
        charges_read_at=connection.charges_read_at,
        # it is read no longer if the connection is no longer prepaid
        balance_read_at=connection.balance_read_at if has_balance else None,
        covered_from=first,
        holes=tuple(day for day in past if day not in covered),
        earliest_served=earliest if earliest and earliest <= today else None,
        degraded=connection.degraded,
        faults=connection.faults,
        suspect_days=tuple(each for each in suspect_days if each.connection == connection.name),
        unreadable=connection.unreadable,
        notes=connection.notes,
        reports_spend=connection.reports_spend,
    )
