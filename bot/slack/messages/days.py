"""The days of a summary as a chart. A day that is not covered has no bar: it is not zero."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from bot.slack.message import Block
from bot.slack.natives import CATEGORIES, Series, chart
from bot.slack.text import day, month
from bot.spend.summary import DayUsed, Summary
from providers.money import total
from providers.period import DAY, Period

MONTH_LENGTH = 31
DAYS_DRAWN = 14
"""More bars of several connections grow too thin to be told apart."""
Bucket = tuple[str, Sequence[DayUsed]]


def days_chart(summary: Summary) -> Block | None:
    """Bars in US dollars: by day up to a month (the last 14), by week up to 20 weeks, else by
    month; None where fewer than two can be drawn."""
    names = _drawn(summary)
    known = [one for one in summary.days if set(names) <= {name for name, _ in one.by_connection}]
    unit, buckets = _buckets(known, summary.period)
    if len(buckets) < 2:
        return None
    titles = {each.name: each.title for each in summary.connections}
    series = [
        Series(titles.get(name, name), tuple(_used(name, days) for _, days in buckets))
        for name in names
    ]
    title = f"Used by {unit}" if unit == "day" else f"Used by whole {unit}"
    if unit == "day":
        title += f", last {len(buckets)} days" if len(known) > len(buckets) else ""
        title += ", today so far" if known[-1].day == summary.now.date() else ""
    labels = [label for label, _ in buckets]
    return chart("bar", title, labels, series, x_label=f"{unit.capitalize()} (UTC)")


def _drawn(summary: Summary) -> list[str]:
    """The connections that can stand in one chart: of those with figures, the ones that know at
    least half as many days as the one that knows most."""
    known: dict[str, int] = {}
    for one in summary.days:
        for name, _ in one.by_connection:
            known[name] = known.get(name, 0) + 1
    most = max(known.values(), default=0)
    return [name for name, count in known.items() if count * 2 >= most]


def _used(name: str, days: Sequence[DayUsed]) -> Decimal:
    return total(used for one in days for who, used in one.by_connection if who == name)


def _buckets(known: Sequence[DayUsed], period: Period) -> tuple[str, list[Bucket]]:
    if len(period) <= MONTH_LENGTH:
        return "day", [(day(one.day), [one]) for one in known[-DAYS_DRAWN:]]
    if len(period) <= CATEGORIES * 7:
        return "week", _whole(known, lambda d: d - timedelta(days=d.weekday()), 7)
    return "month", _whole(known, lambda d: d.replace(day=1), MONTH_LENGTH)[-CATEGORIES:]


def _whole(
    known: Sequence[DayUsed], first_of: Callable[[date], date], longest: int
) -> list[Bucket]:
    """Weeks or months that lie in the period with every day known: part of one is not its sum."""
    grouped: dict[date, list[DayUsed]] = {}
    for one in known:
        grouped.setdefault(first_of(one.day), []).append(one)
    buckets: list[Bucket] = []
    for first, days in grouped.items():
        whole = Period(first, first_of(first + DAY * longest))
        if len(days) == len(whole):
            buckets.append((month(first) if longest == MONTH_LENGTH else day(first), days))
    return buckets
