"""Volume, mix and unit price: what a change of cost is made of, exact to the nano.

Works in whole nano-dollars. Each share is rounded once and mix takes what is left, so that the
effects add up to the change by construction, whatever the quantities.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from fractions import Fraction

from providers.money import from_nano, to_nano


@dataclass(frozen=True, slots=True)
class Item:
    """What one line of one model, project and, where known, key cost over a period."""

    connection: str
    project: str | None
    model: str | None
    cost: Decimal
    sku: str | None = None
    """The vendor's own words for what was sold."""
    meter: str | None = None
    """What is metered (``input``, ``output``); None: several kinds in one figure, or not told."""
    quantity: Decimal | None = None
    unit: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """Dollars of a change by cause; they add up to it exactly."""

    volume: Decimal
    """More or fewer units, at what a unit cost before on average."""
    mix: Decimal
    """Other models, cached or not, input or output."""
    price: Decimal
    """The same thing costs more or less per unit."""
    unsplit: Decimal
    """Cost per unit of figures that hold several kinds of unit: mix or price, nobody can tell."""
    unknown: Decimal
    """No quantities that could be compared."""

    @property
    def change(self) -> Decimal:
        """Their sum."""
        return from_nano(sum(to_nano(getattr(self, each.name)) for each in fields(self)))


@dataclass(slots=True)
class Line:
    """Everything of one identity over one period; empty: it was not there."""

    nano: int = 0
    quantity: Fraction = field(default_factory=Fraction)
    units: set[str | None] = field(default_factory=set)

    def add(self, item: Item) -> None:
        """Count the item in. One that says nothing (no cost, no quantity) leaves no trace."""
        nano = to_nano(item.cost)
        if not nano and not item.quantity:
            return
        self.nano += nano
        self.quantity += Fraction(item.quantity or 0)
        self.units.add(item.unit if item.quantity else None)

    @property
    def is_there(self) -> bool:
        """Whether anything of it was seen."""
        return bool(self.units)

    @property
    def is_measured(self) -> bool:
        """Whether its quantity is wholly known, in one unit, and one that can be compared."""
        return None not in self.units and len(self.units) <= 1 and self.quantity >= 0


Identity = tuple[str, str | None, str | None, str | None, str | None]
"""Connection, project, model, sku and meter."""


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
    def is_blended(self) -> bool:
        """Whether its quantity holds several kinds of unit."""
        return self.identity[4] is None

    @property
    def unit(self) -> str | None:
        """The one unit of both periods; None where there is none to compare by."""
        units = self.before.units | self.now.units
        is_known = self.before.is_measured and self.now.is_measured and len(units) == 1
        return next(iter(units)) if is_known else None

    def at_old_price(self) -> int:
        """What today's quantity would have cost at the price before, in nano-dollars."""
        return scaled(self.before.nano, self.now.quantity, self.before.quantity)


def pair(now: Iterable[Item], before: Iterable[Item]) -> list[Pair]:
    """The lines of both periods side by side, in a fixed order."""
    pairs: dict[Identity, Pair] = {}
    for item in before:
        pairs.setdefault(_identity(item), Pair(_identity(item))).before.add(item)
    for item in now:
        pairs.setdefault(_identity(item), Pair(_identity(item))).now.add(item)
    return sorted(pairs.values(), key=lambda each: tuple(part or "" for part in each.identity))


def effects(pairs: Sequence[Pair], group: Callable[[Pair], Hashable]) -> Effects:
    """The effects within each group of pairs, added up over the groups.

    Volume is measured against the group's own average cost per unit; mix is what happens between
    the lines of a group. Quantities of different units are never compared.
    """
    parts = dict.fromkeys(("volume", "mix", "price", "unsplit", "unknown"), 0)
    groups: dict[tuple[Hashable, str], list[Pair]] = {}
    for each in pairs:
        if each.unit is None:
            parts["unknown"] += each.change
        else:
            groups.setdefault((group(each), each.unit), []).append(each)
    for members in groups.values():
        _add_group(parts, members)
    return Effects(**{name: from_nano(nano) for name, nano in parts.items()})


def scaled(nano: int, quantity: Fraction, of: Fraction) -> int:
    """`nano` × `quantity` ÷ `of`, rounded once to whole nano-dollars, half to even."""
    return round(nano * quantity / of)


def _add_group(parts: dict[str, int], members: Sequence[Pair]) -> None:
    change = sum(each.change for each in members)
    cost_before = sum(each.before.nano for each in members)
    quantity_before = sum((each.before.quantity for each in members), Fraction())
    quantity_now = sum((each.now.quantity for each in members), Fraction())
    if not quantity_before:
        parts["volume"] += change
        return
    volume = scaled(cost_before, quantity_now, quantity_before) - cost_before
    rest = change - volume
    parts["volume"] += volume
    for each in members:
        if each.before.quantity and each.now.quantity:
            effect = each.now.nano - each.at_old_price()
            parts["unsplit" if each.is_blended else "price"] += effect
            rest -= effect
    parts["mix"] += rest


def _identity(item: Item) -> Identity:
    return (item.connection, item.project, item.model, item.sku, item.meter)
