"""The Acme adapter: a row for each day, team and model, or user; a balance; a cap. No keys, names
or hours."""

from datetime import datetime

from providers.base import Provider
from providers.errors import CredentialRejected
from providers.http import Http
from providers.models import (
    BreakdownDimension,
    BreakdownItem,
    Charge,
    ChargesRead,
    ItemsRead,
    PrepaidBalance,
    Probe,
    ProviderLimit,
)
from providers.parsing import Fields, day, fields, items, required_amount, text
from providers.period import Period, utc_day
from providers.refusal import Meanings

_WHAT = "Acme AI's spend"
_MEANINGS: Meanings = {
    "token_retired": (CredentialRejected, "Make a token at acme.example/tokens.")
}


def connect(http: Http) -> "Acme":
    """An account, seen with one token."""
    own = http.with_key_in("X-Acme-Token").with_headers(acme_version="7")
    return Acme(own.with_meanings(_MEANINGS))


class Acme(Provider):
    """One Acme account; see `providers.base.Provider`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def probe(self, now: datetime) -> Probe:
        """Ask for the running day."""
        await self.charges(Period.of_day(utc_day(now)), now)
        return Probe("acme-1", "billing token", can_read_charges=True, can_read_balance=True)

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Return all rows of the period."""
        period = period.until(utc_day(now))
        rows = await self._rows("/spend", period)
        charges = [
            Charge(
                charge_period_start=day(row.get("day"), _WHAT),
                effective_cost=required_amount(row, "dollars", _WHAT),
                sub_account_id=text(row, "team"),
                sku_id=text(row, "model"),
                x_model=text(row, "model"),
            )
            for row in rows
        ]
        return ChargesRead(period, charges, frozenset(period))

    async def breakdown(
        self, period: Period, by: BreakdownDimension, now: datetime
    ) -> ItemsRead[BreakdownItem]:
        """Return what each user spent."""
        assert by == "user"
        rows = await self._rows("/people", period.until(utc_day(now)))
        found = [
            BreakdownItem(
                day(row.get("day"), _WHAT),
                text(row, "login"),
                text(row, "name"),
                required_amount(row, "dollars", _WHAT),
            )
            for row in rows
        ]
        return ItemsRead(found)

    async def balance(self, now: datetime) -> PrepaidBalance:
        """Return what is left."""
        row = fields(await self._http.get("/credit"), "Acme AI's credit")
        return PrepaidBalance(required_amount(row, "left", "Acme AI's credit"))

    async def _rows(self, path: str, period: Period) -> list[Fields]:
        params = [("from", period.start.isoformat()), ("to", period.end.isoformat())]
        answer = fields(await self._http.get(path, params), _WHAT)
        return [fields(row, _WHAT) for row in items(answer.get("rows"), _WHAT)]

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return the one cap."""
        row = fields(await self._http.get("/cap"), "Acme AI's cap")
        cap = ProviderLimit(
            kind="fleet_cap",
            scope_id="fleet",
            scope_name=None,
            amount=required_amount(row, "dollars", "Acme AI's cap"),
            used=required_amount(row, "used", "Acme AI's cap"),
            consequence="Acme AI slows every request down",
            interval="month",
            is_hard=True,
            is_enforcing=False,
        )
        return ItemsRead([cap])
