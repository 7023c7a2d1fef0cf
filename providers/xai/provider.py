"""The xAI adapter: which requests an answer needs."""

import re
from datetime import date, datetime, timedelta

from providers.base import Provider
from providers.concurrency import TTLCache
from providers.errors import UnexpectedResponse, WrongKeyKind
from providers.http import Http
from providers.models import Charge, ChargesRead, ItemsRead, PrepaidBalance, Probe, ProviderLimit
from providers.parsing import fields, required_text
from providers.period import Period, utc_day
from providers.xai import mapper
from providers.xai.client import KEY_REMEDY, XAIClient

WINDOW_DAYS = 31
"""No longest range is documented; clients ask for a month."""
HISTORY_DAYS = 62
"""The running month and the one before. How far back xAI has costs isn't documented, and days that
it no longer has would look like days without cost."""
_GROUPS = ("description",)
_KEY = "xAI's key"
_TEAM_ID = re.compile(r"[A-Za-z0-9-]{1,80}")
_TEAM_LASTS = timedelta(hours=1)


def connect(http: Http) -> "XAI":
    """Return an adapter for one key."""
    return XAI(XAIClient(http))


class XAI(Provider):
    """One xAI team; see `providers.base.Provider`."""

    def __init__(self, client: XAIClient) -> None:
        self._client = client
        self._team = TTLCache(self._read_team, lasts=_TEAM_LASTS)

    async def probe(self, now: datetime) -> Probe:
        """Read the key's team, and the running day's costs, which the key is for."""
        team = await self._team.get(now)
        await self.charges(Period.of_day(utc_day(now)), now)
        return Probe(team, "management key", can_read_charges=True, can_read_balance=True)

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Return costs by description: the model, or what else was sold.

        A completed day that costs nothing has a zero; a running day without cost is not published.
        """
        period, today = period.until(utc_day(now)), utc_day(now)
        team = await self._team.get(now)
        found: list[Charge] = []
        covered: set[date] = set()
        unreadable: dict[date, str] = {}
        for window in period.windows(WINDOW_DAYS):
            read = await self._used(team, window)
            found += mapper.charges(read)
            unreadable |= read.unreadable
            known = read.days if read.has_series else set(window)
            unreadable |= {
                day: "xAI's usage has no figure for it"
                for day in window
                if day not in known and day < today and day not in read.unreadable
            }
            covered |= known & set(window)
        used = {charge.charge_period_start for charge in found}
        published = {day for day in covered if day != today or day in used}
        return ChargesRead(
            period, found, frozenset(published - unreadable.keys()), unreadable=unreadable
        )

    async def balance(self, now: datetime) -> PrepaidBalance:
        """Return what is left of prepaid credit, with this month's use taken off."""
        team = await self._team.get(now)
        preview = await self._client.invoice_preview(team)
        return mapper.balance(preview, await self._client.balance_changes(team))

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return the limit of a month's use beyond prepaid credit."""
        team = await self._team.get(now)
        found = await self._client.spending_limits(team)
        preview = await self._client.invoice_preview(team)
        return ItemsRead(mapper.limits(found, preview, now))

    async def _used(self, team: str, window: Period) -> mapper.Used:
        """Return a window's costs by description; only their total if there are too many."""
        read = mapper.used(await self._client.usage(team, window, _GROUPS), window)
        if read.is_partial:
            read = mapper.used(await self._client.usage(team, window, ()), window)
        if read.is_partial:
            raise UnexpectedResponse("xAI's usage: even the total is said to be a part")
        return read

    async def _read_team(self) -> str:
        key = fields(await self._client.key(), _KEY)
        if required_text(key, "scope", _KEY) != "SCOPE_TEAM":
            raise WrongKeyKind("This management key isn't of one team.", remedy=KEY_REMEDY)
        team = required_text(key, "teamId", _KEY)
        if not _TEAM_ID.fullmatch(team):  # it becomes a part of every path
            raise UnexpectedResponse(f"{_KEY}: teamId isn't an id")
        return team
