"""Why the cost changed: one sentence and one table. Everything else is in `why details`."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.analysis.drivers import Change, ChangeCauses, Driver
from bot.language.commands import Why
from bot.language.text import text_of
from bot.ledger.models import Dimension
from bot.reports.messages.causes import (
    PRICES,
    Names,
    causes_sentence,
    effects_sentence,
    largest_sentence,
    price_sentence,
    row_name,
)
from bot.reports.messages.parts import titles_of, when
from bot.reports.messages.small_print import freshness, small_print
from bot.reports.messages.spend import subject
from bot.reports.messages.suggestions import (
    all_rows,
    ask,
    csv_of,
    period_menu,
    scoped,
    share_costs,
)
from bot.reports.models import Summary, WhyAnswer
from bot.slack.blocks import actions, context, escape, header, message_of, name, section
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import (
    ROUNDED,
    UNATTRIBUTED,
    day_kind,
    days,
    listed,
    money,
    more_or_less,
    rounding_note,
    short_day,
    signed,
    with_range,
)
from providers.money import difference, total
from providers.period import DAY

ROWS = 8
"""Rows of the table, with the one for the rest."""
CAUSES = 2
"""Causes in the sentence. The others are in `why details`."""
DIMENSIONS: tuple[Dimension, ...] = ("model", "project", "key")


def why_message(answer: WhyAnswer) -> Message:
    """Return why the cost changed, or why that is unknown."""
    query, summary, change = answer.query, answer.summary, answer.change
    blocks: list[Block] = [header(_title(answer))]
    if change is None:
        blocks.append(section(escape(answer.reason or "No comparison yet.")))
        notes = small_print(summary)
        return message_of([*blocks, *([context(notes)] if notes else [])], [*_buttons(answer, ())])
    names = Names(change.names, titles_of(summary))
    dimension, rows = _dimension(change.why, query.by)
    way = _way(query, dimension)
    blocks.append(section(_sentence(change.why, dimension, rows, names, query, way)))
    if rows:
        blocks.append(_table(answer, change, dimension or "connection", rows, names))
    notes = [] if rows else [f"{_span(answer, change)}."]
    notes += _details(change, names, way) if query.is_detailed else []
    notes += _rounded(change, rows)
    notes += _billed_elsewhere(summary) if query.is_detailed else []
    notes += [way] if len(rows) > ROWS else []
    notes += _without_models(query, change.why)
    notes += [*_left_out(change), *(small_print if query.is_detailed else freshness)(summary)]
    if notes:
        blocks.append(context(notes))
    others = [by for by in DIMENSIONS if by != dimension and _rows_by(change.why)[by][1:]]
    others = [by for by in others if by != "key" or not _is_of_payer(query)]
    return message_of(blocks, _buttons(answer, others))


def _title(answer: WhyAnswer) -> str:
    """``Why: $22.08 less (−2%) last week than 9–15 Nov``, in plain text."""
    summary = answer.summary
    of = subject(summary, "")
    of = of[:1].lower() + of[1:] if answer.query.about else of
    about = f"Why {of}" if of else "Why"
    if answer.change is None:
        return f"{about}: {summary.period_words}"
    found = answer.change.why
    moved = (more_or_less(found.used, found.used_before) or "").removesuffix(" than")
    is_same = moved.startswith("about")
    before, today = answer.change.before, summary.now.date()
    than = short_day(before.start) if len(before) == 1 else days(before, today)
    words, than = ("about the same", f" as {than}") if is_same else (moved, f" than {than}")
    span = when(summary)
    return f"{about}: {words}{than}{span}" if span[0] == "," else f"{about}: {words}{span}{than}"


def _rows_by(causes: ChangeCauses) -> dict[Dimension, tuple[Driver, ...]]:
    return {"model": causes.by_model, "project": causes.by_project, "key": causes.by_key}


def _dimension(
    causes: ChangeCauses, wanted: Dimension | None
) -> tuple[Dimension | None, Sequence[Driver]]:
    """Return the dimension of the table: the requested one, or that of the causes, or the first
    that splits the change. None: connections."""
    by = _rows_by(causes)
    if wanted is not None and wanted in by:
        return wanted, by[wanted]
    for dimension in (_named(causes), *DIMENSIONS):
        if len(by[dimension]) > 1:
            return dimension, by[dimension]
    return None, causes.by_connection if len(causes.by_connection) > 1 else ()


def _named(causes: ChangeCauses) -> Dimension:
    """Return what the causes name: projects or models."""
    return "model" if causes.findings and causes.findings[0].is_of_model else "project"


def _sentence(
    causes: ChangeCauses,
    dimension: Dimension | None,
    rows: Sequence[Driver],
    names: Names,
    query: Why,
    way: str,
) -> str:
    """Return the causes, or the largest rows if a table by something else was requested. `way`
    leads to the price changes that are only counted."""
    if query.by is not None and dimension != _named(causes) and causes.findings:
        return largest_sentence(rows, names)
    words = causes_sentence(causes, names, None if query.is_detailed else CAUSES)
    words = words[0].upper() + words[1:]
    if causes.prices.seen != "changed" or query.is_detailed:
        return words
    words = f"{words} {price_sentence(causes.prices)}"
    return f"{words} {way}" if len(causes.prices.changes) > PRICES else words


def _buttons(answer: WhyAnswer, dimensions: Sequence[Dimension]) -> list[Block]:
    """Return the period as a menu; the details, other tables, and Share."""
    query, is_known = answer.query, answer.change is not None
    texts = [text_of(replace(query, is_detailed=is_detailed)) for is_detailed in (False, True)]
    other = ask("Summary", texts[0]) if query.is_detailed else ask("Details", texts[1])
    by_dimension = [ask(f"By {by}", text_of(replace(query, by=by))) for by in dimensions]
    row = [*([other] if is_known else []), *by_dimension, *share_costs(query)]
    if answer.change is not None and _has_export(query):
        row.append(csv_of(_export(query, answer.change)))
    menu = period_menu(query)
    return [actions(row), *([actions([menu])] if menu["options"] else [])]


def _has_export(query: Why) -> bool:
    return query.about is None or query.about.has_items


def _way(query: Why, by: Dimension | None) -> str:
    """Return where all rows of both periods are."""
    return all_rows(by or "connection", query.about)


def _export(query: Why, change: Change) -> str:
    """Return the command that exports the charges of both periods."""
    span = f"{change.before.start}..{change.days.end - DAY}"
    return f"export {scoped(query.scope, span, query.about)}"


def _rounded(change: Change, rows: Sequence[Driver]) -> list[str]:
    """Return a footnote if the rows as shown don't add up to the heading's amounts as shown."""
    if not rows:
        return []
    figures, whole = _figures(rows), change.why
    moved = total(difference(used, was) for was, used in figures)
    is_exact = moved == difference(whole.used, whole.used_before)
    return [] if is_exact and not rounding_note([f[1] for f in figures], whole.used) else [ROUNDED]


def _details(change: Change, names: Names, way: str) -> list[str]:
    """Return the effects, the prices and the usual cost."""
    found = change.why
    notes = [line for line in (effects_sentence(found), price_sentence(found.prices)) if line]
    if len(found.prices.changes) > PRICES:
        notes[-1] = f"{notes[-1]} {way}"
    if change.usual is not None:
        usual = change.usual
        article = "A" if usual.place is None else "The"
        on = f"{article} usual {day_kind(change.days.start, usual.place)}"
        notes.append(f"{on}: {with_range(usual.middle, usual.low, usual.high)}.")
    if len(found.by_connection) > 1:
        notes.append(f"By provider: {_by_provider(found.by_connection, names)}.")
    return notes


def _is_of_payer(query: Why) -> bool:
    """Return True if it is about a team or a person, who can't be asked about by key."""
    return query.about is not None and query.about.kind in ("team", "person")


