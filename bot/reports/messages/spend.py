"""Spend, balances and breakdowns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bot.currency.messages import reporting_lines
from bot.language.references import is_channel, reference
from bot.ledger.models import Dimension
from bot.reports.messages.days import days_chart
from bot.reports.messages.parts import (
    BILLED,
    at_least,
    connection_line,
    connection_notes,
    connection_terms,
    connections_note,
    lead_line,
    limit_block,
    spent_words,
    titles_of,
    when,
)
from bot.reports.messages.small_print import compared_note, small_print
from bot.reports.messages.suggestions import all_rows, leads
from bot.reports.models import (
    Breakdown,
    BreakdownRow,
    ConnectionSummary,
    RowKind,
    SpendAnswer,
    Summary,
)
from bot.slack.blocks import (
    NOTIFICATION,
    clip_mrkdwn,
    context,
    escape,
    header,
    message_of,
    name,
    paragraphs,
    section,
)
from bot.slack.charts import Amount, Cell, data_table, pie
from bot.slack.message import Block, Message
from bot.wording import (
    day,
    listed,
    money,
    percent,
    plural,
    rounding_note,
    tidy,
    undated,
    window,
    with_id,
    with_owner,
)
from providers.money import total

SEPARATE = 4
"""Up to this number of connections get a line each; of more, the largest, and one for the rest."""
TOP = 20
NAMED = 2
"""Rows of a breakdown in the text that phones show."""
DAYS_SHOWN = 100
COLUMNS = 3
"""Columns of connections in a table by day."""
SUMMED: tuple[Dimension, ...] = ("team", "channel")
"""Breakdowns with one row for an item over all connections, and always one for the rest."""


def spend_message(answer: SpendAnswer) -> Message:
    """Render one summary of all connections or of one, with a breakdown if requested."""
    query, summary = answer.query, answer.summary
    too = reporting_lines(summary.reporting, summary.used_total, is_complete=summary.is_complete)
    place = _place(summary)
    first, *rest = _lines(summary, SEPARATE - len(place) - len(too))
    rest += too
    limit = [] if _has_table(summary) else limit_block(summary)
    parts = [[*place, first], rest] if limit else [[*place, first, *rest], []]
    start, end = (paragraphs(["\n".join(lines)]) if lines else [] for lines in parts)
    blocks: list[Block] = [header(_title(summary)), *start, *limit, *end]
    if summary.breakdown:
        blocks += breakdown_blocks(summary, summary.breakdown)
    elif chart := days_chart(summary):
        blocks.append(chart)
    above = "\n".join([first, *rest])
    notes = [*compared_note(summary), *small_print(summary, above=above), *_rounded(summary)]
    if summary.breakdown:
        notes += _left_out(summary, summary.breakdown)
    if notes:
        blocks.append(context(notes))
    offered, has_spend = answer.offered, _has_spend(summary)
    below = leads(query, offered, has_teams=answer.has_teams, has_spend=has_spend)
    message = message_of(blocks, below)
    return replace(message, text=_text(summary)) if largest(summary) else message


def _place(summary: Summary) -> list[str]:
    """Return whose figures a channel's are. Slack shows its name to those who may see it."""
    if summary.about is None or summary.about.kind != "channel" or not summary.about.name:
        return []
    titles = listed([name(each.title) for each in summary.connections])
    place = summary.about.name
    return [f"As {titles} reports it for {reference(place) if is_channel(place) else name(place)}."]


def _text(summary: Summary) -> str:
    """Return what phones show of a breakdown: the total, then the largest rows."""
    return clip_mrkdwn(f"{escape(_title(summary))}. {largest(summary)}", NOTIFICATION)


def largest(summary: Summary) -> str:
    """``By model: gpt-5 $453.77, gpt-5-mini $273.56.`` in mrkdwn; empty without rows."""
    breakdown = summary.breakdown
    if breakdown is None or not breakdown.rows:
        return ""
    lines = _rows(breakdown)[:NAMED]
    if breakdown.by == "channel":
        return ""
    labels = _labels(summary, lines)
    rows = [f"{name(a)} {money(b.used)}" for a, b in zip(labels, lines, strict=True)]
    return f"By {breakdown.title}: {', '.join(rows)}."


