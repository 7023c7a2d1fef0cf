"""What a summary is made from: what the ledger remembers of a period and around it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.db.models import LimitReading, Restatement
from bot.ledger.balances import Estimate
from bot.ledger.models import BalanceReading, Connection, DayFigure, HourFigure, ItemFigure
from providers.period import Period

LATELY_DAYS = 28
"""Four whole weeks: which part of its connection's use a project or key has."""


@dataclass(frozen=True, slots=True)
class LimitUse:
    """What counts against limits whose use the provider does not report; empty where none are."""

    projects: Sequence[ItemFigure] = ()
    """Of the running UTC month so far."""
    projects_lately: Sequence[ItemFigure] = ()
    """Of the last `LATELY_DAYS` complete days."""
    keys_lately: Sequence[ItemFigure] = ()


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """Figures of one consistent state of the ledger; those of other connections are ignored."""

    connections: Sequence[Connection]
    days: Sequence[DayFigure]
    """Of the period."""
    days_before: Sequence[DayFigure] = ()
    """Of the period that it is compared with: `compared_days(…).before(…)`."""
    recent: Sequence[DayFigure] = ()
    """Of connections with a balance or a limit: the days that forecasts look back to, and today."""
    items: Sequence[ItemFigure] = ()
    """Of the period, for the breakdown that was asked for."""
    items_before: Sequence[ItemFigure] = ()
    """Of the period before, where the whole period is compared with it."""
    balances: Mapping[str, Sequence[BalanceReading]] = field(default_factory=dict)
    """Readings of the last week by connection, oldest first."""
    restatements: Sequence[Restatement] = ()
    suspect_days: Sequence[Restatement] = ()
    """Days that were last read empty and are kept as they were, whenever that was found."""
    limits: Sequence[LimitReading] = ()
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    """Balances that rest on what was declared, by connection; `balances` has their readings."""
    use: LimitUse = LimitUse()
    hours: Sequence[HourFigure] = ()
    """Of the running day, where it is asked about and not published for some connection."""


def in_scope(connections: Iterable[Connection], scope: str | None) -> list[Connection]:
    """The connection of that name, or else those of the provider of that name; None: all."""
    known = list(connections)
    if scope is None:
        return known
    named = [connection for connection in known if connection.name == scope]
    return named or [connection for connection in known if connection.provider == scope]


def compared_days(
    period: Period, connections: Iterable[Connection], days: Iterable[DayFigure], today: date
) -> Period | None:
    """The days from the period's start that are over, and covered for each connection of which
    any is: those that can be compared with earlier ones; of today alone today so far. None where
    there are none."""
    covered: dict[str, set[date]] = {connection.name: set() for connection in connections}
    for figure in days:
        if figure.connection in covered and figure.day in period:
            covered[figure.connection].add(figure.day)
    known = [of_one for of_one in covered.values() if of_one]
    is_today = period == Period.of_day(today)
    past = period if is_today else period.clip(Period(min(period.start, today), today))
    end = next((day for day in past if not all(day in of_one for of_one in known)), past.end)
    return Period(past.start, end) if known and end > past.start else None
