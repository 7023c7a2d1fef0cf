"""Why the cost changed: one plain sentence, what it is made of, and tables that add up."""

from collections.abc import Sequence
from datetime import date

from bot.analysis.anomalies import ExpectedRange
from bot.analysis.drivers import ChangeCauses, Driver
from bot.language.parser import text_of
from bot.language.tokens import name_text
from bot.reports.messages.breakdown import all_rows
from bot.reports.messages.parts import small_print, titles_of
from bot.reports.messages.suggestions import ask, scoped, share
from bot.reports.messages.why_words import PRICES, Names, effects_sentence, why_sentence
from bot.reports.results import WhyAnswer
from bot.reports.summary import UNATTRIBUTED
from bot.slack.blocks import actions, bounded, context, escape, header, name, section
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import ROUNDED, day_name, days, estimate, listed, money, signed, tidy
from providers.money import difference, total

ROWS = 12
WHENS = (
    ("Yesterday", "yesterday"),
    ("Last week", "last week"),
    ("This month", "mtd"),
    ("Last month", "last month"),
)


def why_message(answer: WhyAnswer) -> Message:
    """Why the cost changed, or why that cannot be said."""
    summary = answer.summary
    today = summary.now.date()
    change = answer.change
    blocks: list[Block] = [header(f"Why: {_about(answer)}")]
    if change is None:
        said = escape(answer.reason or "Nothing can be compared.")
        blocks.append(section(said))
    else:
        span = f"{days(change.days, today)} against {days(change.before, today)} (UTC)"
        names = Names(change.names, titles_of(summary))
        said = f"{span}: {why_sentence(change.why, names)}".replace("*", "")
        blocks += [context([span]), *why_blocks(change.why, names)]
        if change.usual is not None:
            usual = _usual(change.usual, change.days.start)
            blocks.insert(2, section(usual))
            said += f" {usual}"
        if change.left_out:
            without = f"Without {listed([*map(name, change.left_out)])}: days are missing there."
            blocks.insert(2, section(without))
            said += f" {without}"
    notes = small_print(summary)
    if change is not None and (way := _left_out(answer, change.why)):
        notes.append(way)
        said += f" {way}".replace("`", "")
    if notes:
        blocks.append(context(notes))
    scope = answer.query.scope
    buttons = [
        *(
            ask(label, f"why {scoped(scope, period)}")
            for label, period in WHENS
            if period != answer.query.period_text
        ),
        ask("Forecast", f"forecast {name_text(scope)}" if scope else "forecast"),
        share(text_of(answer.query)),
    ]
    return Message(said, bounded([*blocks, actions(buttons)]))


def _usual(usual: ExpectedRange, day: date) -> str:
    """What that weekday costs as a rule: a Monday after a Sunday is up, and as ever."""
    return (
        f"A {day_name(day)} usually costs about {estimate(usual.middle)}, four times in five "
        f"between {estimate(usual.low)} and {estimate(usual.high)}."
    )


def _about(answer: WhyAnswer) -> str:
    summary = answer.summary
    if summary.scope is None:
        return summary.period_words
    title = summary.connections[0].title if len(summary.connections) == 1 else summary.scope
    return f"{tidy(title)}, {summary.period_words}"


def why_blocks(found: ChangeCauses, names: Names) -> list[Block]:
    """Return the sentence, the causes of the change, and a table for each breakdown that explains
    something."""
    blocks: list[Block] = [section(why_sentence(found, names))]
    moved, is_even = difference(found.used, found.used_before), True
    if made_of := effects_sentence(found):
        blocks.append(section(made_of))
    by_dimension = (
        ("connection", found.by_connection),
        ("project", found.by_project),
        ("model", found.by_model),
        ("key", found.by_key),
    )
    for by, rows in by_dimension:
        if len(rows) > 1:
            blocks.append(_table(by, rows, names))
            shown = [difference(each.used, each.used_before) for each in rows[:ROWS]]
            rest = rows[ROWS:]
            used, before = (total(getattr(e, key) for e in rest) for key in ("used", "used_before"))
            is_even &= total([*shown, difference(used, before)]) == moved
    return blocks if is_even else [*blocks, context([ROUNDED])]


def _left_out(answer: WhyAnswer, found: ChangeCauses) -> str:
    """Where the rows and prices are that are only counted; empty where there are none."""
    by_dimension = (found.by_connection, found.by_project, found.by_model, found.by_key)
    is_shortened = (
        any(len(rows) > ROWS for rows in by_dimension) or len(found.prices.changes) > PRICES
    )
    return all_rows(answer.query, "model") if is_shortened else ""


def _table(by: str, rows: Sequence[Driver], names: Names) -> Block:
    shown, rest = rows[:ROWS], rows[ROWS:]
    labels = [_row_label(by, each, names) for each in shown]
    figures = [(each.used_before, each.used) for each in shown]
    if rest:
        labels.append(f"{len(rest)} more")
        figures.append(
            (total(each.used_before for each in rest), total(each.used for each in rest))
        )
    cells: list[list[Cell]] = [
        [
            label,
            Amount(was, money(was)),
            Amount(used, money(used)),
            Amount(difference(used, was), signed(difference(used, was))),
        ]
        for label, (was, used) in zip(labels, figures, strict=True)
    ]
    head = [by.capitalize(), "Before", "Now", "Change"]
    return data_table(f"The change by {by}, largest first", head, cells)


def _row_label(by: str, row: Driver, names: Names) -> str:
    """Literal text: table cells need no escaping."""
    title = names.title(row.connection)
    plain = UNATTRIBUTED if row.name is None else names.item(row.connection, row.name)
    label = title if by == "connection" else f"{plain} · {title}"
    return label if row.standing == "continuing" else f"{label} ({row.standing})"
