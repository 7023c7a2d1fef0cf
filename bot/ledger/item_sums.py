"""A day's charges summed by model and by project, once, when the day is kept.

So an answer about a month adds up a few rows a day, however many charges there were.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from providers.models import Charge
from providers.money import from_nano, to_nano, total

ITEM_OF: Mapping[str, Callable[[Charge], str | None]] = {
    "model": lambda charge: charge.x_model,
    "project": lambda charge: charge.sub_account_id,
}
"""The cuts that charges carry, and what each of them goes by."""


@dataclass(frozen=True, slots=True)
class ItemSum:
    """One item's part of a day. The quantity is known only where each of its charges has one, all
    in the same unit."""

    item_id: str | None
    effective_cost: Decimal
    quantity: Decimal | None
    unit: str | None


def sums(charges: Sequence[Charge], item_of: Callable[[Charge], str | None]) -> list[ItemSum]:
    """The charges' sums by item; they add up to the charges' own, each rounded to the nano."""
    items: dict[str | None, list[Charge]] = defaultdict(list)
    for charge in charges:
        items[item_of(charge)].append(charge)
    return [_sum(item_id, its_charges) for item_id, its_charges in items.items()]


def _sum(item_id: str | None, charges: Sequence[Charge]) -> ItemSum:
    cost = from_nano(sum(to_nano(charge.effective_cost) for charge in charges))
    units = {charge.consumed_unit for charge in charges}
    quantities = [
        charge.consumed_quantity for charge in charges if charge.consumed_quantity is not None
    ]
    if len(quantities) < len(charges) or len(units) > 1:
        return ItemSum(item_id, cost, None, None)
    return ItemSum(item_id, cost, total(quantities), units.pop())
