"""Why the cost changed in one plain sentence, and what the change is made of. All mrkdwn."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.slack.text import listed, money, name, percent, signed
from bot.spend.reading.drivers import Why
from bot.spend.reading.effects import Effects
from bot.spend.reading.findings import Finding, PriceChange, Prices
from bot.spend.summary import UNATTRIBUTED
from providers.money import cents, difference

_HALF_A_CENT = Decimal("0.005")
_SIZES = (
    (Decimal(10) ** 12, " tn"),
    (Decimal(10) ** 9, " bn"),
    (Decimal(10) ** 6, " m"),
)


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


def why_sentence(found: Why, names: Names) -> str:
    """``Up $212.00 (+38%): project *search* (+$180.00) moved 1.9 bn tokens to gpt-5. Prices
    did not change.`` in mrkdwn; names are escaped here."""
    if not found.findings:
        return f"Unchanged at {money(found.used)}."
    named = {each.connection for each in found.by_project if each.name is not None}
    causes = "; ".join(_cause(each, names, named) for each in found.findings)
    return f"{_headline(found)}: {causes}. {_prices(found.prices)}"


def effects_sentence(effects: Effects) -> str | None:
    """``Of this, +$30.00 is volume and −$4.00 mix.``; None where nothing can be told apart."""
    parts = [
        (effects.volume, "volume"),
        (effects.mix, "mix"),
        (effects.price, "unit price"),
        (effects.unsplit, "mix or unit price, which the figures don't tell apart"),
        (effects.unknown, "without quantities to go by"),
    ]
    told = [(amount, label) for amount, label in parts if abs(amount) >= _HALF_A_CENT]
    if not told or not any(each in told for each in parts[:3]):
        return None
    words = [f"{signed(amount)} is {label}" for amount, label in told]
    return f"Of this, {listed(words)}."


def _headline(found: Why) -> str:
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


def _cause(finding: Finding, names: Names, with_projects: Container[str]) -> str:
    """The amount stands by its subject: all that it changed by, whatever the cause named."""
    subject = _subject(finding, names, with_projects)
    return f"{subject} ({signed(finding.change)}) {_predicate(finding)}"


def _subject(finding: Finding, names: Names, with_projects: Container[str]) -> str:
    if finding.project is not None:
        return f"project *{name(names.item(finding.connection, finding.project))}*"
    if finding.model is not None and finding.kind != "moved":
        return f"*{name(finding.model)}*"
    title = name(names.title(finding.connection))
    if finding.connection not in with_projects:
        return f"*{title}*"
    return f"what {title} does not attribute"


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
