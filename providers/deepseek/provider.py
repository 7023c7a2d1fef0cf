"""The DeepSeek adapter: one request, for the balance.

Facts are from api-docs.deepseek.com (``/user/balance``, error codes, FAQ) unless a comment says
otherwise. There is no endpoint for cost, usage, limits, keys or invoices.
"""

from datetime import datetime

from providers.base import Provider
from providers.deepseek.mapper import balance
from providers.errors import AccountBlocked, CredentialRejected
from providers.http import Http
from providers.models import ChargesRead, PrepaidBalance, Probe
from providers.period import Period, utc_day
from providers.refusal import Meanings

_KEYS_PAGE = "platform.deepseek.com/api_keys"
MEANINGS: Meanings = {
    401: (CredentialRejected, f"Create an API key at {_KEYS_PAGE} and use it here."),
    # Insufficient balance; not established whether this endpoint answers so.
    402: (AccountBlocked, "Add credit at platform.deepseek.com/top_up."),
}


def connect(http: Http) -> "DeepSeek":
    """Return an adapter for one key."""
    return DeepSeek(http.with_meanings(MEANINGS))


class DeepSeek(Provider):
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

    async def balance(self, now: datetime) -> PrepaidBalance:
        """Return what is left in the currency that has money, with what is left in others."""
        del now
        return balance(await self._http.get("/user/balance"))
