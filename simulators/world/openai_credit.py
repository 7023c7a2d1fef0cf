"""Prepaid credit at OpenAI, which the API doesn't report, used to the second."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from providers.money import total
from simulators.world.usage import FOREVER

YEAR = timedelta(days=365)


@dataclass(slots=True)
class _Lot:
    at: datetime
    amount: Decimal
    expires_at: datetime


class PrepaidCredit:
    """Lots of bought credit. The one that expires first is used first."""

    def __init__(self, used_between: Callable[[datetime, datetime], Decimal]) -> None:
        self._used_between = used_between
        self._lots: list[_Lot] = []

    @property
    def is_bought(self) -> bool:
        """Return True if any credit was ever bought."""
        return bool(self._lots)

    @property
    def since(self) -> datetime:
        """Return when the first credit was bought."""
        return min(lot.at for lot in self._lots)

    def buy(self, amount: Decimal, at: datetime, lasting: timedelta = YEAR) -> None:
        """Buy credit. What is unused after `lasting` expires."""
        self._lots.append(_Lot(at, amount, at + lasting))

    def next_purchase(self, after: datetime) -> datetime:
        """Return when use may continue after it stopped."""
        return min((lot.at for lot in self._lots if lot.at > after), default=FOREVER)

    def left(self, until: datetime) -> Decimal:
        """Return what is left at a moment; a little below zero after the credit is used up."""
        moments = sorted(
            {
                *(lot.at for lot in self._lots if lot.at < until),
                *(lot.expires_at for lot in self._lots if lot.expires_at < until),
            }
        )
        open_lots: list[_Lot] = []
        owed = Decimal(0)
        for begin, end in zip(moments, [*moments[1:], until], strict=True):
            open_lots = [lot for lot in open_lots if lot.expires_at > begin]
            open_lots += [
                _Lot(lot.at, lot.amount, lot.expires_at) for lot in self._lots if lot.at == begin
            ]
            open_lots.sort(key=lambda lot: lot.expires_at)
            owed = _pay(open_lots, total((owed, self._used_between(begin, end))))
        gone = [lot for lot in open_lots if lot.expires_at <= until]
        return total((*(lot.amount for lot in open_lots if lot not in gone), -owed))


def _pay(lots: list[_Lot], cost: Decimal) -> Decimal:
    """Take a cost from the lots in turn; return the rest that they don't cover."""
    for lot in lots:
        part = min(cost, lot.amount)
        lot.amount = total((lot.amount, -part))
        cost = total((cost, -part))
    return cost
