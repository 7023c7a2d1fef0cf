"""Compare a new read with the ledger, one day at a time. Pure."""

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
"""The breakdowns computed from charges, with the id that each uses."""


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """A day that replaces the stored one."""

    day: date
    charges: tuple[Charge, ...]
    used: Decimal
    byok_estimate: Decimal
    first_read_at: datetime
    last_changed_at: datetime

    def items(self, item_of: Callable[[Charge], str | None]) -> Iterator["ItemSum"]:
        """Yield the sums of the charges by item. They add up to the charges' total, each rounded to
        the nano-dollar.

        They are stored, so that an answer about a month adds a few rows per day, however many
        charges there were.
        """
        items: dict[str | None, list[Charge]] = defaultdict(list)
        for charge in self.charges:
            items[item_of(charge)].append(charge)
        return (_item_sum(item_id, charges) for item_id, charges in items.items())


@dataclass(frozen=True, slots=True)
class ItemSum:
    """One item's share of a day. The quantity is known only if each of its charges has one, all in
    the same unit."""

    item_id: str | None
    effective_cost: Decimal
    quantity: Decimal | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """The days to replace, and the restatements found."""

    days: tuple[ReconciledDay, ...]
    restatements: tuple[Restatement, ...]


def by_day(read: ChargesRead) -> dict[date, list[Charge]]:
    """Return the charges of each covered day.

    Raises `ValueError` for an invalid read: a day outside its period, a charge on a day it does not
    cover, or two charges for one thing on one day.
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
    """Return the read's covered days, and what changed in them after they had ended.

    `rejected_at`: when an empty read of each day was last recorded and rejected.

    A changed total is a restatement. It counts as settled if the day had been read `settling_days`
    or more after its end. A day that had cost and now reads empty is kept; that is one restatement
    too (`was_kept`). It is accepted if it has read empty since `confirmed_empty_before` or longer.
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
    """Return True if a day that had cost reads empty now, and hasn't done so long enough to be
    accepted."""
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
