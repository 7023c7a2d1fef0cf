"""Whether and when a unit price changed, from each day's cost and quantity.

A change of cost per unit over a whole period proves no change of price: used up free quantities,
credits and corrections look the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Literal

from bot.analysis.price_volume import Pair, Sku
from bot.ledger.models import SkuDay

PricesSeen = Literal["unchanged", "changed", "partly", "unknown"]
_SAME = Fraction(1, 200)
"""Largest relative difference between days of one price."""
_VARIES = Fraction(21, 20)
"""Minimum ratio of the largest to the smallest daily quantity. Above it, one price for all days
shows that cost follows quantity, with nothing free in it."""
_OUTRUNS = 5
"""Factor by which a price must change more than the quantity if that isn't shown."""


@dataclass(frozen=True, slots=True)
class PriceChange:
    """The new unit price of a line item since a day, as a ratio to the old one (1.1: 10% more)."""

    connection: str
    model: str | None
    sku: str | None
    ratio: Decimal
    since: date


@dataclass(frozen=True, slots=True)
class Prices:
    """What is known about unit prices of the line items that exist in both periods.

    `partly`: none changed, but not all could be checked. `unknown`: the figures don't show it.
    """

    seen: PricesSeen
    changes: tuple[PriceChange, ...] = ()
    """Largest effect first."""


@dataclass(frozen=True, slots=True)
class PriceStep:
    """One price before a day, and another since."""

    since: date
    ratio: Fraction


def differing(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the line items whose unit cost differs between the periods, largest effect first."""
    found = [each for each in pairs if each.unit and not each.is_blended and each.price_effect()]
    return sorted(found, key=lambda each: -abs(each.price_effect()))


def steps(days: Sequence[SkuDay]) -> Mapping[Sku, PriceStep]:
    """Return the line items whose price changed exactly once in these days, and stayed."""
    by_sku: dict[Sku, list[SkuDay]] = {}
    for each in days:
        by_sku.setdefault((each.connection, each.sku_id), []).append(each)
    found = {sku: step(sorted(of_one, key=lambda d: d.day)) for sku, of_one in by_sku.items()}
    return {sku: each for sku, each in found.items() if each is not None}


def step(days: Sequence[SkuDay]) -> PriceStep | None:
    """Return the single change of price in ascending days. None if there is none, or if free
    quantities could explain it."""
    prices = [Fraction(each.used) / Fraction(each.quantity) for each in days]
    at = next((n for n, each in enumerate(prices) if not _is_same(each, prices[0])), None)
    if at is None or not all(_is_same(each, prices[at]) for each in prices[at:]):
        return None
    sides = [[Fraction(each.quantity) for each in side] for side in (days[:at], days[at:])]
    ratio = prices[at] / prices[0]
    grown = median(sides[1]) / median(sides[0])
    is_opposite = (ratio > 1) != (grown > 1)
    outruns = is_opposite or abs(ratio - 1) > _OUTRUNS * abs(grown - 1)
    if outruns or all(max(side) >= _VARIES * min(side) for side in sides):
        return PriceStep(days[at].day, ratio)
    return None


def prices(pairs: Sequence[Pair], steps: Mapping[Sku, PriceStep]) -> Prices:
    """Return what is known about the prices of line items, given the steps that their days show."""
    both = [each for each in pairs if each.before.priced_nano > 0 and each.now.is_there]
    seen = [each for each in both if each.unit and not each.is_blended]
    differ = differing(seen)
    changed = [each for each in differ if each.sku in steps]
    if changed:
        return Prices("changed", tuple(_change(each, steps[each.sku]) for each in changed))
    if differ or not seen:
        return Prices("unknown")
    return Prices("unchanged" if len(seen) == len(both) else "partly")


def _is_same(one: Fraction, other: Fraction) -> bool:
    return abs(one - other) <= _SAME * other


def _change(each: Pair, step: PriceStep) -> PriceChange:
    connection, _, model, sku, _ = each.identity
    ratio = Decimal(step.ratio.numerator) / Decimal(step.ratio.denominator)
    return PriceChange(connection, model, sku, ratio, step.since)
