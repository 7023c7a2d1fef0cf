"""Why the cost changed: one plain sentence, and tables that add up."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.analysis.drivers import Change, ChangeCauses, Driver
from bot.analysis.explanations import Explanation
from bot.analysis.prices import PriceChange, Prices
from bot.language.text import text_of
from bot.ledger.models import By
from bot.reports.messages.parts import all_rows, small_print, titles_of, when
from bot.reports.messages.spend import subject
from bot.reports.messages.suggestions import ask, scoped, share
from bot.reports.models import WhyAnswer
from bot.slack.blocks import actions, context, escape, header, message_of, name, section
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import (
    ROUNDED,
    UNATTRIBUTED,
    day,
    day_kind,
    days,
    listed,
    money,
    more_or_less,
    percent,
    signed,
    with_range,
)
from providers.money import cents, difference, total
from providers.period import DAY

ROWS = 8
DIMENSIONS: tuple[By, ...] = ("model", "project", "key")
WHENS = (
    ("Yesterday", "yesterday"),
    ("Last week", "last week"),
    ("This month", "mtd"),
    ("Last month", "last month"),
)
_SIZES = (
    (Decimal(10) ** 12, "T"),
    (Decimal(10) ** 9, "B"),
    (Decimal(10) ** 6, "M"),
)

PRICES = 2
"""Price changes named in a sentence."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names of ids, all text from outside; ids without a name are shown."""

    items: Mapping[tuple[str, str], str]
    """Names of projects and keys, by connection and id."""
    titles: Mapping[str, str]
    """Titles of connections, by name."""

    def item(self, connection: str, item_id: str) -> str:
        """Return the name of a project or key."""
        return self.items.get((connection, item_id), item_id)

    def title(self, connection: str) -> str:
        """Return the title of a connection."""
        return self.titles.get(connection, connection)


def why_message(answer: WhyAnswer) -> Message:
    """Return why the cost changed, or why that is unknown."""
    summary, change, query = answer.summary, answer.change, answer.query
    today = summary.now.date()
    blocks: list[Block] = []
    notes: list[str] = []
    dimension: By | None = None
    if change is None:
        blocks += [header(_title(answer)), section(escape(answer.reason or "No comparison yet."))]
    else:
        names = Names(change.names, titles_of(summary))
        span = f"{days(change.days, today)} compared with {days(change.before, today)} (UTC)"
        blocks += [header(_title(answer)), section(f"{span}: {causes_sentence(change.why, names)}")]
        dimension, rows = _dimension(change.why, query.by)
        if rows:
            blocks.append(_table(dimension or "connection", rows, names))
        notes = _details(change, rows, _way(answer, change, dimension))
    notes += small_print(summary)
    if notes:
        blocks.append(context(notes))
    asked = [
        ask(f"By {by}", text_of(replace(query, by=by)))
        for by in DIMENSIONS
        if change is not None and by != dimension and _rows_by(change.why)[by][1:]
    ]
    scope, about = query.scope, query.about
    periods = [(label, period) for label, period in WHENS if period != query.period_text]
    when = [ask(label, f"why {scoped(scope, period, about)}") for label, period in periods]
    forecast = ask("Forecast", f"forecast {scoped(scope, '', about)}".strip())
    return message_of(blocks, [actions([*asked, *when, forecast, share(text_of(query))])])


def _title(answer: WhyAnswer) -> str:
    """``Why: $22.08 less (−2%) last week``, in plain text."""
    summary = answer.summary
    of = subject(summary, "")
    about = f"Why {of}" if of else "Why"
    if answer.change is None:
        return f"{about}: {summary.period_words}"
    found = answer.change.why
    moved = (more_or_less(found.used, found.used_before) or "").removesuffix(" than")
    is_same = moved.startswith("about")
    return f"{about}: {'about the same' if is_same else moved}{when(summary)}"