def _has_spend(summary: Summary) -> bool:
    """Return False if all that its connections report is a balance."""
    return not summary.connections or any(each.reports_spend for each in summary.connections)


def _title(summary: Summary) -> str:
    about = subject(summary, "AI spend")
    if not _has_spend(summary):
        return f"{about}: spend isn't reported"
    return f"{about}: {spent_words(summary)}{when(summary)}"


def subject(summary: Summary, of_all: str) -> str:
    """Return what a summary is about, in plain text: a connection, a provider, or all."""
    if summary.about is not None and summary.about.kind == "person":
        return f"Your {of_all or 'AI spend'}"
    if summary.about is not None and summary.about.kind == "channel":
        return "One channel's AI spend"
    if summary.about is not None:
        of = f" · {summary.connections[0].title}" if summary.scope and summary.connections else ""
        return tidy(f"{summary.about.kind.capitalize()} {summary.about.name}{of}")
    if summary.scope is None:
        return of_all
    return tidy(
        summary.connections[0].title if len(summary.connections) == 1 else summary.scope.name or ""
    )


def _lines(summary: Summary, most: int) -> list[str]:
    """Return the period and the change, then `most` lines about the connections: one for each and
    its problems, the largest ones first; above a table only those with a problem. What the heading
    has is not repeated."""
    today, connections = summary.now.date(), summary.connections
    if len(connections) == 1 and summary.scope is not None:
        [one] = connections
        if one.status == "unknown":
            return [lead_line(summary), connection_line(one, today)]
        has_terms = one.left is not None and not _has_table(summary)
        terms = [f"{connection_terms(one, today)}."] if has_terms else []
        lead = lead_line(summary, BILLED.get(one.billing or "", ""))
        return [lead, *terms, *connection_notes(one)]
    if _has_table(summary):
        return [lead_line(summary), *_problem_lines(connections, today)]
    shown = connections
    most = max(2, most - sum(len(connection_notes(each)) for each in connections))
    if len(connections) > most:
        by_size = sorted(connections, key=lambda each: -(each.used or 0))
        shown = tuple(by_size[: most - 1])
    lines = [lead_line(summary), *(connection_line(each, today) for each in shown)]
    rest = [each for each in connections if each not in shown]
    if rest:
        used = [each.used for each in rest if each.used is not None]
        are_complete = all(each.is_complete(today) for each in rest if each.reports_spend)
        amount = at_least(total(used) if used else None, is_complete=are_complete)
        others = f"And {len(rest)} more: {amount}."
        unwell = sum(each.status != "ok" for each in rest)
        late = f" {unwell} of them not up to date: see `/aicost status`." if unwell else ""
        lines.append(others + late)
    return lines


def _has_table(summary: Summary) -> bool:
    return summary.breakdown is not None and bool(summary.breakdown.rows)


def _problem_lines(connections: Sequence[ConnectionSummary], today: date) -> list[str]:
    """Return the connections whose figures a table can't show as they are."""
    found = [each for each in connections if _has_problem(each, today)]
    lines = [connection_line(each, today) for each in found[:SEPARATE]]
    rest = len(found) - len(lines)
    return [*lines, f"And {rest} more: see `/aicost status`."] if rest else lines


def _has_problem(connection: ConnectionSummary, today: date) -> bool:
    """Whether the spend of a connection is unknown, old, a minimum, or not in the total."""
    if connection.status != "ok" or not connection.reports_spend:
        return True
    return bool(connection_notes(connection)) or not connection.is_complete(today)


