"""The days of a summary as a chart. A day that isn't covered has no bar, because it isn't zero."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from bot.reports.models import DayUsed, Summary
from bot.slack.charts import CATEGORIES, Series, chart
from bot.slack.message import Block
from bot.wording import day, listed, month, plural, tidy
from providers.money import total
from providers.period import DAY, Period

MONTH_LENGTH = 31
DAYS_DRAWN = 14
"""With more days, the bars of several connections are too thin to distinguish."""
Bucket = tuple[str, Sequence[DayUsed]]


def days_chart(summary: Summary) -> Block | None:
    """Return bars in US dollars: by day up to a month (the last 14), by week up to 20 weeks, else
    by month. None if there are fewer than two bars. The title and the labels say what the chart
    leaves out."""
    names, today = _drawn(summary), summary.now.date()
    known = [one for one in summary.days if set(names) <= {name for name, _ in one.by_connection}]
    unit, buckets = _buckets(known, summary.period, today)
    shown = buckets[-(DAYS_DRAWN if unit == "day" else CATEGORIES) :]
    if len(shown) < 2:
        return None
    titles = {each.name: each.title for each in summary.connections}
    series = [
        Series(titles.get(name, name), tuple(_used(name, days) for _, days in shown))
        for name in names
    ]
    title = [f"Spend by {unit}"]
    if len(shown) < len(buckets):
        title.append(f"last {len(shown)} {unit}s")
    if unit == "day":
        title += ["today so far"] if known[-1].day == today else []
        left_out = sum(one.day > shown[0][1][0].day for one in summary.days) + 1 - len(shown)
        title += [f"{left_out} missing"] if left_out else []
    apart = {name for one in summary.days for name, _ in one.by_connection} - set(names)
    if apart:
        title.append("without " + listed(sorted(tidy(titles.get(name, name)) for name in apart)))
    labels = [label for label, _ in shown]
    return chart("bar", ", ".join(title), labels, series, x_label=f"{unit.capitalize()} (UTC)")


def _drawn(summary: Summary) -> list[str]:
    """Return the connections that fit into one chart: those that know at least half as many days as
    the one that knows most."""
    known: dict[str, int] = {}
    for one in summary.days:
        for name, _ in one.by_connection:
            known[name] = known.get(name, 0) + 1
    most = max(known.values(), default=0)
    return [name for name, count in known.items() if count * 2 >= most]


def _used(name: str, days: Sequence[DayUsed]) -> Decimal:
    return total(used for one in days for who, used in one.by_connection if who == name)


def _buckets(known: Sequence[DayUsed], period: Period, today: date) -> tuple[str, list[Bucket]]:
    if len(period) <= MONTH_LENGTH:
        return "day", [(day(one.day), [one]) for one in known]
    if len(period) <= CATEGORIES * 7:
        return "week", _grouped(known, lambda d: Period.of_week(d).start, 7, today)
    return "month", _grouped(known, lambda d: Period.of_month(d).start, MONTH_LENGTH, today)


def _grouped(
    known: Sequence[DayUsed], first_of: Callable[[date], date], longest: int, today: date
) -> list[Bucket]:
    """Return weeks or months; the label marks one that is not fully known or not fully in the
    period."""
    grouped: dict[date, list[DayUsed]] = {}
    for one in known:
        grouped.setdefault(first_of(one.day), []).append(one)
    buckets: list[Bucket] = []
    for first, days in grouped.items():
        whole = Period(first, first_of(first + DAY * longest))
        label = month(first) if longest == MONTH_LENGTH else day(first)
        if today in whole and {one.day for one in days} >= set(Period(first, today)):
            label += " so far"
        elif len(days) < len(whole):
            label += f" ({plural(len(days), 'day')})"
        buckets.append((label, days))
    return buckets
