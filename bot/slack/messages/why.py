"""Why the cost changed: one plain sentence, what it is made of, and tables that add up."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.slack.blocks import actions, bounded, context, header, section
from bot.slack.message import Block, Message
from bot.slack.messages.asking import ask, scoped, share
from bot.slack.messages.parts import small_print
from bot.slack.natives import Amount, Cell, data_table
from bot.slack.text import days, escape, listed, money, money_rows, name, percent, tidy
from bot.spend.drivers import Contributor, Why
from bot.spend.effects import Effects
from bot.spend.findings import Finding, PriceChange, Prices
from bot.spend.money_answers import WhyAnswer
from bot.spend.query import text_of
from bot.spend.summary import UNATTRIBUTED
from bot.spend.words import name_text
from providers.money import total

Names = Mapping[tuple[str, str], str]
"""The vendor's name for a connection's project or key by its id; ids without one are shown."""
ROWS = 12
WHENS = (
    ("Yesterday", "yesterday"),
    ("Last week", "last week"),
    ("This month", "mtd"),
    ("Last month", "last month"),
)
_SIZES = (
    (Decimal(10) ** 12, " tn"),
    (Decimal(10) ** 9, " bn"),
    (Decimal(10) ** 6, " m"),
)


def why_message(answer: WhyAnswer) -> Message:
    """Why the cost changed, or why that cannot be said."""
    summary = answer.summary
    today = summary.now.date()
    change = answer.change
    blocks: list[Block] = [header(f"Why: {_about(answer)}")]
    notes = []
    if change is None:
        said = escape(answer.reason or "Nothing can be compared.")
        blocks.append(section(said))
    else:
        span = f"{days(change.days, today)} against {days(change.before, today)} (UTC)"
        said = f"{span}: {why_sentence(change.why, change.names)}".replace("*", "")
        blocks += [context([span]), *why_blocks(change.why, change.names)]
        notes += _left_out(change.left_out)
    notes += small_print(summary)
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


def _about(answer: WhyAnswer) -> str:
    summary = answer.summary
    if summary.scope is None:
        return summary.period_words
    title = summary.connections[0].title if len(summary.connections) == 1 else summary.scope
    return f"{tidy(title)}, {summary.period_words}"


def _left_out(titles: Sequence[str]) -> list[str]:
    if not titles:
        return []
    return [f"Left out, as days are missing to compare with: {listed([*map(name, titles)])}"]


def why_sentence(found: Why, names: Names) -> str:
    """``Up $212.00 (+38%): project *search* (+$180.00) moved 1.9 bn tokens to gpt-5. Prices
    did not change.`` in mrkdwn; names are escaped here."""
    if not found.findings:
        return f"Unchanged at {money(found.used)}."
    causes = "; ".join(_cause(each, names) for each in found.findings)
    return f"{_headline(found)}: {causes}. {_prices(found.prices)}"


def why_blocks(found: Why, names: Names) -> list[Block]:
    """The sentence, what the change is made of, and a table for each cut that says something."""
    blocks: list[Block] = [section(why_sentence(found, names))]
    if made_of := effects_sentence(found.effects):
        blocks.append(section(made_of))
    cuts = (
        ("connection", found.by_connection),
        ("project", found.by_project),
        ("model", found.by_model),
        ("key", found.by_key),
    )
    for by, rows in cuts:
        if len(rows) > 1:
            blocks.append(_table(by, rows, names))
    return blocks


def effects_sentence(effects: Effects) -> str | None:
    """``Of this, +$30.00 is volume and −$4.00 mix.``; None where nothing can be told apart."""
    parts = [
        (effects.volume, "volume"),
        (effects.mix, "mix"),
        (effects.price, "unit price"),
        (effects.unsplit, "mix or unit price, which the figures don't tell apart"),
        (effects.unknown, "without quantities to go by"),
    ]
    told = [(amount, label) for amount, label in parts if amount]
    if not told or not any(amount for amount, _ in parts[:3]):
        return None
    shown = _signed_rows([amount for amount, _ in told])
    words = [f"{text} is {label}" for text, (_, label) in zip(shown, told, strict=True)]
    return f"Of this, {listed(words)}."


def _headline(found: Why) -> str:
    if not found.change:
        return "Unchanged in total"
    direction = "Up" if found.change > 0 else "Down"
    sign = "+" if found.change > 0 else "−"
    amount = money(abs(found.change))
    if found.used_before <= 0:
        return f"{direction} {amount}"
    share = percent(found.change, found.used_before)
    return f"{direction} {amount} ({sign if share[0].isdigit() else ''}{share})"


def _cause(finding: Finding, names: Names) -> str:
    """The amount stands by its subject: all that it changed by, whatever the cause named."""
    return f"{_subject(finding, names)} ({_signed(finding.change)}) {_predicate(finding)}"


def _subject(finding: Finding, names: Names) -> str:
    if finding.project is not None:
        return f"project *{_label(finding.connection, finding.project, names)}*"
    if finding.model is not None and finding.kind != "moved":
        return f"*{name(finding.model)}*"
    return f"what {name(finding.connection)} does not attribute"


def _predicate(finding: Finding) -> str:
    model = name(finding.model) if finding.model and finding.project is not None else None
    of_model = f" of {model}" if model else ""
    on_model = f" on {model}" if model else ""
    if finding.kind == "moved":
        amount = _quantity(finding.quantity, finding.unit)
        source = f" from {name(finding.model_before)}" if finding.model_before else ""
        return f"moved {amount}{source} to {name(finding.model or UNATTRIBUTED)}"
    if finding.kind in ("more", "less"):
        if finding.quantity is None:
            return f"was used {finding.kind}{on_model}"
        return f"used {_quantity(finding.quantity, finding.unit, finding.kind)}{of_model}"
    return {
        "new": "is new",
        "gone": "is no longer used",
        "dearer": f"costs more for the same{on_model}",
        "cheaper": f"costs less for the same{on_model}",
        "mix": f"had another mix of models or kinds of usage{on_model}",
        "changed": f"cost {'more' if finding.change > 0 else 'less'}{on_model}",
    }[finding.kind]


def _prices(prices: Prices) -> str:
    if prices.seen == "changed":
        words = [_price_change(each) for each in prices.changes[:2]]
        more = len(prices.changes) - len(words)
        return f"{listed([*words, *([f'{more} more changed'] if more else [])])}."
    return {
        "unchanged": "Prices did not change.",
        "partly": "Prices did not change where the figures show them.",
        "unknown": "The figures don't tell whether prices changed.",
    }[prices.seen]


def _price_change(change: PriceChange) -> str:
    what = name(change.sku or change.model or UNATTRIBUTED)
    direction = "more" if change.ratio > 1 else "less"
    return f"{what} cost {percent(change.ratio - 1, Decimal(1))} {direction} per unit"


def _table(by: str, rows: Sequence[Contributor], names: Names) -> Block:
    shown, rest = rows[:ROWS], rows[ROWS:]
    labels = [_row_label(by, each, names) for each in shown]
    figures = [(each.used_before, each.used, each.change) for each in shown]
    if rest:
        labels.append(f"{len(rest)} more")
        figures.append(
            (
                total(each.used_before for each in rest),
                total(each.used for each in rest),
                total(each.change for each in rest),
            )
        )
    before, now, changed = zip(*figures, strict=True)
    cells: list[list[Cell]] = [
        [label, Amount(was, was_text), Amount(used, text), Amount(change, change_text)]
        for label, was, was_text, used, text, change, change_text in zip(
            labels,
            before,
            money_rows(before),
            now,
            money_rows(now),
            changed,
            _signed_rows(changed),
            strict=True,
        )
    ]
    head = [by.capitalize(), "Before", "Now", "Change"]
    return data_table(f"The change by {by}, largest first", head, cells)


def _row_label(by: str, row: Contributor, names: Names) -> str:
    """Literal text: table cells need no escaping."""
    plain = UNATTRIBUTED if row.name is None else names.get((row.connection, row.name), row.name)
    label = plain if by == "connection" else f"{plain} · {row.connection}"
    return label if row.standing == "continuing" else f"{label} ({row.standing})"


def _label(connection: str, item_id: str, names: Names) -> str:
    return name(names.get((connection, item_id), item_id))


def _signed(amount: Decimal) -> str:
    return _signed_rows([amount])[0]


def _signed_rows(amounts: Sequence[Decimal]) -> list[str]:
    """Like money in rows, with a plus before what is more."""
    texts = money_rows(amounts)
    return [
        f"+{text}" if amount > 0 and text.startswith("$") else text
        for amount, text in zip(amounts, texts, strict=True)
    ]


def _quantity(amount: Decimal | None, unit: str | None, comparison: str = "") -> str:
    """``1.9 bn tokens``, ``12 more images``."""
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