def _rows_by(found: ChangeCauses) -> dict[By, tuple[Driver, ...]]:
    return {"model": found.by_model, "project": found.by_project, "key": found.by_key}


def _dimension(found: ChangeCauses, asked: By | None) -> tuple[By | None, Sequence[Driver]]:
    """Return the dimension of the table: the requested one, or the first that splits the change.
    None: connections."""
    by = _rows_by(found)
    if asked is not None and asked in by:
        return asked, by[asked]
    for dimension in DIMENSIONS:
        if len(by[dimension]) > 1:
            return dimension, by[dimension]
    return None, found.by_connection if len(found.by_connection) > 1 else ()


def _way(answer: WhyAnswer, change: Change, by: By | None) -> str:
    """Return where all rows of both periods are."""
    query = answer.query
    span = f"{change.before.start}..{change.days.end - DAY}"
    return all_rows([f"export {scoped(query.scope, span, query.about)}"], by or "connection")


def _details(change: Change, rows: Sequence[Driver], way: str) -> list[str]:
    """Return the effects, prices, usual cost and connections left out. `way` leads to what is only
    counted."""
    found = change.why
    notes = [line for line in (effects_sentence(found), _prices(found.prices)) if line]
    if len(found.prices.changes) > PRICES:
        notes[-1] = f"{notes[-1]} {way}"
    elif len(rows) > ROWS:
        notes.append(way)
    if change.usual is not None:
        usual = change.usual
        article = "A" if usual.place is None else "The"
        on = f"{article} usual {day_kind(change.days.start, usual.place)}"
        notes.append(f"{on}: {with_range(usual.middle, usual.low, usual.high)}.")
    if change.left_out:
        notes.append(f"Without {listed([*map(name, change.left_out)])}: days are missing there.")
    shown = [difference(each.used, each.used_before) for each in rows[:ROWS]]
    rest = rows[ROWS:]
    used, before = (total(getattr(e, key) for e in rest) for key in ("used", "used_before"))
    moved = difference(found.used, found.used_before)
    if rows and total([*shown, difference(used, before)]) != moved:
        notes.append(ROUNDED)
    return notes


def _table(by: str, rows: Sequence[Driver], names: Names) -> Block:
    """Return the largest changes, and one row for the rest, so that it adds up."""
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
    return data_table(f"Change by {by}, largest first", head, cells)


def _row_label(by: str, row: Driver, names: Names) -> str:
    """Return plain text: table cells need no escaping."""
    title = names.title(row.connection)
    plain = UNATTRIBUTED if row.name is None else names.item(row.connection, row.name)
    label = title if by == "connection" else f"{plain} · {title}"
    return label if row.standing == "continuing" else f"{label} ({row.standing})"


def why_sentence(found: ChangeCauses, names: Names) -> str:
    """``$212.00 more (+38%): project *search* (+$180.00) moved 1.9B tokens to gpt-5. Prices
    did not change.`` in mrkdwn; names are escaped here."""
    moved = more_or_less(found.used, found.used_before) or ""
    if not found.findings:
        return f"About the same, {money(found.used)}."
    headline = "About the same" if moved.startswith("about") else moved.removesuffix(" than")
    return f"{headline}: {causes_sentence(found, names)} {_prices(found.prices)}"


def causes_sentence(found: ChangeCauses, names: Names) -> str:
    """``project *search* (+$180.00) moved 1.9B tokens to gpt-5.`` in mrkdwn."""
    if not found.findings:
        return f"{money(found.used)} both times."
    named = {each.connection for each in found.by_project if each.name is not None}
    return "; ".join(_cause(each, names, named) for each in found.findings) + "."


