"""What was used and what is left, until when; and breakdowns of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.language.commands import Export, Spend, Why
from bot.language.text import text_of
from bot.reports.messages.days import days_chart
from bot.reports.messages.parts import (
    compared_sentence,
    connection_line,
    connection_sentence,
    connections_note,
    small_print,
    stop_line,
    used_sentence,
    used_words,
    where_and_when,
)
from bot.reports.messages.suggestions import leads
from bot.reports.models import UNATTRIBUTED, Breakdown, BreakdownRow, SpendAnswer, Summary
from bot.slack.blocks import bounded, context, escape, header, name, paragraphs, section
from bot.slack.charts import Amount, Cell, data_table, pie
from bot.slack.message import Block, Message
from bot.wording import UNKNOWN, day, money, percent, plural, rounding_note, tidy, window
from providers.money import total

SEPARATE = 6
"""Up to so many connections each have a paragraph of their own."""
SPOKEN = 12
TOP = 20
NAMED = 3
DAYS_SHOWN = 100


def spend_message(answer: SpendAnswer) -> Message:
    """Render one summary: all connections or one, with a breakdown where one was asked for."""
    asked, summary = answer.query, answer.summary
    today = summary.now.date()
    blocks: list[Block] = [header(_title(summary)), section(_lead(summary))]
    used = used_words(summary)
    lines = [
        connection_line(each, used.get(each.name, UNKNOWN), today) for each in summary.connections
    ]
    blocks += [section(line) for line in lines] if len(lines) <= SEPARATE else paragraphs(lines)
    if summary.next_limit:
        blocks.append(section(f"*Earliest stop:* {stop_line(summary.next_limit, today)}"))
    if summary.breakdown:
        blocks += breakdown_blocks(summary, summary.breakdown)
    elif chart := days_chart(summary):
        blocks.append(chart)
    notes = [*small_print(summary), *_rounded(summary)]
    if summary.breakdown:
        notes += left_out(asked, summary, summary.breakdown)
    if notes:
        blocks.append(context(notes))
    return Message(
        _sentences(asked, summary).replace("`", ""), bounded(blocks, leads(asked, answer.offered))
    )


def _rounded(summary: Summary) -> list[str]:
    """One footnote on rounding, whichever rows need it."""
    of_rows = breakdown_note(summary, summary.breakdown) if summary.breakdown else []
    return connections_note(summary) or of_rows


def _title(summary: Summary) -> str:
    who = _who(summary)
    return f"{who}: {summary.period_words}"


def _who(summary: Summary) -> str:
    if summary.about is not None:
        of = f" · {summary.connections[0].title}" if summary.scope and summary.connections else ""
        return tidy(f"{summary.about.kind.capitalize()} {summary.about.name}{of}")
    if summary.scope is None:
        return "AI costs"
    if len(summary.connections) == 1:
        return tidy(summary.connections[0].title)
    return tidy(summary.scope)


def _lead(summary: Summary) -> str:
    """The figure first; then its window and how it compares."""
    span = window(summary.period, summary.now.date())
    if summary.used_total is None:
        return f"*Used: unknown* · {span}"
    words = f"*{money(summary.used_total)} used*"
    if not summary.is_complete:
        words += ", as far as known"
    compared = compared_sentence(summary)
    return " · ".join(filter(None, [words, span])) + (f"\n{compared}" if compared else "")


def _sentences(asked: Spend, summary: Summary) -> str:
    """Everything that matters, for screen readers and notifications."""
    today = summary.now.date()
    words = [f"{escape(_who(summary))}, {where_and_when(summary)}: {used_sentence(summary)}."]
    used = used_words(summary)
    words += [
        connection_sentence(each, used.get(each.name, UNKNOWN), today)
        for each in summary.connections[:SPOKEN]
    ]
    if len(summary.connections) > SPOKEN:
        words.append(
            f"And {len(summary.connections) - SPOKEN} more connections: see /aicost status."
        )
    if summary.breakdown:
        words.append(breakdown_sentence(asked, summary, summary.breakdown))
    if summary.next_limit:
        words.append(f"Earliest stop: {stop_line(summary.next_limit, today)}.")
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a breakdown; `stands_for` counts the rows in it."""

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
    if breakdown.by in ("week", "month") or breakdown.top:
        return [table]
    shares = pie(f"Shares by {breakdown.title}", [(row.name, row.used) for row in breakdown.rows])
    return [table, shares] if shares else [table]


def breakdown_note(summary: Summary, breakdown: Breakdown) -> list[str]:
    """A footnote where the rows as shown do not add up to the total as shown."""
    rows = _largest_days(summary) if breakdown.by == "day" else _lines(breakdown)
    return rounding_note((row.used for row in rows), total(row.used for row in rows))


