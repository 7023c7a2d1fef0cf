"""OpenAI's spend limits and spend alerts. Those of projects take a request each: of many projects,
each sync reads some."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

from providers.concurrency import TTLCache, gather_limited
from providers.errors import NotFound, ProviderError, UnexpectedResponse
from providers.models import ItemsRead, ProviderLimit
from providers.openai import mapper
from providers.openai.client import OpenAIClient
from providers.parsing import Fields, text, text_if_any

AT_ONCE = 50
"""Projects whose limits one call asks for."""
_SECONDS = 30.0
"""For the limits of projects of one call."""
_KNOWN_FOR = timedelta(days=1)
"""How long a project's answer counts as known; the ledger keeps readings as long."""


class SpendLimits:
    """The limits of one organization, its projects, and its spend alerts."""

    def __init__(self, client: OpenAIClient, projects: TTLCache[ItemsRead[Fields]]) -> None:
        self._client = client
        self._projects = projects
        self._answered: dict[str, datetime] = {}
        """When each project was last asked about, and answered."""

    async def read(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return limits of the organization and its projects, and spend alerts, as far as the key
        may read them. Raises the first error if none can be read.

        Of more than `AT_ONCE` projects, each call returns the limits of those that were asked about
        longest ago, and says of how many none is known yet.
        """
        parts: tuple[tuple[str, Callable[[datetime], Awaitable[ItemsRead[ProviderLimit]]]], ...] = (
            ("the organization's spend limit", self._organization_limits),
            ("spend alerts", self._alerts),
            ("spend limits of projects", self._project_limits),
        )
        found: list[ItemsRead[ProviderLimit]] = []
        failed: list[ProviderError] = []
        for title, part in parts:
            try:
                found.append(await part(now))
            except ProviderError as error:
                failed.append(error)
                found.append(ItemsRead.failed(title, error, are_all=True))
        if len(failed) == len(parts):
            raise failed[0]
        return ItemsRead.joined(found)

    async def _organization_limits(self, _: datetime) -> ItemsRead[ProviderLimit]:
        return await self._limit("organization_spend_limit", "organization", None)

    async def _alerts(self, _: datetime) -> ItemsRead[ProviderLimit]:
        try:
            listed = await self._client.spend_alerts()
        except NotFound:
            return ItemsRead([])
        found, not_read = [], list(listed.not_read)
        for row in listed.items:
            try:
                alert = mapper.spend_alert(row)
            except UnexpectedResponse as error:
                not_read.append(str(error))
            else:
                found += [alert] if alert else []
        return ItemsRead(found, not_read)

    async def _project_limits(self, now: datetime) -> ItemsRead[ProviderLimit]:
        """Return the limits of the projects whose turn it is. Raises the first error if none can be
        read."""
        listed = await self._projects.get(now)
        names = {
            project_id: text_if_any(row, "name")
            for row in listed.items
            if row.get("status") != "archived" and (project_id := text(row, "id"))
        }
        self._answered = {  # a clock that was set back makes them due
            project_id: at
            for project_id, at in self._answered.items()
            if project_id in names and timedelta(0) <= now - at < _KNOWN_FOR
        }
        never = datetime.min.replace(tzinfo=now.tzinfo)
        due = sorted(names, key=lambda each: (self._answered.get(each, never), each))[:AT_ONCE]

        async def of_project(project_id: str) -> ItemsRead[ProviderLimit]:
            return await self._limit("project_spend_limit", project_id, names[project_id])

        read = await gather_limited(of_project, due, _SECONDS)
        for project_id, answer in read.items():
            if not isinstance(answer, ProviderError):
                self._answered[project_id] = now
        titles = {each: f"the spend limit of project {each}" for each in due}
        unlisted: ItemsRead[ProviderLimit] = ItemsRead((), listed.not_read)
        return ItemsRead.joined(
            [unlisted, self._others(names, due), ItemsRead.gathered(titles, read)]
        )

    def _others(self, names: Collection[str], due: Collection[str]) -> ItemsRead[ProviderLimit]:
        """Return that the others were not asked about, and of how many nothing is known."""
        others = set(names) - set(due)
        unknown = len(others - self._answered.keys())
        words = f"spend limits of {unknown:,} of {len(names):,} projects: not read yet"
        return ItemsRead((), [words] if unknown else (), is_partial=bool(others))

    async def _limit(
        self, kind: str, scope_id: str, scope_name: str | None
    ) -> ItemsRead[ProviderLimit]:
        none: ItemsRead[ProviderLimit] = ItemsRead([], without=frozenset({scope_id}))
        try:
            if kind == "organization_spend_limit":
                row = await self._client.spend_limit()
            else:
                row = await self._client.project_spend_limit(scope_id)
        except NotFound:
            return none
        try:
            limit = mapper.spend_limit(row, kind, scope_id, scope_name)
        except UnexpectedResponse as error:
            return ItemsRead([], [f"{error} ({scope_id})"])
        return ItemsRead([limit]) if limit else none
