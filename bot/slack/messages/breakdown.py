"""A cut of what was used: a table whose rows add up, and the shares as a pie."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.slack.message import Block
from bot.slack.natives import Amount, Cell, data_table, pie
from bot.slack.text import (
    day,
    in_cents,
    money_rows,
    name,
    percent,
    round_to,
    round_together,
    window,
)
from bot.spend.summary import UNATTRIBUTED, Breakdown, BreakdownRow, DayUsed, Summary
from providers.money import total

TOP = 20
NAMED = 3
DAYS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a cut; `stands_for` counts the rows in it."""

    label: str
    connection: str | None
    used: Decimal
    stands_for: int = 1


def breakdown_blocks(summary: Summary, breakdown: Breakdown) -> list[Block]:
    """The table, and the pie where the parts make up a whole."""
    if breakdown.by == "day":
        return _days(summary)
    if not breakdown.rows:
        return []
    table = _table(summary, breakdown)
    shares = pie(f"Shares by {breakdown.by}", _shares(breakdown.rows))
    return [table, shares] if shares else [table]


def breakdown_sentence(summary: Summary, breakdown: Breakdown) -> str:
    """``By model: gpt-5 $80.00 (65%), …, 12 more $3.20 (3%).`` in mrkdwn, rounded as the table."""
    lines = _largest_days(summary) if breakdown.by == "day" else _lines(breakdown.rows)
    if not lines:
        return f"Nothing is known by {breakdown.by}."
    cents = round_together([line.used for line in lines])
    whole = total(line.used for line in lines)
    words = [
        f"{name(line.label)} {in_cents(line.used, rounded)} ({_share(line.used, whole).text})"
        for line, rounded in zip(lines[:NAMED], cents[:NAMED], strict=True)
    ]
    others = lines[NAMED:]
    if others:
        used = total(line.used for line in others)
        text = in_cents(used, total(cents[NAMED:]))
        count = sum(line.stands_for for line in others)
        words.append(f"{count} more {text} ({_share(used, whole).text})")
    return f"By {breakdown.by}: {', '.join(words)}."


def _shares(rows: Sequence[BreakdownRow]) -> list[tuple[str, Decimal]]:
    """In the cents that the table shows; what is less than one as it is."""
    cents = round_together([row.used for row in rows])
    return [(row.name, rounded or row.used) for row, rounded in zip(rows, cents, strict=True)]


def _lines(rows: Sequence[BreakdownRow]) -> list[_Line]:
    """The largest rows, and what nobody could be named for; the rest in one line."""
    shown = rows
    if len(rows) > TOP + 1:
        kept = [i for i, row in enumerate(rows) if i < TOP or row.name == UNATTRIBUTED][: TOP * 2]
        shown = [rows[i] for i in kept]
    lines = [_Line(row.name, row.connection, row.used) for row in shown]
    count = len(rows) - len(shown)
    if count:
        used = total(row.used for row in rows) - total(row.used for row in shown)
        lines.append(_Line(f"{count} more", None, used, count))
    return lines


def _largest_days(summary: Summary) -> list[_Line]:
    days = sorted(summary.days, key=lambda one: -one.used)
    return [_Line(day(one.day, summary.now.date()), None, one.used) for one in days]


def _table(summary: Summary, breakdown: Breakdown) -> Block:
    titles = {each.name: each.title for each in summary.connections}
    lines = _lines(breakdown.rows)
    amounts = [line.used for line in lines]
    whole = total(amounts)
    head = [breakdown.by.capitalize(), "Connection", "Used", "Share"]
    rows: list[list[Cell]] = [
        [
            line.label,
            titles.get(line.connection, line.connection) if line.connection else "–",
            Amount(line.used, text),
            _share(line.used, whole),
        ]
        for line, text in zip(lines, money_rows(amounts), strict=True)
    ]
    if len(summary.connections) < 2:
        head, rows = [head[0], *head[2:]], [[row[0], *row[2:]] for row in rows]
    caption = f"Used by {breakdown.by}, {window(summary.period, summary.now.date())}"
    return data_table(caption, head, rows)


def _share(used: Decimal, whole: Decimal) -> Amount:
    if used <= 0 or whole <= 0:
        return Amount(Decimal(0), "–")
    return Amount(used / whole, percent(used, whole))


def _days(summary: Summary) -> list[Block]:
    """A row per covered day, newest first; where a connection does not cover it: a dash."""
    days = sorted(summary.days, key=lambda one: one.day, reverse=True)[:DAYS_SHOWN]
    if not days:
        return []
    known = {who for one in days for who, _ in one.by_connection}
    connections = [each for each in summary.connections if each.name in known]
    head = ["Day (UTC)", "Used"]
    cents = round_together([one.used for one in days])
    rows: list[list[Cell]] = [
        [_day(one.day, summary.now.date()), Amount(one.used, in_cents(one.used, rounded))]
        for one, rounded in zip(days, cents, strict=True)
    ]
    if 1 < len(connections) <= 6:
        head += [each.title for each in connections]
        for row, one, rounded in zip(rows, days, cents, strict=True):
            parts = _parts(one, rounded)
            row += [parts.get(each.name, "–") for each in connections]
    return [data_table(f"Used by day, {window(summary.period, summary.now.date())}", head, rows)]


def _day(value: date, today: date) -> str:
    return f"{day(value, today)} (so far)" if value == today else day(value, today)


def _parts(one: DayUsed, rounded: Decimal) -> dict[str, Amount]:
    """What each connection used of a day that is shown as so many cents."""
    cents = round_to([used for _, used in one.by_connection], rounded)
    return {
        who: Amount(used, in_cents(used, own))
        for (who, used), own in zip(one.by_connection, cents, strict=True)
    }
