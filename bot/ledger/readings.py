"""From a provider's balance to the reading that is stored. Pure.

A provider that reports only what is left gets its totals here, counted from the first reading: each
fall of the balance is usage, each rise is bought credit. A purchase hides what was used since the
reading before it, and credit that expires looks like use, so these totals are estimates. The
identity bought − used = left holds for every reading.
"""

from datetime import datetime
from decimal import Decimal

from bot.db.models import Balance
from bot.ledger.models import BalanceReading
from providers.models import PrepaidBalance
from providers.money import total


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
