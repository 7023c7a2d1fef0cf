"""The sentences of a digest, in mrkdwn; names and reasons from outside are escaped here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from bot.analysis.anomalies import ExpectedRange
from bot.budgets.messages.budget_words import (
    least_words,
    over_or_left,
    scope_words,
    share_of,
)
from bot.budgets.models import Contributor
from bot.digests.models import BudgetStanding, Digest, DigestConnection, Recap, SoFar
from bot.reports.messages.parts import left_words, restated_lines, unpublished_words
from bot.slack.blocks import escape, moment, name
from bot.wording import (
    change,
    chosen,
    day,
    day_kind,
    day_list,
    day_name,
    days,
    estimate,
    listed,
    money,
    month_name,
    plural,
    tidy,
)
from providers.catalog import title_of
from providers.money import difference
from providers.period import DAY, Period
from providers.redaction import clip

REASON = 400
BUDGETS = 6
CHANGES = 4
CLOSE = Decimal("0.1")
"""Of the edge of what is usual: so far beyond it is "a little"."""


def title(digest: Digest) -> str:
    """``AI costs: Monday 23 Nov`` in plain text."""
    return f"{who(digest)}: {_days_title(digest)}"


def who(digest: Digest) -> str:
    """Whose costs, in plain text."""
    scope = digest.scope
    if scope.kind == "all":
        return "AI costs"
    if scope.kind == "project":
        return f"Project {tidy(scope.name or '')}"
    titles = [each.title for each in digest.connections if each.name == scope.name]
    return tidy(next(iter(titles), title_of(scope.name or "")))


def lead(digest: Digest) -> str:
    """What was used, and how that compares."""
    if digest.used is None:
        return f"*Used: unknown* {_on(digest)}."
    words = f"*{money(digest.used)} used*"
    if not digest.is_complete and _has_gaps(digest):
        words += ", as far as known,"
    return f"{words} {_on(digest)}{_compared(digest)}."


def so_far(digest: Digest) -> list[str]:
    """The week, then the month; neither where the digest is about just that."""
    today = digest.now.date()
    found = []
    week = digest.week
    if digest.cadence == "daily" and week.window.start < digest.period.start:
        found.append(f"Week so far ({days(week.window, today)}): {_amount(week)}.")
    if digest.cadence == "monthly":
        return found
    month = digest.month
    name_of_month = month_name(month.window.start)
    if (month.window.end - DAY).month != month.window.end.month:
        words = f"{name_of_month} has ended: {_amount(month)}; its last days have yet to settle."
    else:
        words = f"{name_of_month} so far ({days(month.window, today)}): {_amount(month)}"
        words += _heading(month) + "."
    return [*found, words]


def budget_line(budget: BudgetStanding) -> str:
    """How much of a budget is used, and where it is heading."""
    what = f"{scope_words(budget.scope)}: budget of {chosen(budget.amount)} {budget.period}"
    what = what[0].upper() + what[1:]
    if budget.actual is None:
        least = least_words(budget.amount, budget.at_least)
        return f"{what}: what was used is unknown{least}, as days of it are missing."
    words = (
        f"{what}: *{share_of(budget.amount, budget.actual)}* used ({money(budget.actual)}), "
        f"{over_or_left(budget.amount, budget.actual)}"
    )
    if budget.is_over:
        return f"{words}; its {_NOUNS[budget.period]} has ended."
    if budget.expected is not None:
        words += f"; heading for {estimate(budget.expected)}"
        if budget.expected > budget.amount > budget.actual:
            words += ", which is over"
    return f"{words}."


_NOUNS = {"daily": "day", "weekly": "week", "monthly": "month"}


def connection_line(connection: DigestConnection, digest: Digest) -> str:
    """One connection in its own terms, and what is not well with it."""
    today = digest.now.date()
    label = f"*{name(connection.title)}*"
    if connection.used is None:
        words = f"{label}: used is unknown, {_gaps(connection, today)}"
    else:
        words = f"{label} {money(connection.used)}"
        if connection.unfinished_days:
            words += f" so far: {day_list(connection.unfinished_days, today)} was last read"
            words += " before it had ended"
        elif connection.usual is not None and len(digest.connections) > 1:
            words += f" (usually {_band(connection.usual)})"
    left = connection.left
    if left is not None:
        if connection.status != "ok" and left.remaining is not None:
            left = replace(left, reason=None)  # said once, with everything that is not up to date
        words += f" · {left_words(left, today, strong='*')}"
    elif connection.used is not None:
        words += f" · {connection.billing}"
    if connection.status != "ok" and connection.reason:
        words += f"\nNot up to date: {escape(clip(connection.reason, REASON))}"
    return words


def _gaps(connection: DigestConnection, today: date) -> str:
    """``9 Nov is not published yet``."""
    awaited = connection.unpublished_days
    other = [each for each in connection.missing_days if each not in awaited]
    parts = []
    if awaited:
        parts.append(unpublished_words(awaited, today))
    if other:
        parts.append(f"there are no figures for {day_list(other, today)}")
    return ", ".join(parts)


def movers_line(digest: Digest) -> str | None:
    """What changed most, with amounts."""
    if not digest.movers:
        return None
    against = _days_words(digest.before, digest)
    moved = "; ".join(_moved(each) for each in digest.movers)
    return f"Changed most against {against}: {moved}."


def restated(digest: Digest) -> list[str]:
    """Return the lines for days that have changed since a digest showed them."""
    titles = {each.name: each.title for each in digest.connections}
    return restated_lines(digest.restatements, titles, digest.now.date())


def recap_lines(recap: Recap, digest: Digest) -> list[str]:
    """A month that has settled, and what changed until it had."""
    today = digest.now.date()
    month = month_name(recap.month.start)
    if recap.used is None:
        missing = day_list(recap.missing_days, today)
        return [f"*{month} has settled*, but what it cost is unknown: no figures for {missing}."]
    before = change(recap.used, recap.used_before)
    earlier = month_name(recap.month.start - DAY)
    compared = f", {before} on {earlier}" if before else ""
    settled = f"*{month} has settled at {money(recap.used)}* (rarely changes){compared}."
    lines = [f"{settled} {_settled(recap, today)}"]
    return [*lines, *(budget_line(each) for each in recap.budgets[:BUDGETS])]


def late_words(late_by: timedelta) -> str:
    """``This comes 1 h 20 min late.``"""
    minutes = int(late_by.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    words = f"{hours} h {rest} min" if hours else f"{minutes} min"
    return f"This comes {words} late."


def freshness(digest: Digest) -> str:
    """When the figures are from, and how far they have settled."""
    today = digest.now.date()
    as_of = digest.as_of
    words = f"Read {moment(as_of)}" if as_of else "Not every connection has been read yet"
    settled = [each.settled_until for each in digest.connections]
    known = [each for each in settled if each is not None]
    if known and len(known) == len(settled):
        last = min(known) - DAY
        if last < digest.period.end - DAY:
            return (
                f"{words}; settled through {day(last, today)} (rarely changes), later days may "
                "still change."
            )
    return f"{words}."


def _on(digest: Digest) -> str:
    words = _days_words(digest.period, digest)
    return f"on {words} (UTC)" if len(digest.period) == 1 else f"{words} (UTC)"


def _days_words(period: Period, digest: Digest) -> str:
    today = digest.now.date()
    if len(period) == 1:
        return f"{day_name(period.start)} {day(period.start, today)}"
    if digest.cadence == "monthly":
        return month_name(period.start)
    return days(period, today)


def _days_title(digest: Digest) -> str:
    today = digest.now.date()
    if digest.cadence == "monthly":
        return f"{month_name(digest.period.start)} {digest.period.start.year}, settled"
    if digest.cadence == "weekly":
        return f"week of {days(digest.period, today)}"
    return _days_words(digest.period, digest)


def _has_gaps(digest: Digest) -> bool:
    return any(each.used is None or each.unfinished_days for each in digest.connections)


def _compared(digest: Digest) -> str:
    if digest.usual is not None and digest.used is not None:
        return _against_usual(digest.used, digest.usual, digest)
    words = change(digest.used if not _has_gaps(digest) else None, digest.used_before)
    before = _days_words(digest.before, digest)
    if words is None:
        return ""
    if words == "unchanged":
        return f", unchanged from {before}"
    return f", {words} on {before}" if words != "new" else f"; nothing was used {before}"


def _against_usual(used: Decimal, expected: ExpectedRange, digest: Digest) -> str:
    kind = day_kind(digest.period.start, expected.place)
    a_kind = f"{'a' if expected.place is None else 'the'} {kind}"
    if digest.is_unusual and used > expected.middle > 0:
        times = used / expected.middle
        return (
            f": *{times:.1f} times* what {a_kind} usually costs "
            f"({estimate(expected.middle)}, mostly {_band(expected)})"
        )
    if digest.is_unusual:
        return (
            f": *unusually little* for {a_kind} "
            f"({estimate(expected.middle)}, mostly {_band(expected)})"
        )
    if expected.low <= used <= expected.high:
        return f", as usual for {a_kind} (mostly {_band(expected)})"
    side, edge = ("more", expected.high) if used > expected.high else ("less", expected.low)
    near = "a little " if abs(used - edge) <= abs(edge) * CLOSE else ""
    return f", {near}{side} than a usual {kind} ({_band(expected)})"


def _band(expected: ExpectedRange) -> str:
    return f"{estimate(expected.low)} to {estimate(expected.high)}"


def _amount(span: SoFar) -> str:
    if span.used is None:
        return "unknown, as days of it are missing"
    without = ""
    if span.without:
        names = listed([name(each) for each in span.without])
        without = f" without {names}, whose days are not all known"
    return f"{money(span.used)}{without}"


def _heading(span: SoFar) -> str:
    if span.expected is None or span.low is None or span.high is None:
        return ""
    band = f"{estimate(span.low)} to {estimate(span.high)}"
    return f", heading for {estimate(span.expected)} ({band})"


def _moved(each: Contributor) -> str:
    before = each.used_before or Decimal(0)
    if not before:
        return f"*{name(each.name)}* new at {money(each.used)}"
    moved = difference(each.used, before)
    direction = "up" if moved > 0 else "down"
    return f"*{name(each.name)}* {direction} {money(abs(moved))} to {money(each.used)}"


def _settled(recap: Recap, today: date) -> str:
    if not recap.changes:
        return "Nothing changed after it had ended."
    changed: Sequence[str] = [
        f"{day(each.day, today)} {money(each.before)} → {money(each.after)}"
        for each in recap.changes[:CHANGES]
    ]
    rest = len(recap.changes) - len(changed)
    month = recap.month.start
    more = f" and {plural(rest, 'more day')} (see `/aicost {month:%Y-%m} by day`)" if rest else ""
    sign = "+" if recap.change > 0 else ""
    return (
        f"After it had ended, {plural(len(recap.changes), 'daily figure')} changed, by "
        f"{sign}{money(recap.change)} in all: {'; '.join(changed)}{more}."
    )
