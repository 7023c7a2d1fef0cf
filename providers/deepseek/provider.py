"""The DeepSeek adapter: one request, for the balance.

Facts are from api-docs.deepseek.com (``/user/balance``, error codes, FAQ) unless a comment says
otherwise. There is no endpoint for cost, usage, limits, keys or invoices.
"""

from collections.abc import Collection
from datetime import datetime

from providers.deepseek.errors import with_own_errors
from providers.deepseek.mapper import balance
from providers.hours import HoursRead
from providers.http import Http
from providers.models import (
    BreakdownItem,
    ChargesRead,
    Dimension,
    ItemsRead,
    Name,
    PrepaidBalance,
    Probe,
    ProviderLimit,
)
from providers.period import Period, utc_day


def connect(http: Http) -> "DeepSeek":
    """Return an adapter for one key."""
    return DeepSeek(with_own_errors(http))


class DeepSeek:
    """One DeepSeek account; see `providers.base.Provider`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def probe(self, now: datetime) -> Probe:
        """Read the balance. Every key can, and can be used for requests to models too."""
        read = await self.balance(now)
        notes = ["It reports only the balance, no spend. The key can also be used for requests."]
        return Probe(
            account=None,
            kind="API key",
            can_read_charges=False,
            can_read_balance=True,
            notes=notes if read.note is None else [*notes, read.note],
        )

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Return no charge and no covered day: what was spent is unknown, not zero."""
        return ChargesRead(period.until(utc_day(now)), (), frozenset())

    async def breakdown(
        self, period: Period, by: Dimension, now: datetime
    ) -> ItemsRead[BreakdownItem]:
        """Return nothing: there is none."""
        del period, by, now
        return ItemsRead(())

    async def balance(self, now: datetime) -> PrepaidBalance:
        """Return what is left in the currency that has money, with what is left in others."""
        del now
        return balance(await self._http.get("/user/balance"))

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return nothing: there are none."""
        del now
        return ItemsRead(())

    async def names(self, projects: Collection[str], now: datetime) -> ItemsRead[Name]:
        """Return nothing: there are none."""
        del projects, now
        return ItemsRead(())

    async def hours(self, start: datetime, now: datetime) -> HoursRead | None:
        """Return None: there are no figures by the hour."""
        del start, now
        return None
