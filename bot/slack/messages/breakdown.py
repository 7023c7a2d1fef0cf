"""A cut of what was used: a table whose rows add up, and the shares as a pie."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot.slack.message import Block
from bot.slack.natives import Amount, Cell, data_table, pie
from bot.slack.text import day, money, money_rows, name, percent, window
from bot.spend.summary import UNATTRIBUTED, Breakdown, BreakdownRow, DayUsed, Summary
from providers.money import total

TOP = 20
NAMED = 3
DAYS_SHOWN = 100


def breakdown_blocks(summary: Summary, breakdown: Breakdown) -> list[Block]:
    """The table, and the pie where the parts make up a whole."""
    if breakdown.by == "day":
        return _days(summary)
    if not breakdown.rows:
        return []
    table = _table(summary, breakdown)
    shares = pie(f"Shares by {breakdown.by}", [(row.name, row.used) for row in breakdown.rows])
    return [table, shares] if shares else [table]


def breakdown_sentence(summary: Summary, breakdown: Breakdown) -> str:
    """``By model: gpt-5 $80.00 (65%), …, and 12 others $3.20.`` in mrkdwn."""
    if breakdown.by == "day":
        rows = [(day(one.day, summary.now.date()), one.used) for one in summary.days]
        rows.sort(key=lambda row: -row[1])
    else:
        rows = [(name(row.name), row.used) for row in breakdown.rows]
    if not rows:
        return f"Nothing is known by {breakdown.by}."
    whole = total(used for _, used in rows)
    named = rows[:NAMED]
    if len(rows) > NAMED:
        named.append((f"{len(rows) - NAMED} more", total(used for _, used in rows[NAMED:])))
    shown = money_rows([used for _, used in named])
    words = [
        f"{label} {text} ({_share(used, whole).text})"
        for (label, used), text in zip(named, shown, strict=True)
    ]
    return f"By {breakdown.by}: {', '.join(words)}."


def _table(summary: Summary, breakdown: Breakdown) -> Block:
    titles = {each.name: each.title for each in summary.connections}
    shown, rest = _split(breakdown.rows)
    amounts = [row.used for row in shown]
    labels = [[row.name, titles.get(row.connection, row.connection)] for row in shown]
    if rest:
        amounts.append(total(row.used for row in rest))
        labels.append([f"{len(rest)} more", "–"])
    whole = total(amounts)
    rows: list[list[Cell]] = [
        [*label, Amount(used, text), _share(used, whole)]
        for label, used, text in zip(labels, amounts, money_rows(amounts), strict=True)
    ]
    head = [breakdown.by.capitalize(), "Connection", "Used", "Share"]
    if len(summary.connections) < 2:
        head, rows = [head[0], *head[2:]], [[row[0], *row[2:]] for row in rows]
    caption = f"Used by {breakdown.by}, {window(summary.period, summary.now.date())}"
    return data_table(caption, head, rows)


def _share(used: Decimal, whole: Decimal) -> Amount:
    if used <= 0 or whole <= 0:
        return Amount(Decimal(0), "–")
    return Amount(used / whole, percent(used, whole))


def _split(
    rows: Sequence[BreakdownRow],
) -> tuple[Sequence[BreakdownRow], Sequence[BreakdownRow]]:
    """The largest, and what nobody could be named for; then the rest."""
    if len(rows) <= TOP + 1:
        return rows, ()
    shown = [row for i, row in enumerate(rows) if i < TOP or row.name == UNATTRIBUTED][: TOP * 2]
    kept = {id(row) for row in shown}
    return shown, [row for row in rows if id(row) not in kept]


def _days(summary: Summary) -> list[Block]:
    """A row per covered day, newest first; where a connection does not cover it: a dash."""
    days = sorted(summary.days, key=lambda one: one.day, reverse=True)[:DAYS_SHOWN]
    if not days:
        return []
    connections = [each for each in summary.connections if any(_of(one, each.name) for one in days)]
    head = ["Day (UTC)", "Used"]
    shown = money_rows([one.used for one in days])
    rows: list[list[Cell]] = [
        [_day(one.day, summary.now.date()), Amount(one.used, text)]
        for one, text in zip(days, shown, strict=True)
    ]
    if 1 < len(connections) <= 6:
        head += [each.title for each in connections]
        for row, one in zip(rows, days, strict=True):
            row += [_of(one, each.name) or "–" for each in connections]
    return [data_table(f"Used by day, {window(summary.period, summary.now.date())}", head, rows)]


def _day(value: date, today: date) -> str:
    return f"{day(value, today)} (so far)" if value == today else day(value, today)


def _of(one: DayUsed, connection: str) -> Amount | None:
    return next(
        (Amount(used, money(used)) for who, used in one.by_connection if who == connection), None
    )
