"""The days of a summary as a chart. A day that is not covered has no bar: it is not zero."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from bot.slack.message import Block
from bot.slack.natives import CATEGORIES, Series, chart
from bot.slack.text import day
from bot.spend.summary import DayUsed, Summary
from providers.money import total
from providers.period import DAY, Period

MONTH_LENGTH = 31
BARS = 14
"""More points than these are drawn as a line: bars grow too thin to be told apart."""
Bucket = tuple[str, Sequence[DayUsed]]


def days_chart(summary: Summary) -> Block | None:
    """In US dollars: by day up to a month (the last 20 days), by week up to 20 weeks, else by
    month; None where fewer than two can be drawn."""
    names = _drawn(summary)
    known = [one for one in summary.days if set(names) <= {name for name, _ in one.by_connection}]
    unit, buckets = _buckets(known, summary.period, summary.now.date())
    buckets = buckets[-CATEGORIES:]
    if len(buckets) < 2:
        return None
    titles = {each.name: each.title for each in summary.connections}
    series = [
        Series(titles.get(name, name), tuple(_used(name, days) for _, days in buckets))
        for name in names
    ]
    last = f", last {len(buckets)} {unit}s" if len(known) > len(buckets) and unit == "day" else ""
    return chart(
        "bar" if len(buckets) <= BARS else "line",
        f"Used by {unit}{last}",
        [label for label, _ in buckets],
        series,
        x_label=f"{unit.capitalize()} (UTC)",
    )


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


def _day(value: date, today: date) -> str:
    return f"{day(value)} so far" if value == today else day(value)


def _buckets(known: Sequence[DayUsed], period: Period, today: date) -> tuple[str, list[Bucket]]:
    if len(period) <= MONTH_LENGTH:
        return "day", [(_day(one.day, today), [one]) for one in known]
    if len(period) <= CATEGORIES * 7:
        return "week", _whole(known, period, lambda d: d - timedelta(days=d.weekday()), 7)
    return "month", _whole(known, period, lambda d: d.replace(day=1), MONTH_LENGTH)


def _whole(
    known: Sequence[DayUsed], period: Period, first_of: Callable[[date], date], longest: int
) -> list[Bucket]:
    """Weeks or months of the period whose every day is known: part of one is not its sum."""
    grouped: dict[date, list[DayUsed]] = {}
    for one in known:
        grouped.setdefault(first_of(one.day), []).append(one)
    buckets: list[Bucket] = []
    for first, days in grouped.items():
        whole = Period(first, first_of(first + DAY * longest))
        if len(days) == len(whole.clip(period)):
            buckets.append((day(days[0].day), days))
    return buckets
