"""Prepaid balances: as they are stored, computed from a declared one if the API reports none, and
readings that contradict themselves. Pure.

A computed balance is the declared balance, plus purchases since, less the ledger's cost since, less
purchases that expired unused. Credit that expires sooner is used first, as providers do.

A provider that reports only what is left gets its totals here, counted from the first reading: each
fall of the balance is usage, each rise is bought credit. A purchase hides what was used since the
reading before it, and credit that expires looks like use, so these totals are estimates. The
identity bought − used = left holds for every reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.db.models import Balance, DeclaredBalance
from bot.ledger.models import BalanceReading, Connection, DayFigure
from providers.models import PrepaidBalance
from providers.money import total
from providers.period import DAY, Period, midnight, utc_day

_NEVER = date.max
_STILL_RUNNING = timedelta(minutes=30)
_STILL_RUNNING_COST = Decimal(1)
"""Requests that run while a balance reaches zero are charged later: for this long, and up to this
many dollars."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of the credit of one declaration."""

    amount: Decimal
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A computed balance, and what it is computed from."""

    balance: DeclaredBalance
    """The last declared balance; earlier declarations don't count."""
    remaining: Decimal | None
    """None if the ledger lacks a day since then."""
    bought: Decimal
    used: Decimal
    expired: Decimal
    lots: tuple[Lot, ...]
    """What is left, soonest expiry first."""
    missing_days: tuple[date, ...]

    def reading(self, read_at: datetime) -> BalanceReading | None:
        """Return it as a balance read by that time; None if it is unknown."""
        if self.remaining is None:
            return None
        return BalanceReading(
            connection=self.balance.connection,
            read_at=read_at,
            remaining=self.remaining,
            total_credits=total((self.balance.amount, self.bought, -self.expired)),
            total_usage=self.used,
            is_estimated=True,
        )

    @property
    def expiring(self) -> tuple[tuple[date, Decimal], ...]:
        """Return the days on which parts of the balance expire, and those parts."""
        return tuple((lot.expires_on, lot.amount) for lot in self.lots if lot.expires_on)


def basis(declared: Sequence[DeclaredBalance]) -> DeclaredBalance | None:
    """Return the latest declared balance, from which an estimate starts."""
    balances = [each for each in declared if each.kind == "balance"]
    return max(balances, key=_order, default=None)


def estimate(
    declared: Sequence[DeclaredBalance], days: Sequence[DayFigure], now: datetime
) -> Estimate | None:
    """Return the computed balance of one connection. `days` are its covered days since the last
    declared balance, including the running day as far as it is published. None if no balance was
    declared."""
    balance = basis([each for each in declared if each.at <= now])
    if balance is None:
        return None
    purchases = [
        each
        for each in declared
        if each.kind == "purchase" and _order(each) > _order(balance) and each.at <= now
    ]
    first, today = utc_day(balance.at), utc_day(now)
    costs = {day.day: day.used for day in days if day.connection == balance.connection}
    missing = tuple(day for day in Period(first, max(first, today)) if day not in costs)
    account = _Account(Lot(balance.amount, balance.expires_on))
    for day in Period(first, max(first, today) + DAY):
        for purchase in purchases:
            if utc_day(purchase.at) == day:
                account.buy(Lot(purchase.amount, purchase.expires_on))
        account.expire(day)
        used_before = balance.used_before if day == first else Decimal(0)
        account.use(costs.get(day, Decimal(0)) - used_before)
    return Estimate(
        balance=balance,
        remaining=None if missing else account.left,
        bought=total(each.amount for each in purchases),
        used=account.used,
        expired=account.expired,
        lots=tuple(account.lots),
        missing_days=missing,
    )


def _order(declared: DeclaredBalance) -> tuple[datetime, int]:
    return declared.at, declared.id