def _rounded(summary: Summary) -> list[str]:
    """Return one footnote on rounding, if any rows need it."""
    of_rows = breakdown_note(summary, summary.breakdown) if summary.breakdown else []
    return connections_note(summary) or of_rows


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a breakdown; `stands_for` is the number of rows in it."""

    label: str
    connection: str | None
    used: Decimal
    stands_for: int = 1
    item_id: str | None = None


def breakdown_blocks(summary: Summary, breakdown: Breakdown) -> list[Block]:
    """Return the table, and a pie if the parts make up a whole."""
    if breakdown.by == "day":
        return _days(summary)
    if not breakdown.rows:
        return []
    if breakdown.by == "channel":
        return [section("\n".join(_channels(summary, _rows(breakdown))))]
    table = _table(summary, breakdown)
    if breakdown.by in ("week", "month") or breakdown.top:
        return [table]
    rows = _over_connections(breakdown.rows) if breakdown.by in SUMMED else breakdown.rows
    shares = pie(f"Shares by {breakdown.title}", [(row.name, row.used) for row in rows])
    return [table, shares] if shares else [table]


def breakdown_note(summary: Summary, breakdown: Breakdown) -> list[str]:
    """Return a footnote if the rows as shown do not add up to the total as shown."""
    lines = summary.days if breakdown.by == "day" else _rows(breakdown)
    used = [each.used for each in lines]
    return rounding_note(used, total(used))


def _left_out(summary: Summary, breakdown: Breakdown) -> list[str]:
    """Return what the table leaves out and where to find it; empty if it is complete."""
    if breakdown.by == "day":
        days = len(summary.days)
        shown = f"The newest {DAYS_SHOWN} of {days} days." if days > DAYS_SHOWN else ""
    else:
        count = sum(
            each.stands_for for each in _rows(breakdown) if each.stands_for > 1 and each.used
        )
        shown = f"{plural(count, 'smaller row')} in one." if count else ""
    return [f"{shown} {all_rows(breakdown.by, summary.about)}"] if shown else []


def _rows(breakdown: Breakdown) -> list[_Line]:
    """Return the largest rows and the unattributed ones, the rest in one line, then credits, and a
    line that counts rows without cost. If only the top or bottom was requested: those, the others
    in one line, and what belongs to no item."""
    rows, top = breakdown.rows, breakdown.top
    if breakdown.by in SUMMED:
        rows = _over_connections(rows)
    if top:
        always = [row for row in rows if row.kind != "item"]
        ranked = sorted(
            (row for row in rows if row not in always), key=lambda row: row.used, reverse=top > 0
        )
        kept, others = ranked[: abs(top)], ranked[abs(top) :]
        lines = [_line(row) for row in kept]
        if others:
            used = total(row.used for row in others)
            lines.append(_Line(f"{len(others)} more", None, used, len(others)))
        return [*lines, *map(_line, always)]
    charged = [row for row in rows if row.used > 0]
    given_back = [row for row in rows if row.used < 0]
    lines = [*_folded(charged), *_folded(given_back[::-1])]
    lines += [
        _Line(row.name, None, row.used) for row in rows if row.kind == "rest" and not row.used
    ]
    if free := sum(not row.used and row.kind != "rest" for row in rows):
        lines.append(_Line(f"{free} more at $0.00", None, Decimal(0), free))
    return lines


def _over_connections(rows: Sequence[BreakdownRow]) -> tuple[BreakdownRow, ...]:
    """Return a row for each team or channel, largest first, then the rest."""
    used: dict[tuple[str, RowKind], list[Decimal]] = {}
    for row in rows:
        used.setdefault((row.name, row.kind), []).append(row.used)
    every = [
        BreakdownRow(name, "", total(parts), kind=kind) for (name, kind), parts in used.items()
    ]
    return tuple(sorted(every, key=lambda row: (row.kind != "item", -row.used)))


def _line(row: BreakdownRow) -> _Line:
    return _Line(row.name, row.connection, row.used, item_id=row.item_id)


def _folded(rows: Sequence[BreakdownRow]) -> list[_Line]:
    shown = rows
    if len(rows) > TOP + 1:
        kept = [i for i, row in enumerate(rows) if i < TOP or row.kind != "item"][: TOP * 2]
        shown = [rows[i] for i in kept]
    lines = [_line(row) for row in shown]
    count = len(rows) - len(shown)
    if count:
        used = total(row.used for row in rows) - total(row.used for row in shown)
        lines.append(_Line(f"{count} more", None, used, count))
    return lines


def _table(summary: Summary, breakdown: Breakdown) -> Block:
    lines = _rows(breakdown)
    whole = _whole(lines)
    head = [breakdown.title.capitalize(), "Spend"]
    columns: list[Sequence[Cell]] = [_labels(summary, lines)]
    columns.append([Amount(line.used, money(line.used)) for line in lines])
    if whole is not None:
        head.append("Share")
        columns.append([Amount(line.used / whole, percent(line.used, whole)) for line in lines])
    caption = f"Spend by {breakdown.title}, {window(summary.period, summary.now.date())}"
    return data_table(caption, head, list(zip(*columns, strict=True)))


def _channels(summary: Summary, lines: Sequence[_Line]) -> list[str]:
    """Return the rows in mrkdwn: a table can't have channels that only their members see."""
    whole = _whole(lines)
    found = []
    for label, line in zip(_labels(summary, lines), lines, strict=True):
        shown = reference(line.label) if is_channel(line.label) else name(label)
        share = "" if whole is None else f" ({percent(line.used, whole)})"
        found.append(f"{shown}: {money(line.used)}{share}")
    return found