def _without_models(query: Why, causes: ChangeCauses) -> list[str]:
    """Return why nothing names a model or project, where keys or users say whose costs they are."""
    has_items = query.about is None or query.about.has_items
    if has_items or any(row.name for row in (*causes.by_model, *causes.by_project)):
        return []
    return ["aicost doesn't read which models and projects a key, user or channel used."]


def _by_provider(rows: Sequence[Driver], names: Names) -> str:
    """``OpenAI +$390.10, Anthropic −$8.96``, in mrkdwn."""
    moved = [
        f"{name(names.title(each.connection))} {signed(difference(each.used, each.used_before))}"
        for each in rows[:ROWS]
    ]
    if rows[ROWS:]:
        rest = total(difference(each.used, each.used_before) for each in rows[ROWS:])
        moved.append(f"all others {signed(rest)}")
    return ", ".join(moved)


def _billed_elsewhere(summary: Summary) -> list[str]:
    """Return what no figure includes because others bill it."""
    return [
        f"Not included for {name(each.title)}: {each.billed_elsewhere}."
        for each in summary.connections
        if each.billed_elsewhere
    ]


def _left_out(change: Change) -> list[str]:
    if not change.left_out:
        return []
    return [f"Without {listed([*map(name, change.left_out)])}: days are missing there."]


