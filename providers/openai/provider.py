"""The OpenAI adapter: which questions make up an answer."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from providers.charge import (
    BreakdownItem,
    ChargesRead,
    Cut,
    Name,
    PrepaidBalance,
    Probe,
    ProviderLimit,
)
from providers.errors import NotThere, PermissionMissing, ProviderError, RequestRefused
from providers.fresh import ONE_ROUND, Fresh
from providers.hours import HoursRead, HourTokens, hours_read, whole_hour
from providers.http import Http
from providers.openai import mapper
from providers.openai.client import OpenAIClient
from providers.openai.hours import ENDPOINTS, read_hours
from providers.openai.walk import WINDOW_DAYS, read_days
from providers.period import DAY, Period, utc_day
from providers.reading import Fields, required_text, text
from providers.together import together

KEY_HISTORY_STARTS = date(2025, 12, 6)
"""OpenAI refuses costs by key for any day before this (observed live 2026-08)."""
_MOST_PROJECT_LIMITS = 20
"""Caps of projects take a request each; where there are more projects, they are not asked for."""


def connect(http: Http) -> "OpenAI":
    """An organization, seen with one key."""
    return OpenAI(OpenAIClient(http))


class OpenAI:
    """One OpenAI organization; see `providers.provider.Provider`."""

    def __init__(self, client: OpenAIClient) -> None:
        self._client = client
        self._projects = Fresh(client.projects, lasts=ONE_ROUND)

    async def probe(self, now: datetime) -> Probe:
        """Ask for yesterday's costs, which is what the key is for, and for one project's name."""
        yesterday = Period.of_day(utc_day(now) - DAY)
        days = await read_days(self._client, yesterday, (), now)
        notes = []
        if not any(days.values()):
            notes.append(
                "No cost yesterday. If that cannot be, this key belongs to another organization "
                "than the keys that spend."
            )
        try:
            await self._client.first_project()
        except ProviderError as error:
            notes.append(
                f"Projects and keys are shown by id where their names are not known: {error}. "
                f"{error.remedy}"
            )
        return Probe(
            account=mapper.organization_in(days),
            kind="admin key",
            can_read_charges=True,
            can_read_balance=None,
            notes=notes,
        )

    async def charges(self, period: Period, now: datetime) -> ChargesRead:
        """Costs by project and line item, in aligned windows of at most 31 days."""
        period = _until_now(period, now)
        days = await self._days(period, ("project_id", "line_item"), now)
        today = utc_day(now)
        return ChargesRead(
            period=period,
            charges=mapper.charges(days),
            covered=frozenset(day for day, rows in days.items() if rows or day != today),
            names=mapper.project_names_in(days),
        )

    async def breakdown(self, period: Period, by: Cut, now: datetime) -> Sequence[BreakdownItem]:
        """Costs by key; days before OpenAI kept them by key have no items."""
        del by
        period = _until_now(period, now)
        start = max(period.start, KEY_HISTORY_STARTS)
        if start >= period.end:
            return []
        days = await self._days(Period(start, period.end), ("api_key_id",), now)
        return mapper.breakdown(days)

    async def balance(self, now: datetime) -> PrepaidBalance | None:
        """None: OpenAI has no interface that tells a prepaid balance."""
        del now
        return None

    async def limits(self, now: datetime) -> Sequence[ProviderLimit]:
        """Caps of the organization and its projects, and spend alerts, as far as the key may read
        them. Raises `PermissionMissing` where it may read none of them."""
        found: list[ProviderLimit] = []
        refused: list[PermissionMissing] = []
        parts = (self._organization_limits, self._alerts, self._project_limits)
        for part in parts:
            try:
                found += await part(now)
            except PermissionMissing as error:
                refused.append(error)
        if len(refused) == len(parts):
            raise refused[0]
        return found

    async def names(self, now: datetime) -> Sequence[Name]:
        """Names of all projects, archived ones too, and of their keys."""
        projects = await self._projects.get(now)
        keys = await together(self._keys_of, projects)
        return [*mapper.project_names(projects), *(name for found in keys for name in found)]

    async def hours(self, start: datetime, now: datetime) -> HoursRead:
        """Tokens by model, which are told within minutes; costs are not told by the hour."""
        end = whole_hour(now)

        async def of_endpoint(endpoint: str) -> Sequence[HourTokens]:
            return await read_hours(self._client, endpoint, start, end)

        found = await together(of_endpoint, ENDPOINTS)
        return hours_read(start, end, [use for uses in found for use in uses])

    async def _days(
        self, period: Period, group_by: Sequence[str], now: datetime
    ) -> dict[date, Sequence[Fields]]:
        found: dict[date, Sequence[Fields]] = {}
        for window in period.windows(WINDOW_DAYS):
            found.update(await read_days(self._client, window, group_by, now))
        return found

    async def _keys_of(self, project: Fields) -> Sequence[Name]:
        try:
            keys = await self._client.project_keys(required_text(project, "id", "OpenAI's project"))
        except (NotThere, RequestRefused):
            # An archived project has no keys to ask for: OpenAI answers 400 there.
            return []
        return mapper.key_names(keys)

    async def _organization_limits(self, _: datetime) -> Sequence[ProviderLimit]:
        try:
            row = await self._client.spend_limit()
        except NotThere:
            return []
        return mapper.spend_limit(row, "organization_spend_limit", "organization", None)

    async def _alerts(self, _: datetime) -> Sequence[ProviderLimit]:
        try:
            return [mapper.spend_alert(row) for row in await self._client.spend_alerts()]
        except NotThere:
            return []

    async def _project_limits(self, now: datetime) -> Sequence[ProviderLimit]:
        every = await self._projects.get(now)
        projects = [row for row in every if row.get("status") != "archived"]
        if len(projects) > _MOST_PROJECT_LIMITS:
            return []
        found = await together(self._limits_of, projects)
        return [limit for limits in found for limit in limits]

    async def _limits_of(self, project: Fields) -> Sequence[ProviderLimit]:
        project_id = required_text(project, "id", "OpenAI's project")
        try:
            row = await self._client.project_spend_limit(project_id)
        except NotThere:
            return []
        return mapper.spend_limit(row, "project_spend_limit", project_id, text(project, "name"))


def _until_now(period: Period, now: datetime) -> Period:
    return period.clip(Period(date.min, utc_day(now) + timedelta(days=1)))
