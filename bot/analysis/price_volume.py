"""Split a change of cost into effects, line item by line item, exact to the nano-dollar.

Amounts are whole nano-dollars. Each share is rounded once, and what is left over is an effect of
its own, so the effects always add up to the change.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from bot.analysis.replacements import ModelReplacement
from providers.money import from_nano, to_nano


@dataclass(frozen=True, slots=True)
class CostItem:
    """What one line item cost over a period, per model, project and, if known, key."""

    connection: str
    project: str | None
    model: str | None
    cost: Decimal
    sku: str | None = None
    """The provider's own name for what was sold."""
    meter: str | None = None
    """What is metered (``input``, ``output``). None: several meters in one figure, or not known."""
    quantity: Decimal | None = None
    unit: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """The dollars of a change by cause, which add up to it exactly."""

    volume: Decimal
    """More or fewer units of the same line items, at the unit price before."""
    mix: Decimal
    """Units that another model of the project now uses, times the difference of the two prices;
    only where a finding names both models."""
    caching: Decimal
    """Model input that is now cached, or no longer, times the difference of the two prices."""
    batch: Decimal
    """A model's units that now run in batches, or no longer, times the difference of the two
    prices."""
    price: Decimal
    """The same thing costs more or less per unit, as its single days show."""
    mix_or_price: Decimal
    """Cost per unit changed for an unknown reason: mix, price or free quantities."""
    unknown: Decimal
    """Quantities can't be compared."""
    new_or_gone: Decimal
    """Line items that exist in only one of the two periods."""
    credits: Decimal
    """Credits: rows below zero."""

    @property
    def change(self) -> Decimal:
        """Return the sum of all effects."""
        return from_nano(sum(to_nano(getattr(self, each.name)) for each in fields(self)))


@dataclass(slots=True)
class Line:
    """The sum of everything with one identity over one period; empty if there was nothing."""

    nano: int = 0
    quantity: Fraction = field(default_factory=Fraction)
    """Total quantity, without free units."""
    free: Fraction = field(default_factory=Fraction)
    priced_nano: int = 0
    """Cost without credits and free rows, in nano-dollars."""
    priced_quantity: Fraction = field(default_factory=Fraction)
    units: set[str | None] = field(default_factory=set)
    is_there: bool = False
    """True if any row was seen."""
    credit_nano: int = 0
    """Sum of the rows below zero, in nano-dollars."""

    def add(self, item: CostItem) -> None:
        """Add an item. One without cost and quantity is ignored. A row below zero is a credit and
        shows no price; nor does a free quantity."""
        nano, quantity = to_nano(item.cost), Fraction(item.quantity or 0)
        if not nano and not quantity:
            return
        self.is_there = True
        self.nano += nano
        self.credit_nano += min(0, nano)
        if not nano:
            self.free += quantity
        if not nano or (nano < 0 and quantity <= 0):
            return
        self.units.add(item.unit if quantity > 0 else None)
        self.quantity += quantity
        if nano > 0:
            self.priced_nano += nano
            self.priced_quantity += quantity

    @property
    def is_used(self) -> bool:
        """Return True if it holds more than credits."""
        return bool(self.units or self.free)

    @property
    def is_measured(self) -> bool:
        """Return True if its quantity is fully known, in one unit, and has a price."""
        return None not in self.units and len(self.units) == 1 and self.priced_quantity > 0


Identity = tuple[str, str | None, str | None, str | None, str | None]
"""Connection, project, model, sku and meter."""
Shift = Literal["mix", "caching", "batch"]
"""The effect that a transfer belongs to."""
Sku = tuple[str, str | None]
"""A connection and the provider's name of what was sold."""
SAME_PRICE = Fraction(1, 1000)
"""Share by which two prices may differ and still count as the same."""
_ROUNDING = 10_000
"""In nano-dollars: rows are rounded one by one, which isn't a change of price."""