def _shown(rows: Sequence[Driver]) -> tuple[Sequence[Driver], Sequence[Driver]]:
    """Return the rows that are shown, and those that one row stands for."""
    most = ROWS if len(rows) <= ROWS else ROWS - 1
    return rows[:most], rows[most:]


def _figures(rows: Sequence[Driver]) -> list[tuple[Decimal, Decimal]]:
    """Return the amounts before and now of each row of the table."""
    shown, rest = _shown(rows)
    figures = [(each.used_before, each.used) for each in shown]
    if rest:
        before = total(each.used_before for each in rest)
        figures.append((before, total(each.used for each in rest)))
    return figures


def _table(
    answer: WhyAnswer, change: Change, by: str, rows: Sequence[Driver], names: Names
) -> Block:
    """Return the largest changes, and one row for the rest, so that it adds up. In the details also
    the amounts before, and the provider of each row."""
    is_detailed = answer.query.is_detailed
    shown, rest = _shown(rows)
    labels = _labels(by, shown, names, is_detailed=is_detailed)
    labels += [f"{len(rest)} more"] if rest else []
    cells: list[list[Cell]] = []
    for label, (was, used) in zip(labels, _figures(rows), strict=True):
        moved = difference(used, was)
        before: list[Cell] = [Amount(was, money(was))] if is_detailed else []
        cells.append([label, Amount(used, money(used)), Amount(moved, signed(moved)), *before])
    spend = days(change.days, answer.summary.now.date())
    head = [by.capitalize(), spend, "Change", *(["Before"] if is_detailed else [])]
    return data_table(f"By {by}, {_span(answer, change)}", head, cells)


def _span(answer: WhyAnswer, change: Change) -> str:
    today = answer.summary.now.date()
    return f"{days(change.days, today)} compared with {days(change.before, today)} (UTC)"


def _labels(by: str, rows: Sequence[Driver], names: Names, *, is_detailed: bool) -> list[str]:
    """Return plain text: table cells need no escaping. The provider follows a name that several
    have, and what no name has."""
    plain = [row_name(row, names) for row in rows]
    labels = []
    for row, text in zip(rows, plain, strict=True):
        title = names.title(row.connection)
        is_clear = not is_detailed and text != UNATTRIBUTED and plain.count(text) == 1
        label = title if by == "connection" else text if is_clear else f"{text} · {title}"
        labels.append(label if row.standing == "continuing" else f"{label} ({row.standing})")
    return labels
