"""Split a change of cost into its effects, line item by line item, exact to the nano.

Amounts are whole nano-dollars. Each share is rounded once and the rest is an effect of its own, so
the effects always add up to the change.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from fractions import Fraction

from providers.money import from_nano, to_nano


@dataclass(frozen=True, slots=True)
class CostItem:
    """What one line of one model, project and, where known, key cost over a period."""

    connection: str
    project: str | None
    model: str | None
    cost: Decimal
    sku: str | None = None
    """The provider's own name for what was sold."""
    meter: str | None = None
    """What is metered (``input``, ``output``); None: several kinds in one figure, or not known."""
    quantity: Decimal | None = None
    unit: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """Dollars of a change by cause; they add up to it exactly."""

    volume: Decimal
    """More or fewer units of the same line items, at what a unit cost before."""
    mix: Decimal
    """Always zero: units of different line items are not added."""
    price: Decimal
    """The same thing costs more or less per unit, as its days show."""
    mix_or_price: Decimal
    """Cost per unit changed, for an unknown reason: mix, price or free quantities."""
    unknown: Decimal
    """No quantities that could be compared."""
    new_or_gone: Decimal
    """Line items that were there in one of the two periods only."""
    credits: Decimal
    """What was given back, in rows of less than zero."""

    @property
    def change(self) -> Decimal:
        """Their sum."""
        return from_nano(sum(to_nano(getattr(self, each.name)) for each in fields(self)))


@dataclass(slots=True)
class Line:
    """Everything of one identity over one period; empty: it was not there."""

    nano: int = 0
    quantity: Fraction = field(default_factory=Fraction)
    """Of all but what was free."""
    priced_nano: int = 0
    """Of what has a price: neither given back nor free."""
    priced_quantity: Fraction = field(default_factory=Fraction)
    units: set[str | None] = field(default_factory=set)
    is_there: bool = False
    """Whether anything of it was seen."""
    has_credit: bool = False

    def add(self, item: CostItem) -> None:
        """Count the item in. One without cost and quantity leaves no trace. A row of less than
        zero is a credit, which shows no price; a free quantity has none."""
        nano, quantity = to_nano(item.cost), Fraction(item.quantity or 0)
        if not nano and not quantity:
            return
        self.is_there = True
        self.nano += nano
        if nano < 0:
            self.has_credit = True
        if not nano or (nano < 0 and quantity <= 0):
            return
        self.units.add(item.unit if quantity > 0 else None)
        self.quantity += quantity
        if nano > 0:
            self.priced_nano += nano
            self.priced_quantity += quantity

    @property
    def is_measured(self) -> bool:
        """Whether its quantity is wholly known, in one unit, and has a price."""
        return None not in self.units and len(self.units) == 1 and self.priced_quantity > 0


Identity = tuple[str, str | None, str | None, str | None, str | None]
"""Connection, project, model, sku and meter."""
Sku = tuple[str, str | None]
"""A connection and its provider's own name for what was sold."""
SAME_PRICE = Fraction(1, 1000)
"""Of a price: so much it may differ by and still be the same."""
_ROUNDING = 10_000
"""Nano-dollars: rows are rounded to the nano one by one, which is no change of price."""


@dataclass(slots=True)
class Pair:
    """One identity in the period before and now."""

    identity: Identity
    before: Line = field(default_factory=Line)
    now: Line = field(default_factory=Line)

    @property
    def change(self) -> int:
        """In nano-dollars."""
        return self.now.nano - self.before.nano

    @property
    def sku(self) -> Sku:
        """What was sold."""
        return self.identity[0], self.identity[3]

    @property
    def is_blended(self) -> bool:
        """Whether its quantity holds several kinds of unit."""
        return self.identity[4] is None

    @property
    def unit(self) -> str | None:
        """The one unit of both periods; None where there is none to compare by."""
        units = self.before.units | self.now.units
        is_known = self.before.is_measured and self.now.is_measured and len(units) == 1
        return next(iter(units)) if is_known else None

    @property
    def gained(self) -> Fraction:
        """Units, of what can be compared or was there in one period only."""
        return self.now.quantity - self.before.quantity

    def at_old_price(self, quantity: Fraction) -> int:
        """What a quantity would have cost at the price before, in nano-dollars."""
        return scaled(self.before.priced_nano, quantity, self.before.priced_quantity)

    def price_effect(self) -> int:
        """What today's quantity cost more than at the price before; zero where that is the same.
        Only where there is a `unit`."""
        now = scaled(self.now.priced_nano, self.now.quantity, self.now.priced_quantity)
        old = self.at_old_price(self.now.quantity)
        is_same = abs(now - old) <= _ROUNDING or abs(now - old) <= SAME_PRICE * abs(old)
        return 0 if is_same else now - old


def pair(now: Iterable[CostItem], before: Iterable[CostItem]) -> list[Pair]:
    """The lines of both periods side by side, in a fixed order."""
    pairs: dict[Identity, Pair] = {}
    for item in before:
        pairs.setdefault(_identity(item), Pair(_identity(item))).before.add(item)
    for item in now:
        pairs.setdefault(_identity(item), Pair(_identity(item))).now.add(item)
    return sorted(pairs.values(), key=lambda each: tuple(part or "" for part in each.identity))


def effects(pairs: Iterable[Pair], repriced: Container[Sku] = ()) -> Effects:
    """The effects of each line item, added up.

    `repriced` are those whose price has changed, as their days show. Quantities of different line
    items are never added before they are multiplied by their own price.
    """
    parts = {each.name: 0 for each in fields(Effects)}
    for each in pairs:
        _add(parts, each, is_repriced=each.sku in repriced)
    return Effects(**{name: from_nano(nano) for name, nano in parts.items()})


def scaled(nano: int, quantity: Fraction, of: Fraction) -> int:
    """`nano` × `quantity` ÷ `of`, rounded once to whole nano-dollars, half to even."""
    return round(nano * quantity / of)


def _add(parts: dict[str, int], each: Pair, *, is_repriced: bool) -> None:
    is_credited = each.now.has_credit or each.before.has_credit
    if each.unit is None:
        is_one_sided = not (each.before.is_there and each.now.is_there)
        name = "credits" if is_credited else "new_or_gone" if is_one_sided else "unknown"
        parts[name] += each.change
        return
    repriced = each.price_effect()
    whole = each.change
    if is_credited:
        volume = each.at_old_price(each.now.quantity) - each.at_old_price(each.before.quantity)
        parts["credits"] += whole - volume - repriced
        whole = volume + repriced
    if repriced and (each.is_blended or not is_repriced):
        parts["mix_or_price"] += (
            whole  # what a unit costs is not known, so neither is what units did
        )
        return
    parts["volume"] += whole - repriced
    parts["price"] += repriced


def _identity(item: CostItem) -> Identity:
    return (item.connection, item.project, item.model, item.sku, item.meter)
