"""What a fresh read of some days means for what was known of them: pure, and one day at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.ledger.models import Restatement
from providers.models import Charge, ChargesRead
from providers.money import from_nano, to_nano
from providers.period import DAY, midnight


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knew of a covered day."""

    used: Decimal
    byok_estimate: Decimal
    first_read_at: datetime
    last_read_at: datetime
    last_changed_at: datetime
    denied_at: datetime | None
    """When an empty read of it was last put on record, and not believed."""

    @property
    def empty_since(self) -> datetime | None:
        """Since when every read of it has been empty; None where the last one was not."""
        if self.denied_at is None or self.denied_at <= self.last_read_at:
            return None
        return self.denied_at


@dataclass(frozen=True, slots=True)
class NewDay:
    """A day to be put in place of what was known."""

    day: date
    charges: tuple[Charge, ...]
    used: Decimal
    byok_estimate: Decimal
    first_read_at: datetime
    last_changed_at: datetime


@dataclass(frozen=True, slots=True)
class Replacement:
    """The days that are replaced, and the restatements found."""

    days: tuple[NewDay, ...]
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


def replace(
    connection: str,
    settling_days: int,
    known: Mapping[date, Known],
    read: Mapping[date, list[Charge]],
    now: datetime,
) -> Replacement:
    """Take over every day of the read.

    A total that changed after its day had ended is a restatement; it was settled if it had been
    read `settling_days` or more after the day's end.
    """
    days, restatements = [], []
    for day, charges in read.items():
        was = known.get(day)
        new = _new_day(day, charges, was, now)
        days.append(new)
        if was is not None and was.used != new.used and was.last_read_at >= _end(day):
            settled = was.last_read_at >= _end(day) + DAY * settling_days
            restatements.append(
                Restatement(connection, day, was.used, new.used, now, was_settled=settled)
            )
    return Replacement(tuple(days), tuple(restatements))


def doubt_empty(
    connection: str,
    settling_days: int,
    known: Mapping[date, Known],
    read: Mapping[date, list[Charge]],
    now: datetime,
    empty_by: datetime | None,
) -> tuple[dict[date, list[Charge]], tuple[Restatement, ...]]:
    """Leave out of the read the days that had cost and now read empty; but not those that have
    read empty ever since `empty_by` or longer.

    Those that have ended are told as restatements that were not followed, once each.
    """
    believed: dict[date, list[Charge]] = {}
    denied = []
    for day, charges in read.items():
        was = known.get(day)
        has_cost = any(to_nano(charge.effective_cost) for charge in charges)
        if was is None or not was.used or has_cost or _is_empty_by(was, empty_by):
            believed[day] = charges
        elif now >= _end(day) and was.empty_since is None:
            settled = was.last_read_at >= _end(day) + DAY * settling_days
            denied.append(
                Restatement(
                    connection, day, was.used, Decimal(0), now, was_settled=settled, was_kept=True
                )
            )
    return believed, tuple(denied)


def _is_empty_by(was: Known, moment: datetime | None) -> bool:
    return moment is not None and was.empty_since is not None and was.empty_since <= moment


def _new_day(day: date, charges: list[Charge], was: Known | None, now: datetime) -> NewDay:
    used = from_nano(sum(to_nano(charge.effective_cost) for charge in charges))
    byok = from_nano(sum(to_nano(charge.x_byok_estimate) for charge in charges))
    is_same = was is not None and (was.used, was.byok_estimate) == (used, byok)
    return NewDay(
        day=day,
        charges=tuple(charges),
        used=used,
        byok_estimate=byok,
        first_read_at=was.first_read_at if was else now,
        last_changed_at=was.last_changed_at if was and is_same else now,
    )


def _end(day: date) -> datetime:
    return midnight(day) + DAY
