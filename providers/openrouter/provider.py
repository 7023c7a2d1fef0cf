"""The OpenRouter adapter: which requests an answer needs."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from providers.base import Provider
from providers.concurrency import ONE_ROUND, TTLCache, gather_limited
from providers.errors import (
    AddressNotAllowed,
    HistoryNotServed,
    NotFound,
    PermissionMissing,
    ProviderError,
    RequestRefused,
    Unavailable,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.hours import HoursRead, hours_read, whole_hour
from providers.http import Http
from providers.models import (
    BreakdownDimension,
    BreakdownItem,
    ChargesRead,
    ItemsRead,
    Name,
    PrepaidBalance,
    Probe,
    ProviderLimit,
)
from providers.openrouter import limits, mapper, users
from providers.openrouter.client import KEY_REMEDY, OpenRouterClient, needs_management_key
from providers.openrouter.usage import (
    breakdown_by_day,
    charges_by_day,
    charges_of_completed_days,
    costs_by_hour,
)
from providers.parsing import Fields, moment, required_flag, text, text_if_any
from providers.period import DAY, Period, utc_day

_KEYS_SECONDS = 30.0
"""Timeout for the keys of all workspaces, which take a request each."""
_MEMBERS_LAST = timedelta(days=1)
HISTORY_DAYS = 365
"""How far back analytics serves its main cost metrics, including the running day."""


def connect(http: Http) -> "OpenRouter":
    """Return an adapter for one key."""
    return OpenRouter(OpenRouterClient(http))


class OpenRouter(Provider):
    """One OpenRouter account; see `providers.base.Provider`."""

    def __init__(self, client: OpenRouterClient) -> None:
        self._client = client
        self._own_key = TTLCache(client.key, lasts=timedelta(minutes=10))
        self._keys = TTLCache(self._list_keys, lasts=ONE_ROUND)
        self._members = TTLCache(self._list_members, lasts=_MEMBERS_LAST)

    async def probe(self, now: datetime) -> Probe:
        """Read what the key is, and check that the account's balance is plausible."""
        self._own_key.forget()
        key = await self._own_key.get(now)
        is_management = _is_management(key)
        notes = []
        if not is_management:
            notes.append(f"It can only read its own usage, not the account's. {KEY_REMEDY}")
        elif await self._runs_on_granted_credit():
            notes.append(
                "Credit is being used, but none was ever bought. The account may have granted "
                "credit, which OpenRouter doesn't report. Its balance is unknown."
            )
        return Probe(
            account=text_if_any(key, "organization_id") or text_if_any(key, "creator_user_id"),
            kind="management key" if is_management else "inference key",
            can_read_charges=is_management,
            can_read_balance=is_management,
            notes=notes,
            expires_at=moment(key, "expires_at", "OpenRouter's key"),
        )

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Return credits used by model, from analytics; if that fails and the days are recent
        enough, from the activity of completed days.

        A completed day without a row cost nothing; a running day without one is not published.
        """
        await self._refuse_inference_key("charges", now)
        period = period.until(utc_day(now))
        today = utc_day(now)
        _check_served(period, today)
        try:
            read = await charges_by_day(self._client, period)
        except (AddressNotAllowed, HistoryNotServed):
            raise
        except (Unavailable, PermissionMissing, RequestRefused, UnexpectedResponse) as error:
            return await charges_of_completed_days(self._client, period, today, error)
        published = {charge.charge_period_start for charge in read.items}
        covered = frozenset(
            day
            for day in period
            if day not in read.unreadable and (day != today or day in published)
        )
        return ChargesRead(period, read.items, covered, unreadable=read.unreadable)

    async def breakdown(
        self, period: Period, by: BreakdownDimension, now: datetime
    ) -> ItemsRead[BreakdownItem]:
        """Return credits used by key or user, from analytics. Where users are refused to a
        management key, they are absent, which is no fault."""
        await self._refuse_inference_key("charges", now)
        period = period.until(utc_day(now))
        _check_served(period, utc_day(now))
        members: ItemsRead[Fields] = ItemsRead(())
        if by == "user":
            members = await self._members.get(now)
            user_of = users.user_of(members.items)
            try:
                read = await breakdown_by_day(self._client, period, "user", user_of)
            except (AddressNotAllowed, WrongKeyKind):
                raise
            except (PermissionMissing, RequestRefused):
                return ItemsRead((), is_absent=True)
        else:
            read = await breakdown_by_day(self._client, period, "api_key_id", mapper.key_of)
        faults = [f"{day}: {reason}" for day, reason in sorted(read.unreadable.items())]
        return ItemsRead(read.items, [*faults, *members.not_read])

    async def user_addresses(self, now: datetime) -> Mapping[str, str]:
        """Return the addresses in the list of members, which is read once a day."""
        return users.addresses((await self._members.get(now)).items)

    async def balance(self, now: datetime) -> PrepaidBalance:
        """Return the account's credits. Only a management key may be used: OpenRouter has answered
        an ordinary one with zeros (observed live 2026-09)."""
        if not _is_management(await self._own_key.get(now)):
            raise needs_management_key("balance")
        return mapper.balance(await self._client.credits())

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return the limits of all active keys, and the budgets that `/key` returns; for an
        inference key only its own."""
        key = await self._own_key.get(now)
        budgets = limits.budgets(key, now)
        if not _is_management(key):
            return ItemsRead.joined([limits.own_limit(key, now), budgets])
        keys = await self._keys.get(now)
        unlisted: ItemsRead[ProviderLimit] = ItemsRead((), keys.not_read, keys.is_partial)
        return ItemsRead.joined([limits.key_limits(keys.items, now), unlisted, budgets])

    async def names(self, projects: Collection[str], now: datetime) -> ItemsRead[Name]:
        """Return names of the keys of all workspaces, including disabled and expired ones."""
        del projects
        await self._refuse_inference_key("key names", now)
        keys = await self._keys.get(now)
        unlisted: ItemsRead[Name] = ItemsRead((), keys.not_read, keys.is_partial)
        return ItemsRead.joined([mapper.key_names(keys.items), unlisted])

    async def hours(self, start: datetime, now: datetime) -> HoursRead:
        """Return credits used by model, from analytics."""
        await self._refuse_inference_key("charges", now)
        end = whole_hour(now)
        read = await costs_by_hour(self._client, start, end)
        return hours_read(start, end, read.items, read.unreadable)

    async def _runs_on_granted_credit(self) -> bool:
        try:
            balance = mapper.balance(await self._client.credits())
        except ProviderError:
            return False
        bought, used = balance.total_credits, balance.total_usage
        return bought is not None and used is not None and bought <= 0 < used

    async def _list_members(self) -> ItemsRead[Fields]:
        """Return the members of the organization; none if they can't be listed, as those of an
        account of one person. Any other error is raised: users would have another id until the next
        read."""
        try:
            return await self._client.members()
        except AddressNotAllowed:
            raise
        except (PermissionMissing, RequestRefused, NotFound):
            return ItemsRead(())

    async def _list_keys(self) -> ItemsRead[Fields]:
        """Return the keys of every workspace, or of the default one if workspaces can't be listed.
        Raises the first error if no workspace's keys can be read."""
        try:
            workspaces = await self._client.workspaces()
        except (PermissionMissing, RequestRefused, NotFound):
            return await self._client.keys(None)
        titles = {
            text(row, "id"): f"keys of workspace {text_if_any(row, 'name') or row.get('id')}"
            for row in workspaces.items or [{}]
        }
        read = await gather_limited(self._client.keys, titles, _KEYS_SECONDS)
        unlisted: ItemsRead[Fields] = ItemsRead((), workspaces.not_read)
        joined = ItemsRead.joined([unlisted, ItemsRead.gathered(titles, read)])
        by_hash = {text(key, "hash"): key for key in joined.items}
        return replace(joined, items=list(by_hash.values()))

    async def _refuse_inference_key(self, what: str, now: datetime) -> None:
        """Raise an error early if the key is known to be of the wrong kind. If the key can't be
        read now, OpenRouter refuses the following request itself."""
        try:
            is_management = _is_management(await self._own_key.get(now))
        except ProviderError as error:
            if error.is_permanent:
                raise
            return
        if not is_management:
            raise needs_management_key(what)


def _is_management(key: Fields) -> bool:
    """Return True for a management key; `is_provisioning_key` is its former name."""
    name = "is_management_key" if "is_management_key" in key else "is_provisioning_key"
    return required_flag(key, name, "OpenRouter's key")


def _check_served(period: Period, today: date) -> None:
    """Raise `HistoryNotServed` for older days: they come without rows, which must not look like
    days without cost."""
    earliest = today - DAY * (HISTORY_DAYS - 1)
    if period.start < earliest:
        raise HistoryNotServed(
            f"OpenRouter reports costs of the last {HISTORY_DAYS} days, from {earliest}",
            earliest=earliest,
        )
