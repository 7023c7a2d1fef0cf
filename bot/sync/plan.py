"""Which days to read: pure thinking about what the ledger covers and what may still change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.ports import Source
from bot.spend.ledger import Connection, DayFigure
from providers.period import DAY, Period, midnight, utc_day

RECENT_DAYS = 31
"""Reaches to the first of the month on any day of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one round reads of one connection."""

    recent: Period
    """Ends with the running day; read first, for all connections, and kept in one go."""
    breakdown: Period
    history: Sequence[Period]
    """Older windows, newest first."""
    hours_from: datetime | None = None
    """The first hour to read; None: hours are not read."""


def horizon(source: Source, connection: Connection, today: date, since: date | None) -> date:
    """The first day that is of interest: as far back as was asked for, or as the vendor serves."""
    if since is not None:
        return min(since, today)
    oldest = today - DAY * (source.kind.history_days - 1)
    return max(oldest, connection.earliest_served or oldest)


def plan(
    source: Source,
    connection: Connection,
    known: Sequence[DayFigure],
    now: datetime,
    since: date | None,
) -> Plan:
    """The days since the horizon that are not known for good, or all of them where `since` is
    given. `known` holds the connection's covered days since the horizon.

    A day is known for good once it was read after it had settled. A read from later than now says
    nothing: the clock was set back since. A day that cannot be read is asked for again at each
    sync, and after a day once a day.
    """
    today = utc_day(now)
    first = horizon(source, connection, today, since)
    settling = DAY * (source.kind.settling_days + 1)
    good = frozenset(
        figure.day
        for figure in known
        if since is None and midnight(figure.day) + settling <= figure.last_read_at <= now
    ) | frozenset(
        each.day
        for each in connection.unreadable
        if since is None and each.since <= now - DAY < each.read_at <= now
    )
    edge = max(first, today - DAY * (min(RECENT_DAYS, source.kind.window_days) - 1))
    recent_start = min(_missing(Period(edge, today), good), default=today)
    return Plan(
        recent=Period(recent_start, today + DAY),
        breakdown=Period(
            max(edge, min(recent_start, _breakdown_start(connection, settling, edge, since))),
            today + DAY,
        ),
        history=_windows(_missing(Period(first, edge), good), source.kind.window_days),
    )


def _breakdown_start(
    connection: Connection, settling: timedelta, edge: date, since: date | None
) -> date:
    """The first day that could still change when the breakdown was last read."""
    if since is not None or connection.breakdown_read_at is None:
        return edge
    return utc_day(connection.breakdown_read_at - settling)


def _missing(period: Period, good: Collection[date]) -> list[date]:
    return [day for day in period if day not in good]


def _windows(days: Sequence[date], longest: int) -> list[Period]:
    """Runs of neighbouring days, cut to windows, newest first."""
    runs: list[Period] = []
    for day in days:
        if runs and runs[-1].end == day:
            runs[-1] = Period(runs[-1].start, day + DAY)
        else:
            runs.append(Period.of_day(day))
    return [window for run in reversed(runs) for window in run.windows(longest)]
