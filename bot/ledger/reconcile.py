"""What a new read of some days means for what was known of them: pure, and one day at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.db.models import Restatement
from bot.ledger.models import DayFigure
from providers.models import Charge, ChargesRead
from providers.money import from_nano, to_nano, total
from providers.period import DAY, midnight

ITEM_OF: Mapping[str, Callable[[Charge], str | None]] = {
    "model": lambda charge: charge.x_model,
    "project": lambda charge: charge.sub_account_id,
}
"""The breakdowns that charges carry, and what each of them goes by."""


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """A day to be put in place of what was known."""

    day: date
    charges: tuple[Charge, ...]
    used: Decimal
    byok_estimate: Decimal
    first_read_at: datetime
    last_changed_at: datetime

    def items(self, item_of: Callable[[Charge], str | None]) -> Iterator["ItemSum"]:
        """The charges' sums by item; they add up to the charges' own, each rounded to the nano.

        They are stored, so that an answer about a month adds up a few rows a day, however many
        charges there were.
        """
        items: dict[str | None, list[Charge]] = defaultdict(list)
        for charge in self.charges:
            items[item_of(charge)].append(charge)
        return (_item_sum(item_id, charges) for item_id, charges in items.items())


@dataclass(frozen=True, slots=True)
class ItemSum:
    """One item's part of a day. The quantity is known only where each of its charges has one, all
    in the same unit."""

    item_id: str | None
    effective_cost: Decimal
    quantity: Decimal | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """The days that are replaced, and the restatements found."""

    days: tuple[ReconciledDay, ...]
    restatements: tuple[Restatement, ...]


def by_day(read: ChargesRead) -> dict[date, list[Charge]]:
    """The charges of each covered day.

    Raises `ValueError` for a read that breaks its own contract: a day outside its period, a charge
    on a day it does not cover, or two charges for one thing on one day.
    """
    if any(day not in read.period for day in read.covered):
        raise ValueError(f"a read of {read.period} covers a day outside it")
    days: dict[date, list[Charge]] = {day: [] for day in sorted(read.covered)}
    seen = set()
    for charge in read.charges:
        if charge.charge_period_start not in days:
            raise ValueError(f"a charge on {charge.charge_period_start}, which is not covered")
        days[charge.charge_period_start].append(charge)
        seen.add((charge.charge_period_start, charge.sub_account_id, charge.sku_id))
    if len(seen) != len(read.charges):
        raise ValueError("two charges for one thing on one day")
    return days


def reconcile(
    connection: str,
    settling_days: int,
    stored: Mapping[date, DayFigure],
    rejected_at: Mapping[date, datetime],
    read: ChargesRead,
    now: datetime,
    confirmed_empty_before: datetime | None,
) -> Replacement:
    """The read's covered days, and what changed in them after they had ended.

    `rejected_at`: when an empty read of a day was last put on record, and not believed.

    A total that changed is a restatement; it was settled if it had been read `settling_days` or
    more after the day's end. A day that had cost and now reads empty is left as it was, which is a
    restatement too (`was_kept`), once; but not one that has read empty ever since
    `confirmed_empty_before` or longer.
    """
    days: list[ReconciledDay] = []
    restatements: list[Restatement] = []
    for day, charges in by_day(read).items():
        was = stored.get(day)
        new = _new_day(day, charges, was, now)
        empty_since = rejected_at.get(day)
        if was is None or (empty_since and empty_since <= was.last_read_at):
            empty_since = None  # a later read was not empty
        is_suspect = was is not None and _is_suspect(was, new, empty_since, confirmed_empty_before)
        if not is_suspect:
            days.append(new)
        if was is None or was.used == new.used:
            continue
        end = midnight(day + DAY)
        is_found = now >= end and empty_since is None if is_suspect else was.last_read_at >= end
        if is_found:
            restatements.append(
                Restatement(
                    connection=connection,
                    day=day,
                    before=was.used,
                    after=new.used,
                    found_at=now,
                    was_settled=was.last_read_at >= end + DAY * settling_days,
                    was_kept=is_suspect,
                )
            )
    return Replacement(tuple(days), tuple(restatements))


def _is_suspect(
    was: DayFigure,
    new: ReconciledDay,
    empty_since: datetime | None,
    confirmed_empty_before: datetime | None,
) -> bool:
    """Whether a day that had cost reads empty now, and not for long enough to be believed."""
    if not was.used or any(to_nano(charge.effective_cost) for charge in new.charges):
        return False
    if confirmed_empty_before is None or empty_since is None:
        return True
    return empty_since > confirmed_empty_before


def _new_day(
    day: date, charges: Sequence[Charge], was: DayFigure | None, now: datetime
) -> ReconciledDay:
    used = from_nano(sum(to_nano(charge.effective_cost) for charge in charges))
    byok = from_nano(sum(to_nano(charge.x_byok_estimate) for charge in charges))
    is_same = was is not None and (was.used, was.byok_estimate) == (used, byok)
    return ReconciledDay(
        day=day,
        charges=tuple(charges),
        used=used,
        byok_estimate=byok,
        first_read_at=was.first_read_at if was else now,
        last_changed_at=was.last_changed_at if was and is_same else now,
    )


def _item_sum(item_id: str | None, charges: Sequence[Charge]) -> ItemSum:
    cost = from_nano(sum(to_nano(charge.effective_cost) for charge in charges))
    units = {charge.consumed_unit for charge in charges}
    quantities = [
        charge.consumed_quantity for charge in charges if charge.consumed_quantity is not None
    ]
    if len(quantities) < len(charges) or len(units) > 1:
        return ItemSum(item_id, cost, None, None)
    return ItemSum(item_id, cost, total(quantities), units.pop())
