"""What caused a change of cost, in sentences. All return mrkdwn; names are escaped here."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.analysis.drivers import ChangeCauses, Driver, are_most
from bot.analysis.explanations import Explanation
from bot.analysis.price_changes import PriceChange, Prices
from bot.slack.blocks import name
from bot.wording import (
    UNATTRIBUTED,
    day,
    listed,
    money,
    more_or_less,
    percent,
    plural,
    signed,
    undated,
)
from providers.money import cents, difference, total

PRICES = 2
"""Price changes named in a sentence."""
LARGEST = 2
"""Rows of a table that a sentence names."""
_SIZES = (
    (Decimal(10) ** 12, "T"),
    (Decimal(10) ** 9, "B"),
    (Decimal(10) ** 6, "M"),
)


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


def why_sentence(causes: ChangeCauses, names: Names) -> str:
    """``$212.00 more (+38%): project *search* (+$180.00) moved 1.9B tokens to gpt-5. Prices
    did not change.``"""
    moved = more_or_less(causes.used, causes.used_before) or ""
    if not causes.findings:
        return f"About the same, {money(causes.used)}."
    headline = "About the same" if moved.startswith("about") else moved.removesuffix(" than")
    return f"{headline}: {causes_sentence(causes, names)} {price_sentence(causes.prices)}"


def causes_sentence(causes: ChangeCauses, names: Names, most: int | None = None) -> str:
    """``project *search* (+$180.00) moved 1.9B tokens to gpt-5.``, with at most so many causes.
    None: all."""
    if not causes.findings:
        return f"{money(causes.used)} both times."
    named = {each.connection for each in causes.by_project if each.name is not None}
    return "; ".join(_cause(each, causes, names, named) for each in causes.findings[:most]) + "."


def largest_sentence(rows: Sequence[Driver], names: Names) -> str:
    """``Most of it: *gpt-5* (+$263.88) and *gpt-5-mini* (+$92.49).``, for a table about something
    else than the causes. ``Largest changes: …`` if these are less than half of the change."""
    largest = [each for each in rows[:LARGEST] if cents(each.change)]
    parts = [f"*{name(row_name(each, names))}* ({signed(_moved(each))})" for each in largest]
    if not parts:
        return "None of them changed."
    is_most = are_most([row.change for row in largest], total(row.change for row in rows))
    return f"{'Most of it' if is_most else 'Largest changes'}: {listed(parts)}."


def row_name(row: Driver, names: Names) -> str:
    """Return the plain name of a project, model or key."""
    return UNATTRIBUTED if row.name is None else names.item(row.connection, row.name)


def _moved(each: Driver | Explanation) -> Decimal:
    """Return the difference of both amounts as shown."""
    return difference(each.used, each.used_before)


def effects_sentence(causes: ChangeCauses) -> str | None:
    """``Of this: more use +$30.00 and lower prices −$4.00.``; None if nothing is explained."""
    effects = causes.effects
    explained = [
        (effects.volume, "more use" if effects.volume > 0 else "less use"),
        (effects.mix, "other models"),
        (effects.caching, "caching"),
        (effects.batch, "batches"),
        (effects.price, "higher prices" if effects.price > 0 else "lower prices"),
        (effects.new_or_gone, "new or ended line items"),
        (effects.credits, "credits"),
    ]
    parts = [*explained, (total([effects.mix_or_price, effects.unknown]), "not explained")]
    shown = [(amount, label) for amount, label in parts if cents(amount)]
    if not any(each in shown for each in explained):
        return None
    return f"Of this: {listed([f'{label} {signed(amount)}' for amount, label in shown])}."


def _cause(
    finding: Explanation, causes: ChangeCauses, names: Names, with_projects: Container[str]
) -> str:
    """Return the subject, its whole change and one cause, which may explain only part of it."""
    if finding.kind == "moved" and finding.is_of_model:
        move = finding.moves[0]
        before, now = _models(move.models_before, "*"), _models(move.models, "*")
        amount = _quantity(move.quantity, move.unit)
        return f"{amount} moved from {before} to {now} (together {signed(_moved(finding))})"
    subject = _subject(finding, names, with_projects)
    words = f"{subject} ({signed(_moved(finding))}) {_predicate(finding)}"
    if finding.kind not in ("changed", "more_per_unit", "less_per_unit"):
        return words
    model = undated([finding.mostly_model])[0] if finding.mostly_model else ""
    mostly = [f"on {name(model)}"] if model else []
    use = _mostly(finding, causes) if finding.kind == "changed" else ""
    mostly += [use] if use else []
    return f"{words}, mostly {' and '.join(mostly)}" if mostly else words


def _models(models: Sequence[str], mark: str = "") -> str:
    return listed([f"{mark}{name(each)}{mark}" for each in models])


def _mostly(finding: Explanation, causes: ChangeCauses) -> str:
    """Return that half of a change or more is more or less use, if it is: of several models, or
    of line items that moved in different directions. With and without what caching changed, and
    only if all units together are more, or fewer."""
    rows = causes.by_model if finding.is_of_model else causes.by_project
    item = finding.model if finding.is_of_model else finding.project
    row = next((r for r in rows if (r.connection, r.name) == (finding.connection, item)), None)
    if row is None or row.effects is None:
        return ""
    effects = row.effects
    volume = effects.volume
    # What is not explained may hide that other units went the other way.
    hidden = abs(effects.mix_or_price) + abs(effects.unknown)
    for use in (volume, volume + effects.caching):
        if use * row.change <= 0 or (abs(use) - hidden) * 2 < abs(row.change):
            return ""
    more_or_less_used = "more" if volume > 0 else "less"
    return f"because it was used {more_or_less_used}" if finding.use == more_or_less_used else ""


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
        moves = [
            f"{_quantity(each.quantity, each.unit)} from {_models(each.models_before)}"
            f" to {_models(each.models)}"
            for each in finding.moves
        ]
        return f"moved {listed(moves)}"
    if finding.kind in ("more", "less"):
        if finding.quantity is None:
            return f"was used {finding.kind}{on_model}"
        return f"used {_quantity(finding.quantity, finding.unit, finding.kind)}{of_model}"
    per_unit = f"per {'token' if finding.unit in ('tokens', '1000_tokens') else 'unit'}{on_model}"
    return {
        "new": "is new",
        "gone": "is no longer used",
        "dearer": f"costs more for the same{on_model}",
        "cheaper": f"costs less for the same{on_model}",
        "more_per_unit": f"cost more {per_unit}",
        "less_per_unit": f"cost less {per_unit}",
        "cached": f"had more of its input{of_model} cached",
        "uncached": f"had less of its input{of_model} cached",
        "batched": f"ran more{of_model} in batches",
        "unbatched": f"ran less{of_model} in batches",
        "credited": f"was credited{on_model}",
        "changed": f"cost {'more' if finding.change > 0 else 'less'}{on_model}",
    }[finding.kind]


def price_sentence(prices: Prices) -> str:
    """``gpt-5, input costs 25% more per unit since 2 Nov.``, or what is known of prices."""
    if prices.seen == "changed":
        words = [_price_change(each) for each in prices.changes[:PRICES]]
        more = len(prices.changes) - len(words)
        if more:
            words.append(f"{plural(more, 'more price')} changed")
        return " ".join(f"{each}." for each in words)
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