def all_rows(asked: Spend | Why, by: str) -> str:
    """Where every row of a breakdown is: ``Every row: `/aicost export mtd`.`` No charge names a
    key."""
    if by == "key" and isinstance(asked, Spend):
        return f"Every row: `aicost ask '{escape(text_of(asked))}' --json` where aicost runs."
    words = (asked.period_words, asked.period_text, asked.about)
    export = Export(asked.scope, asked.period, *words)
    return f"Every row: `/aicost {escape(text_of(export))}`."


def left_out(asked: Spend, summary: Summary, breakdown: Breakdown) -> list[str]:
    """What the table leaves out and where it is; empty where it holds everything."""
    if breakdown.by == "day":
        days = len(summary.days)
        shown = f"The newest {DAYS_SHOWN} of {days} days." if days > DAYS_SHOWN else ""
    else:
        count = sum(each.stands_for for each in _lines(breakdown) if each.stands_for > 1)
        shown = f"{plural(count, 'smaller row')} in one." if count else ""
    return [f"{shown} {all_rows(asked, breakdown.by)}"] if shown else []


def breakdown_sentence(asked: Spend, summary: Summary, breakdown: Breakdown) -> str:
    """``By model: gpt-5 $80.00 (65%), …, 12 more $3.20 (3%). Every row: …`` in mrkdwn."""
    lines = _largest_days(summary) if breakdown.by == "day" else _lines(breakdown)
    if not lines:
        return f"Nothing is known by {breakdown.title}."
    whole = _whole(lines)
    words = [f"{name(each.label)} {_with_share(each.used, whole)}" for each in lines[:NAMED]]
    others, way = lines[NAMED:], ""
    if others:
        way = f" {all_rows(asked, breakdown.by)}"
        used = total(line.used for line in others)
        count = sum(line.stands_for for line in others)
        words.append(f"{count} more {_with_share(used, whole)}")
    return f"By {breakdown.title}: {', '.join(words)}.{way}"


def _lines(breakdown: Breakdown) -> list[_Line]:
    """The largest rows, and what nobody could be named for; the rest in one line; then credits.
    Where only the top or the bottom was asked for: those, and the rest in one line."""
    rows, top = breakdown.rows, breakdown.top
    if top:
        ranked = sorted(rows, key=lambda row: row.used, reverse=top > 0)
        kept, others = ranked[: abs(top)], ranked[abs(top) :]
        lines = [_Line(row.name, row.connection, row.used) for row in kept]
        rest = _Line(f"{len(others)} more", None, total(r.used for r in others), len(others))
        return [*lines, rest] if others else lines
    charged = [row for row in rows if row.used >= 0]
    given_back = [row for row in rows if row.used < 0]
    return [*_folded(charged), *_folded(given_back[::-1])]


def _folded(rows: Sequence[BreakdownRow]) -> list[_Line]:
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
    lines = _lines(breakdown)
    whole = _whole(lines)
    head = [breakdown.title.capitalize()]
    columns: list[Sequence[Cell]] = [[line.label for line in lines]]
    if len(summary.connections) > 1:
        head.append("Connection")
        columns.append(
            [titles.get(line.connection or "", line.connection or "–") for line in lines]
        )
    head.append("Used")
    columns.append([Amount(line.used, money(line.used)) for line in lines])
    if whole is not None:
        head.append("Share")
        columns.append([Amount(line.used / whole, percent(line.used, whole)) for line in lines])
    caption = f"Used by {breakdown.title}, {window(summary.period, summary.now.date())}"
    return data_table(caption, head, list(zip(*columns, strict=True)))


def _whole(lines: Sequence[_Line]) -> Decimal | None:
    """The sum that shares are taken of; None where a credit is among the parts, or nothing."""
    whole = total(line.used for line in lines)
    return whole if whole > 0 and all(line.used >= 0 for line in lines) else None


def _with_share(used: Decimal, whole: Decimal | None) -> str:
    return money(used) if whole is None else f"{money(used)} ({percent(used, whole)})"


def _days(summary: Summary) -> list[Block]:
    """A row per covered day, newest first; where a connection does not cover it: a dash."""
    days = sorted(summary.days, key=lambda one: one.day, reverse=True)[:DAYS_SHOWN]
    if not days:
        return []
    known = {who for one in days for who, _ in one.by_connection}
    connections = [each for each in summary.connections if each.name in known]
    head = ["Day (UTC)", "Used"]
    rows: list[list[Cell]] = [
        [_day(one.day, summary.now.date()), Amount(one.used, money(one.used))] for one in days
    ]
    if 1 < len(connections) <= 6:
        head += [each.title for each in connections]
        for row, one in zip(rows, days, strict=True):
            parts = {who: Amount(used, money(used)) for who, used in one.by_connection}
            row += [parts.get(each.name, "–") for each in connections]
    return [data_table(f"Used by day, {window(summary.period, summary.now.date())}", head, rows)]


def _day(value: date, today: date) -> str:
    return f"{day(value, today)} (so far)" if value == today else day(value, today)
