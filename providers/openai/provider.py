"""The OpenAI adapter: which requests an answer needs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from providers.base import NAMES_SECONDS, Provider
from providers.concurrency import TTLCache, gather_limited
from providers.errors import NotFound, PermissionMissing, ProviderError, RequestRefused
from providers.hours import HoursRead, HourTokens, hours_read, whole_hour
from providers.http import Http
from providers.models import (
    BreakdownDimension,
    BreakdownItem,
    ChargesRead,
    ItemsRead,
    Name,
    Probe,
    ProviderLimit,
)
from providers.openai import mapper
from providers.openai.client import OpenAIClient
from providers.openai.costs import WINDOW_DAYS, DaysRead, read_days
from providers.openai.limits import SpendLimits
from providers.openai.usage import BETA_ENDPOINTS, ENDPOINTS, read_hours
from providers.parsing import Fields
from providers.period import DAY, Period, utc_day

KEY_HISTORY_STARTS = date(2025, 12, 6)
"""OpenAI refuses costs by key for any day before this (observed live 2026-08)."""
_COLUMNS: Mapping[BreakdownDimension, str] = {"key": "api_key_id", "user": "user_id"}
"""Asked for one at a time: OpenAI may refuse users together with projects (documented 2026-11)."""
_PROJECTS_LAST = timedelta(minutes=50)
"""Lifetime of the list of projects, which names and limits use once an hour."""
_KEYS_LAST = timedelta(days=1)
"""Keys of a project take a request each. A renamed key shows its new name a day later."""
_USERS_LAST = timedelta(days=1)
_FAILURE_LASTS = timedelta(minutes=50)


def connect(http: Http) -> "OpenAI":
    """Return an adapter for one key."""
    return OpenAI(OpenAIClient(http))


class OpenAI(Provider):
    """One OpenAI organization; see `providers.base.Provider`."""

    def __init__(self, client: OpenAIClient) -> None:
        self._client = client
        self._projects = TTLCache(client.projects, lasts=_PROJECTS_LAST)
        self._limits = SpendLimits(client, self._projects)
        self._users = TTLCache(client.users, lasts=_USERS_LAST)
        self._keys: dict[str, tuple[datetime, ItemsRead[Name] | ProviderError]] = {}
        """The last read of each project's keys, and when it was."""

    async def probe(self, now: datetime) -> Probe:
        """Request yesterday's costs, which the key is for, and one project's name."""
        yesterday = Period.of_day(utc_day(now) - DAY)
        days = await read_days(self._client, yesterday, (), utc_day(now))
        notes = list(mapper.charges(days.rows)[1].values()) + list(days.unreadable.values())
        if not notes and not any(days.rows.values()):
            notes.append(
                "No spend yesterday. If that is wrong, this key may belong to another organization "
                "than your other keys."
            )
        try:
            await self._client.first_project()
        except ProviderError as error:
            notes.append(
                f"Projects and keys without a known name are shown by id: {error}. {error.remedy}"
            )
        return Probe(
            account=mapper.organization_in(days.rows),
            kind="admin key",
            can_read_charges=True,
            can_read_balance=None,
            notes=notes,
        )

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Return costs by project and line item, in aligned windows of at most 31 days."""
        period = period.until(utc_day(now))
        days = await self._days(period, ("project_id", "line_item"), now)
        today = utc_day(now)
        charges, unreadable = mapper.charges(days.rows)
        unreadable |= days.unreadable
        read = {day: rows for day, rows in days.rows.items() if day not in unreadable}
        return ChargesRead(
            period=period,
            charges=charges,
            covered=frozenset(day for day, rows in read.items() if rows or day != today),
            names=mapper.project_names_in(days.rows),
            unreadable=unreadable,
        )

    async def breakdown(
        self, period: Period, by: BreakdownDimension, now: datetime
    ) -> ItemsRead[BreakdownItem]:
        """Costs by key or user; days before OpenAI kept them by key have no items by key."""
        period = period.until(utc_day(now))
        start = max(period.start, KEY_HISTORY_STARTS) if by == "key" else period.start
        if start >= period.end:
            return ItemsRead([])
        column = _COLUMNS[by]
        days = await self._days(Period(start, period.end), (column,), now)
        found, unreadable = mapper.breakdown(days.rows, column)
        faults = sorted((unreadable | days.unreadable).items())
        read = ItemsRead(found, [f"{day}: {reason}" for day, reason in faults])
        return await self._with_names(read, now) if by == "user" else read

    async def _with_names(
        self, read: ItemsRead[BreakdownItem], now: datetime
    ) -> ItemsRead[BreakdownItem]:
        """Return the items with the users' names, or with their ids if names can't be read."""
        listed: ItemsRead[Fields] = ItemsRead(())
        if any(item.item_id for item in read.items):
            try:
                listed = await self._users.get(now)
            except ProviderError as error:
                listed = ItemsRead.failed("names of users", error, are_all=True)
        named = mapper.named_users(read.items, listed.items)
        return ItemsRead(named, [*read.not_read, *listed.not_read])

    async def user_addresses(self, now: datetime) -> Mapping[str, str]:
        """Return the addresses in the list of users, which is read once a day."""
        return mapper.addresses((await self._users.get(now)).items)

    async def limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return limits of the organization and its projects, and spend alerts; see
        `SpendLimits.read`."""
        return await self._limits.read(now)

    async def names(self, projects: Collection[str], now: datetime) -> ItemsRead[Name]:
        """Return names of all projects, including archived ones, and of the keys of `projects`.
        Keys are requested within `NAMES_SECONDS`; the next call continues with the rest."""
        listed = await self._projects.get(now)
        known = {row["id"] for row in listed.items}
        wanted = [project_id for project_id in sorted(projects) if project_id in known]
        due = [project_id for project_id in wanted if not self._has_keys(project_id, now)]
        read = await gather_limited(self._keys_of, due, NAMES_SECONDS)
        self._keys.update({project_id: (now, keys) for project_id, keys in read.items()})
        found = [
            ItemsRead((), listed.not_read),
            mapper.names("project", listed.items),
            *self._known_keys(wanted),
        ]
        if len(read) < len(due):
            left = len(due) - len(read)
            projects_left = "1 project" if left == 1 else f"{left} projects"
            not_read = f"keys of {projects_left}: the next sync reads them"
            found.append(ItemsRead([], [not_read], is_partial=True, is_shortened=True))
        return ItemsRead.joined(found)

    async def hours(self, start: datetime, now: datetime) -> HoursRead:
        """Return tokens by model, which appear within minutes; there are no costs by the hour."""
        end = whole_hour(now)
        uses: list[HourTokens] = []
        unreadable: dict[datetime, str] = {}
        for endpoint in ENDPOINTS:
            found, faults = await read_hours(self._client, endpoint, start, end)
            uses += found
            unreadable |= faults
        left_out: list[str] = []
        for endpoint in BETA_ENDPOINTS:
            try:
                found, faults = await read_hours(self._client, endpoint, start, end)
            except NotFound:  # not offered to this organization, which so has no use of it
                continue
            except (PermissionMissing, RequestRefused) as error:
                left_out.append(f"usage of {endpoint}: {error}")
                continue
            uses += found
            unreadable |= faults
        return hours_read(start, end, uses, unreadable, left_out)

    async def _days(self, period: Period, group_by: Sequence[str], now: datetime) -> DaysRead:
        found = DaysRead()
        for window in period.windows(WINDOW_DAYS):
            found.add(await read_days(self._client, window, group_by, utc_day(now)))
        return found

    async def _keys_of(self, project_id: str) -> ItemsRead[Name]:
        try:
            keys = await self._client.project_keys(project_id)
        except (NotFound, RequestRefused):
            # An archived project has no keys to ask for: OpenAI answers 400 there.
            return ItemsRead([])
        read = mapper.names("key", keys.items)
        return ItemsRead(read.items, [*keys.not_read, *read.not_read])

    def _has_keys(self, project_id: str, now: datetime) -> bool:
        """Return True if the keys of a project were requested recently. A clock that was set back
        makes them due."""
        if project_id not in self._keys:
            return False
        at, known = self._keys[project_id]
        lasts = _FAILURE_LASTS if isinstance(known, ProviderError) else _KEYS_LAST
        return timedelta(0) <= now - at < lasts

    def _known_keys(self, projects: Sequence[str]) -> list[ItemsRead[Name]]:
        known = {each: self._keys[each][1] for each in projects if each in self._keys}
        failed = [each for each in known.values() if isinstance(each, ProviderError)]
        if failed and len(failed) == len(projects):
            return [ItemsRead.failed("names of keys", failed[0], are_all=True)]
        return [
            ItemsRead.failed(f"names of the keys of project {project_id}", each)
            if isinstance(each, ProviderError)
            else each
            for project_id, each in known.items()
        ]
