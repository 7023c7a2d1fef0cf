"""Which days to read, from what the ledger covers and what may still change. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.db.models import Part
from bot.ledger.models import PART_OF, Connection, DayFigure
from providers.base import Provider, ProviderKind
from providers.models import Billing, BreakdownDimension, ChargesRead
from providers.period import DAY, Period, midnight, utc_day

RECENT_DAYS = 31
"""Always includes the first of the month."""
REREAD_DAYS = 35
"""Read again once a UTC day, since providers correct days late: the running month, and the month
before until its last days have settled."""
DIMENSIONS = tuple(PART_OF)
USED_BEFORE_DAYS = 7
"""If there was cost on one of this number of days before it, an empty day counts as not published
yet."""


@dataclass(frozen=True, slots=True)
class ConnectedProvider:
    """A configured connection, with the client that reads it."""

    name: str
    kind: ProviderKind
    billing: Billing
    provider: Provider


@dataclass(frozen=True, slots=True)
class Plan:
    """What one round reads of one connection."""

    recent: Period
    """Ends with the running day; read first, for all connections, and kept in one go."""
    breakdowns: Mapping[BreakdownDimension, Period]
    """Of the recent days, what is read of each."""
    history: Sequence[Period]
    """Older windows, newest first."""
    known: Sequence[DayFigure] = ()
    """Covered days, for comparison with the new read of recent days."""
    due: frozenset[Part] = frozenset()
    """Parts to read even if they were read just now: breakdowns with settled days."""
    hours_from: datetime | None = None
    """The first hour to read; None if hours aren't read."""


def horizon(connection: Connection, today: date, since: date | None) -> date:
    """Return the first day to read: as far back as was asked for, or as the provider serves."""
    if since is not None:
        return min(since, today)
    return connection.served_from(today)


def plan(
    source: ConnectedProvider,
    connection: Connection,
    known: Sequence[DayFigure],
    now: datetime,
    since: date | None,
    *,
    dimensions: Sequence[BreakdownDimension] = DIMENSIONS,
    reread: bool = False,
) -> Plan:
    """Return the days since the horizon that are not final, or all of them if `since` is given.
    `known` has the connection's covered days since at least the horizon.

    A day is final once it was read after it had settled; one of the last `REREAD_DAYS` only until
    the UTC day ends, or not at all with `reread`. A read from later than `now` is ignored: the
    clock was set back since. A day that can't be read is requested again at each sync, and after a
    day once a day.
    """
    today = utc_day(now)
    first = horizon(connection, today, since)
    settling = DAY * (source.kind.settling_days + 1)
    reread_from = today - DAY * (REREAD_DAYS - 1)
    good = frozenset(
        figure.day
        for figure in known
        if since is None
        and midnight(figure.day) + settling <= figure.last_read_at <= now
        and (figure.day < reread_from or (not reread and utc_day(figure.last_read_at) == today))
    ) | frozenset(
        each.day
        for each in connection.unreadable
        if since is None and not reread and each.since <= now - DAY < each.read_at <= now
    )
    edge = max(first, today - DAY * (min(RECENT_DAYS, source.kind.window_days) - 1))
    recent_start = min(_missing(Period(edge, today), good), default=today)
    return Plan(
        recent=Period(recent_start, today + DAY),
        breakdowns={
            by: Period(max(edge, min(recent_start, start)), today + DAY)
            for by in dimensions
            for start in [_breakdown_start(connection, by, settling, edge, since)]
        },
        history=_windows(_missing(Period(first, edge), good), source.kind.window_days),
        known=known,
        due=frozenset(PART_OF.values() if recent_start <= today - settling else ()),
    )


def empty_lately(
    read: ChargesRead, known: Sequence[DayFigure], now: datetime, delay: timedelta
) -> frozenset[date]:
    """Return the days that the read found empty and that ended less than `delay` ago: free of cost,
    or not published yet. A day that had cost before is not included: `ChargeWriter.replace_days`
    decides about it."""
    with_rows = {charge.charge_period_start for charge in read.charges} | used_days(known)
    return frozenset(
        day for day in read.covered - with_rows if timedelta(0) <= now - midnight(day + DAY) < delay
    )


def used_days(known: Sequence[DayFigure]) -> set[date]:
    """Return the days on which anything was used, also if another provider bills it."""
    return {figure.day for figure in known if figure.used or figure.byok_estimate}


def days_before(day: date) -> Period:
    """Return the days that show whether an empty day is to be expected."""
    return Period(day - DAY * USED_BEFORE_DAYS, day)


def _breakdown_start(
    connection: Connection,
    by: BreakdownDimension,
    settling: timedelta,
    edge: date,
    since: date | None,
) -> date:
    """Return the first day that could still change when the breakdown was last read."""
    read_at = connection.breakdowns_read_at.get(by)
    return edge if since is not None or read_at is None else utc_day(read_at - settling)


def _missing(period: Period, good: Collection[date]) -> list[date]:
    return [day for day in period if day not in good]


def _windows(days: Sequence[date], longest: int) -> list[Period]:
    """Return runs of neighbouring days, split into windows, newest first."""
    runs: list[Period] = []
    for day in days:
        if runs and runs[-1].end == day:
            runs[-1] = Period(runs[-1].start, day + DAY)
        else:
            runs.append(Period.of_day(day))
    return [window for run in reversed(runs) for window in run.windows(longest)]
