"""OpenAI's endpoints: HTTP in, JSON out, every page or an error."""

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import quote

from providers.http import Http, Json
from providers.models import ItemsRead
from providers.openai.errors import with_own_errors
from providers.parsing import Fields, every_item
from providers.period import midnight


class OpenAIClient:
    """The organization API with one key."""

    def __init__(self, http: Http) -> None:
        self._http = with_own_errors(http)

    async def costs(
        self, start: date, end: date, group_by: Sequence[str], page: str | None, limit: int
    ) -> Json:
        """Return one page of daily costs. Both ends are midnights, so never on the same date, which
        OpenAI refuses. Lists are written with brackets, as in OpenAI's own SDKs."""
        params = [
            ("start_time", _epoch(midnight(start))),
            ("end_time", _epoch(midnight(end))),
            ("bucket_width", "1d"),
            ("limit", str(limit)),
            *(("group_by[]", dimension) for dimension in group_by),
        ]
        if page is not None:
            params.append(("page", page))
        return await self._http.get("/organization/costs", params)

    async def usage(self, endpoint: str, start: datetime, end: datetime, limit: int) -> Json:
        """Return one page of tokens by hour and model. Both ends are whole hours."""
        return await self._http.get(
            f"/organization/usage/{endpoint}",
            [
                ("start_time", _epoch(start)),
                ("end_time", _epoch(end)),
                ("bucket_width", "1h"),
                ("limit", str(limit)),
                ("group_by[]", "model"),
            ],
        )

    async def projects(self) -> ItemsRead[Fields]:
        """Return all projects, including archived ones."""
        return await self._list("/organization/projects", [("include_archived", "true")])

    async def first_project(self) -> Json:
        """Return one project: the smallest request that needs the permission to read projects."""
        return await self._http.get("/organization/projects", [("limit", "1")])

    async def project_keys(self, project_id: str) -> ItemsRead[Fields]:
        """Return all keys of a project; without `any`, OpenAI hides those of people who left."""
        path = f"/organization/projects/{quote(project_id, safe='')}/api_keys"
        return await self._list(path, [("owner_project_access", "any")])

    async def users(self) -> ItemsRead[Fields]:
        """Return all users of the organization. Their rows contain e-mail addresses: keep only
        names."""
        return await self._list("/organization/users", [])

    async def spend_limit(self) -> Json:
        """Return the organization's own limit. The answer without one is undocumented."""
        return await self._http.get("/organization/spend_limit")

    async def project_spend_limit(self, project_id: str) -> Json:
        """Return a project's limit."""
        return await self._http.get(
            f"/organization/projects/{quote(project_id, safe='')}/spend_limit"
        )

    async def spend_alerts(self) -> ItemsRead[Fields]:
        """Return the amounts at which OpenAI sends an e-mail."""
        return await self._list("/organization/spend_alerts", [])

    async def _list(self, path: str, params: Sequence[tuple[str, str]]) -> ItemsRead[Fields]:
        """Return every item of a list once."""

        async def page(after: Sequence[tuple[str, str]]) -> Json:
            return await self._http.get(path, [*params, ("limit", "100"), *after])

        return await every_item(page, "after", f"OpenAI's {path}")


def _epoch(moment: datetime) -> str:
    return str(int(moment.timestamp()))
