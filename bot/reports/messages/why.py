"""Why the cost changed: one plain sentence, what it is made of, and tables that add up."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.analysis.anomalies import ExpectedRange
from bot.analysis.drivers import ChangeCauses, Driver
from bot.analysis.explanations import Explanation
from bot.analysis.prices import PriceChange, Prices
from bot.language.text import text_of
from bot.reports.messages.parts import small_print, titles_of
from bot.reports.messages.spend import all_rows
from bot.reports.messages.suggestions import ask, scoped, share
from bot.reports.models import UNATTRIBUTED, WhyAnswer
from bot.slack.blocks import actions, bounded, context, escape, header, name, section
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.wording import (
    ROUNDED,
    day,
    day_kind,
    days,
    estimate,
    listed,
    money,
    percent,
    signed,
    tidy,
)
from providers.money import cents, difference, total

ROWS = 12
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
"""Price changes that a sentence names."""


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called, all text from outside; ids without a name are shown."""

    items: Mapping[tuple[str, str], str]
    """Projects and keys, by connection and id."""
    titles: Mapping[str, str]
    """Connections, by name."""

    def item(self, connection: str, item_id: str) -> str:
        """The name of a project or key."""
        return self.items.get((connection, item_id), item_id)

    def title(self, connection: str) -> str:
        """A connection as people write it."""
        return self.titles.get(connection, connection)


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
    scope, about = answer.query.scope, answer.query.about
    buttons = [
        *(
            ask(label, f"why {scoped(scope, period, about)}")
            for label, period in WHENS
            if period != answer.query.period_text
        ),
        ask("Forecast", f"forecast {scoped(scope, '', about)}".strip()),
        share(text_of(answer.query)),
    ]
    return Message(said, bounded([*blocks, actions(buttons)]))


def _usual(usual: ExpectedRange, on: date) -> str:
    """What such a day costs as a rule: a Monday after a Sunday is up, and as ever."""
    article = "A" if usual.place is None else "The"
    return (
        f"{article} {day_kind(on, usual.place)} usually costs about {estimate(usual.middle)}, "
        f"four times in five between {estimate(usual.low)} and {estimate(usual.high)}."
    )


def _about(answer: WhyAnswer) -> str:
    summary = answer.summary
    if summary.about is not None:
        return f"{tidy(f'{summary.about.kind} {summary.about.name}')}, {summary.period_words}"
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


def why_sentence(found: ChangeCauses, names: Names) -> str:
    """``Up $212.00 (+38%): project *search* (+$180.00) moved 1.9B tokens to gpt-5. Prices
    did not change.`` in mrkdwn; names are escaped here."""
    if not found.findings:
        return f"Unchanged at {money(found.used)}."
    named = {each.connection for each in found.by_project if each.name is not None}
    causes = "; ".join(_cause(each, names, named) for each in found.findings)
    return f"{_headline(found)}: {causes}. {_prices(found.prices)}"


def effects_sentence(found: ChangeCauses) -> str | None:
    """``Of this: more use +$30.00 and lower prices −$4.00.``; None where nothing is explained."""
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


def _headline(found: ChangeCauses) -> str:
    moved = difference(found.used, found.used_before)
    if not moved:
        return "Unchanged in total"
    direction = "Up" if moved > 0 else "Down"
    amount = money(abs(moved))
    before = cents(found.used_before)
    if before <= 0 or found.used < 0:
        return f"{direction} {amount}"
    share = percent(moved, before)
    return f"{direction} {amount} ({signed(moved)[0] if share[0].isdigit() else ''}{share})"


def _cause(finding: Explanation, names: Names, with_projects: Container[str]) -> str:
    """Return the subject, its whole change and one cause, which may explain only part of it."""
    subject = _subject(finding, names, with_projects)
    moved = difference(finding.used, finding.used_before)
    return f"{subject} ({signed(moved)}) {_predicate(finding)}"


def _subject(finding: Explanation, names: Names, with_projects: Container[str]) -> str:
    if finding.project is not None:
        return f"project *{name(names.item(finding.connection, finding.project))}*"
    if finding.is_of_model and finding.model is not None:
        return f"*{name(finding.model)}*"
    title = name(names.title(finding.connection))
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
        "unknown": "Can't tell whether prices changed.",
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