class _Account:
    """Credit in lots, used in the order of expiry. Use beyond it is a debt."""

    def __init__(self, lot: Lot) -> None:
        self.lots: list[Lot] = []
        self.used = Decimal(0)
        self.expired = Decimal(0)
        self._owed = Decimal(0)
        self.buy(lot)

    @property
    def left(self) -> Decimal:
        return total((*(lot.amount for lot in self.lots), -self._owed))

    def buy(self, lot: Lot) -> None:
        paid = min(self._owed, max(lot.amount, Decimal(0)))
        self._owed = total((self._owed, -paid))
        amount = total((lot.amount, -paid))
        if amount < 0:
            self._owed = total((self._owed, -amount))
        elif amount:
            self.lots.append(Lot(amount, lot.expires_on))
            self.lots.sort(key=lambda each: each.expires_on or _NEVER)

    def expire(self, day: date) -> None:
        gone = [lot for lot in self.lots if lot.expires_on is not None and lot.expires_on <= day]
        self.expired = total((self.expired, *(lot.amount for lot in gone)))
        self.lots = [lot for lot in self.lots if lot not in gone]

    def use(self, amount: Decimal) -> None:
        self.used = total((self.used, amount))
        if amount < 0:
            self.buy(Lot(-amount, None))
            return
        rest = amount
        while rest and self.lots:
            lot = self.lots[0]
            taken = min(rest, lot.amount)
            rest = total((rest, -taken))
            kept = total((lot.amount, -taken))
            self.lots[:1] = [Lot(kept, lot.expires_on)] if kept else []
        self._owed = total((self._owed, rest))


def contradiction(
    connection: Connection, readings: Sequence[BalanceReading], days: Sequence[DayFigure]
) -> str | None:
    """Return why the last reading can't be the balance; None if nothing contradicts it.

    `readings`: one connection's readings, oldest first. `days`: its recent days, including the
    running one. Most providers report bought credit only, not granted credit.
    """
    title = connection.title
    if not readings or readings[-1].is_estimated or connection.reports_all_credit:
        return None
    last = readings[-1]
    if last.total_credits <= 0:
        if last.total_usage > 0 or any(day.used > 0 for day in days):
            return _granted(title, "credit is being used, but none was ever bought")
        return None
    if last.remaining > 0:
        return None
    used = next((day.used for day in sorted(days, key=_date, reverse=True) if day.used > 0), None)
    if used is not None and -last.remaining > used + _STILL_RUNNING_COST:
        return _granted(title, "use continued for days after the credit bought ran out")
    first = _first_at_zero(readings)
    grown = last.total_usage - first.total_usage
    is_late = last.read_at - first.read_at > _STILL_RUNNING
    after = first.read_at + _STILL_RUNNING
    if grown > (0 if is_late else _STILL_RUNNING_COST) or any(
        day.used > 0 and midnight(day.day) >= after for day in days
    ):
        return _granted(title, "the credit bought ran out, but use continues")
    return None


def _date(figure: DayFigure) -> date:
    return figure.day


def _first_at_zero(readings: Sequence[BalanceReading]) -> BalanceReading:
    first = readings[-1]
    for reading in reversed(readings):
        if reading.remaining > 0:
            break
        first = reading
    return first


def _granted(title: str, why: str) -> str:
    return (
        f"The balance of {title} can't be right: {why}. The account may have granted credit, which "
        f"{title} doesn't report. Check its website."
    )


def to_store(
    connection: str, read: PrepaidBalance, last: BalanceReading | None, now: datetime
) -> Balance:
    """Return the row for a balance that was read. `last`: the reading before it."""
    currency, remaining = _followed(read, last)
    credits_, usage = _totals(read, remaining, last if last and last.currency == currency else None)
    amounts = {read.currency: read.remaining, **read.others}
    others = [f"{amounts[each]:,.2f} {each}" for each in sorted(amounts) if each != currency]
    also = [f"Also {each}." for each in others if not each.startswith("0.00 ")]
    return Balance(
        connection=connection,
        read_at=now,
        remaining=remaining,
        total_credits=credits_,
        total_usage=usage,
        currency=currency,
        note=" ".join([*([read.note] if read.note else []), *also]) or None,
    )


def _followed(read: PrepaidBalance, last: BalanceReading | None) -> tuple[str, Decimal]:
    """Return the currency that is followed, with its amount. It stays that of the last reading
    until that was used up, so that the end of a balance is seen before another one is followed."""
    amounts = {read.currency: read.remaining, **read.others}
    if last is not None and last.currency in amounts:
        amount = amounts[last.currency]
        if amount > 0 or last.remaining > 0:
            return last.currency, amount
    return read.currency, read.remaining


def _totals(
    read: PrepaidBalance, remaining: Decimal, last: BalanceReading | None
) -> tuple[Decimal, Decimal]:
    """Return all credit bought and all usage."""
    if read.total_credits is not None and read.total_usage is not None:
        return read.total_credits, read.total_usage
    if last is None:
        return remaining, Decimal(0)
    change = total((remaining, -last.remaining))
    return (
        total((last.total_credits, max(change, Decimal(0)))),
        total((last.total_usage, max(-change, Decimal(0)))),
    )