def effects_sentence(found: ChangeCauses) -> str | None:
    """``Of this: more use +$30.00 and lower prices −$4.00.``; None if nothing is explained."""
    effects = found.effects
    explained = [
        (effects.volume, "more use" if effects.volume > 0 else "less use"),
        (effects.mix, "other models"),
        (effects.caching, "caching"),
        (effects.price, "higher prices" if effects.price > 0 else "lower prices"),
        (effects.new_or_gone, "new or ended line items"),
        (effects.credits, "credits"),
    ]
    parts = [*explained, (total([effects.mix_or_price, effects.unknown]), "not explained")]
    shown = [(amount, label) for amount, label in parts if cents(amount)]
    if not any(each in shown for each in explained):
        return None
    return f"Of this: {listed([f'{label} {signed(amount)}' for amount, label in shown])}."


def _cause(finding: Explanation, names: Names, with_projects: Container[str]) -> str:
    """Return the subject, its whole change and one cause, which may explain only part of it."""
    subject = _subject(finding, names, with_projects)
    moved = difference(finding.used, finding.used_before)
    return f"{subject} ({signed(moved)}) {_predicate(finding)}"


def _subject(finding: Explanation, names: Names, with_projects: Container[str]) -> str:
    if finding.project is not None:
        return f"project *{name(names.item(finding.connection, finding.project))}*"
    title = name(names.title(finding.connection))
    if finding.is_of_model:
        no_model = f"what {title} attributes to no model"
        return no_model if finding.model is None else f"*{name(finding.model)}*"
    if finding.connection not in with_projects:
        return f"*{title}*"
    return f"what {title} does not attribute"


def _predicate(finding: Explanation) -> str:
    model = name(finding.model) if finding.model and not finding.is_of_model else None
    of_model = f" of {model}" if model else ""
    on_model = f" on {model}" if model else ""
    if finding.kind == "moved":
        amount = _quantity(finding.quantity, finding.unit)
        source, target = finding.model_before or UNATTRIBUTED, finding.model or UNATTRIBUTED
        return f"moved {amount} from {name(source)} to {name(target)}"
    if finding.kind in ("more", "less"):
        if finding.quantity is None:
            return f"was used {finding.kind}{on_model}"
        return f"used {_quantity(finding.quantity, finding.unit, finding.kind)}{of_model}"
    return {
        "new": "is new",
        "gone": "is no longer used",
        "dearer": f"costs more for the same{on_model}",
        "cheaper": f"costs less for the same{on_model}",
        "cached": f"had more of its input{of_model} cached",
        "uncached": f"had less of its input{of_model} cached",
        "credited": f"was credited{on_model}",
        "changed": f"cost {'more' if finding.change > 0 else 'less'}{on_model}",
    }[finding.kind]


def _prices(prices: Prices) -> str:
    if prices.seen == "changed":
        words = [_price_change(each) for each in prices.changes[:PRICES]]
        more = len(prices.changes) - len(words)
        return f"{listed([*words, *([f'{more} more changed'] if more else [])])}."
    return {
        "unchanged": "No price change found.",
        "partly": "No price change found where the figures show prices.",
        "unknown": "It's unclear whether prices changed.",
    }[prices.seen]


def _price_change(change: PriceChange) -> str:
    what = name(change.sku or change.model or UNATTRIBUTED)
    direction = "more" if change.ratio > 1 else "less"
    by = percent(change.ratio - 1, Decimal(1))
    return f"{what} costs {by} {direction} per unit since {day(change.since)}"


def _quantity(amount: Decimal | None, unit: str | None, comparison: str = "") -> str:
    """``1.9B tokens``, ``12 more images``."""
    if amount is None or unit is None:
        return "usage"
    if unit == "1000_tokens":
        amount, unit = amount * 1000, "tokens"
    size, word = next(((size, word) for size, word in _SIZES if amount >= size), (Decimal(1), ""))
    digits = 1 if word and amount < size * 100 else 0
    number = f"{amount / size:,.{digits}f}{word}"
    if comparison == "less":
        comparison = "fewer"
    return " ".join(filter(None, [number, comparison, name(unit.replace("_", " "))]))
