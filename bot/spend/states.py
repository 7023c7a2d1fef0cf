"""How well each connection is being read: freshness, coverage, what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.spend.ledger import Connection, DayFigure, Fault, Restatement
from providers.period import Period, utc_day

COVERAGE_DAYS = 366
"""How far back coverage is told, the running day included."""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One connection as `/aicost status` tells it."""

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
    doubted: tuple[Restatement, ...] = ()
    """Days that were last read empty and are kept as they were."""


def states(
    connections: Sequence[Connection],
    days: Sequence[DayFigure],
    doubted: Sequence[Restatement],
    now: datetime,
) -> tuple[ConnectionState, ...]:
    """The state of each connection; `days` are those of the last `COVERAGE_DAYS`."""
    return tuple(_state(connection, days, doubted, utc_day(now)) for connection in connections)


def _state(
    connection: Connection,
    days: Sequence[DayFigure],
    doubted: Sequence[Restatement],
    today: date,
) -> ConnectionState:
    covered = {figure.day for figure in days if figure.connection == connection.name}
    first = min(covered, default=None)
    past = Period(first, max(first, today)) if first else ()
    return ConnectionState(
        name=connection.name,
        provider=connection.provider,
        title=connection.title,
        charges_read_at=connection.charges_read_at,
        balance_read_at=connection.balance_read_at,
        covered_from=first,
        holes=tuple(day for day in past if day not in covered),
        earliest_served=connection.earliest_served,
        degraded=connection.degraded,
        faults=connection.faults,
        doubted=tuple(each for each in doubted if each.connection == connection.name),
    )