def _labels(summary: Summary, lines: Sequence[_Line]) -> list[str]:
    """Return the names in plain text, models without their dates. The provider follows a name that
    several have: a column of its own doesn't fit a phone. The id follows a name that several have
    at one provider."""
    titles = titles_of(summary)
    owners = [titles.get(line.connection or "", line.connection or "") for line in lines]
    labels = with_owner([_undated(summary).get(line.label, line.label) for line in lines], owners)
    return with_id(labels, [line.item_id for line in lines])


def _undated(summary: Summary) -> dict[str, str]:
    """Return the names of models without the dates of their versions; one with several keeps
    them."""
    if summary.breakdown is None or summary.breakdown.by != "model":
        return {}
    models = list(dict.fromkeys(line.label for line in _rows(summary.breakdown)))
    return dict(zip(models, undated(models), strict=True))


def _whole(lines: Sequence[_Line]) -> Decimal | None:
    """Return the total for shares; None if it is zero or the parts include a credit."""
    whole = total(line.used for line in lines)
    return whole if whole > 0 and all(line.used >= 0 for line in lines) else None


def _days(summary: Summary) -> list[Block]:
    """Return a row per covered day, newest first; a dash if a connection does not cover it. Of more
    than three connections, the largest and a column for the others, so that it fits a phone."""
    days = sorted(summary.days, key=lambda one: one.day, reverse=True)[:DAYS_SHOWN]
    if not days:
        return []
    known = {who for one in days for who, _ in one.by_connection}
    connections = [each for each in summary.connections if each.name in known]
    head = ["Day (UTC)", "Spend"]
    rows: list[list[Cell]] = [
        [_day(one.day, summary.now.date()), Amount(one.used, money(one.used))] for one in days
    ]
    if len(connections) > 1:
        columns = [(each.title, {each.name}) for each in connections]
        if len(connections) > COLUMNS:
            connections.sort(key=lambda each: -(each.used or 0))
            columns = [(each.title, {each.name}) for each in connections[: COLUMNS - 1]]
            columns.append(("Others", {each.name for each in connections[COLUMNS - 1 :]}))
        head += [title for title, _ in columns]
        for row, one in zip(rows, days, strict=True):
            for _, names in columns:
                used = [used for who, used in one.by_connection if who in names]
                row.append(Amount(total(used), money(total(used))) if used else "–")
    return [data_table(f"Spend by day, {window(summary.period, summary.now.date())}", head, rows)]


def _day(value: date, today: date) -> str:
    return f"{day(value, today)} (so far)" if value == today else day(value, today)