@dataclass(slots=True)
class Pair:
    """One identity in both periods."""

    identity: Identity
    before: Line = field(default_factory=Line)
    now: Line = field(default_factory=Line)

    @property
    def change(self) -> int:
        """Return the change in nano-dollars."""
        return self.now.nano - self.before.nano

    @property
    def sku(self) -> Sku:
        """Return what was sold."""
        return self.identity[0], self.identity[3]

    @property
    def is_blended(self) -> bool:
        """Return True if its quantity mixes several kinds of unit."""
        return self.identity[4] is None

    @property
    def unit(self) -> str | None:
        """Return the unit of both periods; None if they can't be compared."""
        units = self.before.units | self.now.units
        is_known = self.before.is_measured and self.now.is_measured and len(units) == 1
        return next(iter(units)) if is_known else None

    @property
    def gained(self) -> Fraction:
        """Return the units gained, if both periods can be compared or only one has any."""
        return self.now.quantity - self.before.quantity

    def at_old_price(self, quantity: Fraction) -> int:
        """Return what a quantity would have cost at the price before, in nano-dollars."""
        return scaled(self.before.priced_nano, quantity, self.before.priced_quantity)

    @property
    def is_free_alike(self) -> bool:
        """Return True if the free quantity is the same in both periods. If it isn't, paying for
        more doesn't mean using more."""
        return self.before.free == self.now.free

    def at_its_price(self, quantity: Fraction) -> int:
        """Return what a quantity cost before, or costs now if the line item is new."""
        line = self.before if self.before.priced_quantity else self.now
        return scaled(line.priced_nano, quantity, line.priced_quantity)

    def price_effect(self) -> int:
        """Return how much more today's quantity costs than at the price before; 0 if the price is
        the same. Requires a `unit`."""
        now = scaled(self.now.priced_nano, self.now.quantity, self.now.priced_quantity)
        old = self.at_old_price(self.now.quantity)
        is_same = abs(now - old) <= _ROUNDING or abs(now - old) <= SAME_PRICE * abs(old)
        return 0 if is_same else now - old


@dataclass(frozen=True, slots=True)
class Transfer:
    """Units that one line item had before and another line item of its project has now."""

    source: Pair
    target: Pair
    quantity: Fraction
    effect: Shift
    replacement: ModelReplacement | None = None
    """The models of which some replaced others, if that is what it is part of."""


def pair(now: Iterable[CostItem], before: Iterable[CostItem]) -> list[Pair]:
    """Return the lines of both periods in pairs, in a fixed order."""
    pairs: dict[Identity, Pair] = {}
    for item in before:
        pairs.setdefault(_identity(item), Pair(_identity(item))).before.add(item)
    for item in now:
        pairs.setdefault(_identity(item), Pair(_identity(item))).now.add(item)
    return sorted(pairs.values(), key=lambda each: tuple(part or "" for part in each.identity))


Parts = Mapping[str, int]
"""The fields of `Effects` in nano-dollars, without zeros."""


def split(
    pairs: Iterable[Pair], repriced: Container[Sku] = (), transfers: Iterable[Transfer] = ()
) -> Mapping[Identity, Parts]:
    """Return the effects of each line item, which add up to its change.

    `repriced`: the line items whose price changed, as their days show. Quantities of different line
    items are never added before each is multiplied by its own price. Of a transfer, the source has
    what its units cost before, the target what they cost now.
    """
    moved: dict[Identity, dict[str, Fraction]] = {}
    for each in transfers:
        for pair, quantity in ((each.source, -each.quantity), (each.target, each.quantity)):
            of_pair = moved.setdefault(pair.identity, {})
            of_pair[each.effect] = of_pair.get(each.effect, Fraction()) + quantity
    return {
        each.identity: _parts(each, moved.get(each.identity, {}), is_repriced=each.sku in repriced)
        for each in pairs
    }


def effects(parts: Iterable[Parts]) -> Effects:
    """Return the sum of the effects of several line items."""
    sums = {each.name: 0 for each in fields(Effects)}
    for of_one in parts:
        for name, nano in of_one.items():
            sums[name] += nano
    return Effects(**{name: from_nano(nano) for name, nano in sums.items()})


def scaled(nano: int, quantity: Fraction, of: Fraction) -> int:
    """Return `nano` × `quantity` ÷ `of`, rounded once to whole nano-dollars, half to even."""
    return round(nano * quantity / of)


def _parts(each: Pair, moved: Mapping[str, Fraction], *, is_repriced: bool) -> Parts:
    given_back = each.now.credit_nano - each.before.credit_nano
    if each.unit is None:
        name = "unknown" if each.before.is_used and each.now.is_used else "new_or_gone"
        return _less_moved(
            each, {name: each.change - given_back, "credits": given_back}, name, moved
        )
    price = each.price_effect()
    volume = each.at_old_price(each.now.quantity) - each.at_old_price(each.before.quantity)
    is_credited = each.now.credit_nano or each.before.credit_nano
    whole = volume + price if is_credited else each.change
    found = {"credits": each.change - whole}
    if each.is_blended:
        found |= {"volume": volume, "mix_or_price": whole - volume}
        return _less_moved(each, found, "volume", moved)
    if (price and not is_repriced) or not each.is_free_alike:
        # What a unit costs is not known, so neither is what units did.
        return found | {"mix_or_price": whole}
    return _less_moved(each, found | {"volume": whole - price, "price": price}, "volume", moved)


def _less_moved(
    each: Pair, parts: dict[str, int], name: str, moved: Mapping[str, Fraction]
) -> Parts:
    """Subtract what transfers explain from the effect that contains it."""
    for effect, quantity in moved.items():
        nano = each.at_its_price(quantity)
        parts[effect] = nano
        parts[name] -= nano
    return parts


def _identity(item: CostItem) -> Identity:
    return (item.connection, item.project, item.model, item.sku, item.meter)
