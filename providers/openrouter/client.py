"""OpenRouter's endpoints: HTTP in, JSON out, every page or an error. Its 403 has several meanings,
which its text distinguishes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from providers.errors import (
    AccountBlocked,
    AddressNotAllowed,
    CredentialRejected,
    PermissionMissing,
    ProviderError,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.http import Http
from providers.models import ItemsRead
from providers.parsing import Fields, by_id, fields, items
from providers.refusal import Meanings, Refusal, listed

KEY_REMEDY = "Create a management key at openrouter.ai/settings/management-keys and use it here."
_CREDIT = "Credit is used up. Buy credit at openrouter.ai/settings/credits."
_MEANINGS: Meanings = {
    "authentication": (CredentialRejected, KEY_REMEDY),
    "payment_required": (AccountBlocked, _CREDIT),
    402: (AccountBlocked, _CREDIT),
    401: (CredentialRejected, KEY_REMEDY),
}


def with_own_errors(http: Http) -> Http:
    """Return the same client with OpenRouter's meaning of refusals."""
    return http.with_error_mapper(_explain)


def needs_management_key(what: str) -> WrongKeyKind:
    """Return the error for an ordinary key, which sees only itself. Its figures are never used as
    the account's."""
    return WrongKeyKind(
        f"OpenRouter shows the account's {what} only to management keys. This is an inference key",
        remedy=KEY_REMEDY,
    )


def _explain(refusal: Refusal) -> ProviderError | None:
    words = refusal.words
    if refusal.is_page:
        return None
    if (known := listed(refusal, _MEANINGS)) is not None:
        return known
    if refusal.status != 403:
        return None
    if "management key" in words or "provisioning key" in words:
        return WrongKeyKind(str(refusal), remedy=KEY_REMEDY)
    if "allowlist" in words or "ip address" in words:
        return AddressNotAllowed(str(refusal))
    if "limit exceeded" in words or "budget" in words:
        return PermissionMissing(
            str(refusal),
            remedy="Raise that limit at openrouter.ai/settings, or wait until it resets.",
        )
    return None


MOST_ROWS = 10_000
"""OpenRouter's own limit of one analytics answer."""
_PAGE = 100
_MOST_PAGES = 200


class OpenRouterClient:
    """The account API with one key."""

    def __init__(self, http: Http) -> None:
        self._http = with_own_errors(http)

    async def key(self) -> Fields:
        """Return what the key is: the one request that every kind of key may send."""
        return await self._data("/key")

    async def credits(self) -> Fields:
        """Return the account's total credits and total usage."""
        return await self._data("/credits")

    async def activity(
        self, day: date | None = None, group_by: Literal["workspace"] | None = None
    ) -> Sequence[object]:
        """Return the last 30 completed UTC days of all workspaces, or one of them. The running day
        is never requested, because it is refused (400, observed live 2026-08)."""
        what = "OpenRouter's /activity"
        params = [] if day is None else [("date", day.isoformat())]
        params += [("group_by", group_by)] if group_by else []
        answer = fields(await self._http.get("/activity", params), what)
        return items(answer.get("data"), what)

    async def analytics(
        self,
        start: datetime,
        end: datetime,
        granularity: Literal["day", "hour"],
        metrics: Sequence[str],
        dimensions: Sequence[str],
    ) -> Fields:
        """Return figures by day or hour and one or two dimensions: `data` and `metadata`.

        Whether the end of `time_range` is inclusive isn't documented. The request ends at the
        moment after the last day or hour, so that those are complete either way; the caller ignores
        what comes after them.
        """
        what = "OpenRouter's analytics"
        answer = await self._http.post(
            "/analytics/query",
            {
                "metrics": list(metrics),
                "dimensions": list(dimensions),
                "granularity": granularity,
                "time_range": {
                    "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                    "end": f"{end:%Y-%m-%dT%H:%M:%SZ}",
                },
                "limit": MOST_ROWS,
            },
        )
        return fields(fields(answer, what).get("data"), what)

    async def workspaces(self) -> ItemsRead[Fields]:
        """Return all workspaces of the account."""
        return await self._list("/workspaces", [("limit", str(_PAGE))], "id")

    async def keys(self, workspace_id: str | None) -> ItemsRead[Fields]:
        """Return all keys of a workspace, including disabled and expired ones; None: the default
        workspace."""
        params = [("include_disabled", "true"), ("include_expired", "true")]
        if workspace_id is not None:
            params.append(("workspace_id", workspace_id))
        return await self._list("/keys", params, "hash")

    async def members(self) -> ItemsRead[Fields]:
        """Return all members of the organization. Their rows contain e-mail addresses: keep only
        ids and names."""
        return await self._list("/organization/members", [("limit", str(_PAGE))], "id")

    async def _data(self, path: str) -> Fields:
        what = f"OpenRouter's {path}"
        return fields(fields(await self._http.get(path), what).get("data"), what)

    async def _list(
        self, path: str, params: Sequence[tuple[str, str]], identity: str
    ) -> ItemsRead[Fields]:
        """Return all pages, each row once, because a row added meanwhile shifts the others. Rows
        without an id are listed as not read."""
        what = f"OpenRouter's {path}"
        found: dict[str, Fields] = {}
        nameless: set[str] = set()
        offset = 0
        for _ in range(_MOST_PAGES):
            answer = fields(await self._http.get(path, [*params, ("offset", str(offset))]), what)
            page = items(answer.get("data"), what)
            read, without_id = by_id(page, identity, what)
            found.update(read)
            nameless.update(without_id)
            offset += len(page)
            promised = answer.get("total_count")
            is_short = len(page) < _PAGE
            if not page or (is_short and not (isinstance(promised, int) and offset < promised)):
                return ItemsRead(list(found.values()), sorted(nameless))
        raise UnexpectedResponse(f"{what}: more than {_MOST_PAGES} pages")
