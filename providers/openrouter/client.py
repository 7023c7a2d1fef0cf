"""OpenRouter's endpoints: HTTP in, JSON out, every page read or an error."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from providers.errors import AnswerNotUnderstood
from providers.http import Http
from providers.openrouter.errors import explaining
from providers.reading import Fields, fields, required_text, rows

MOST_ROWS = 10_000
"""OpenRouter's own ceiling for one analytics answer."""
_PAGE = 100
_MOST_PAGES = 200


class OpenRouterClient:
    """The account's interface, asked with one key."""

    def __init__(self, http: Http) -> None:
        self._http = explaining(http)

    async def key(self) -> Fields:
        """What the key that asks is: the one question that every kind of key may ask."""
        return await self._data("/key")

    async def credits(self) -> Fields:
        """The account's credits, ever bought and ever used."""
        return await self._data("/credits")

    async def activity(self) -> Sequence[Fields]:
        """The last 30 completed UTC days of all workspaces. Never asked for a date: today's is
        refused (400, observed live 2026-08)."""
        what = "OpenRouter's /activity"
        answer = fields(await self._http.get("/activity"), what)
        return rows(answer.get("data"), what)

    async def analytics(
        self,
        start: datetime,
        end: datetime,
        granularity: Literal["day", "hour"],
        metrics: Sequence[str],
        dimension: str,
    ) -> Fields:
        """Figures by day or hour and one dimension: `data` and `metadata`.

        Whether the end of `time_range` is part of it is not documented. The moment after the last
        day or hour is asked for, so that those are whole either way; what it adds is the caller's
        to leave out.
        """
        what = "OpenRouter's analytics"
        answer = await self._http.post(
            "/analytics/query",
            {
                "metrics": list(metrics),
                "dimensions": [dimension],
                "granularity": granularity,
                "time_range": {
                    "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                    "end": f"{end:%Y-%m-%dT%H:%M:%SZ}",
                },
                "limit": MOST_ROWS,
            },
        )
        return fields(fields(answer, what).get("data"), what)

    async def workspaces(self) -> Sequence[Fields]:
        """All workspaces of the account."""
        return await self._list("/workspaces", [("limit", str(_PAGE))], "id")

    async def keys(self, workspace_id: str | None) -> Sequence[Fields]:
        """All keys of a workspace, disabled and expired ones too; None: the default workspace."""
        params = [("include_disabled", "true"), ("include_expired", "true")]
        if workspace_id is not None:
            params.append(("workspace_id", workspace_id))
        return await self._list("/keys", params, "hash")

    async def _data(self, path: str) -> Fields:
        what = f"OpenRouter's {path}"
        return fields(fields(await self._http.get(path), what).get("data"), what)

    async def _list(
        self, path: str, params: Sequence[tuple[str, str]], identity: str
    ) -> Sequence[Fields]:
        """All pages, each row once: a row made meanwhile moves the others along."""
        what = f"OpenRouter's {path}"
        found: dict[str, Fields] = {}
        offset = 0
        for _ in range(_MOST_PAGES):
            answer = fields(await self._http.get(path, [*params, ("offset", str(offset))]), what)
            page = rows(answer.get("data"), what)
            found.update((required_text(row, identity, what), row) for row in page)
            offset += len(page)
            promised = answer.get("total_count")
            is_short = len(page) < _PAGE
            if not page or (is_short and not (isinstance(promised, int) and offset < promised)):
                return list(found.values())
        raise AnswerNotUnderstood(f"{what}: no end after {_MOST_PAGES} pages")
