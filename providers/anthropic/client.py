"""Anthropic's endpoints: HTTP in, JSON out, every page or an error.

The key is sent in `x-api-key`, as in every example of the documentation. Versions are pinned for
each family of endpoints: the newer one renames fields, and the older report is documented for the
older one only. Refusals are read by status, `type` and `error_code`, never by the message, as its
documentation demands.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from providers.errors import (
    AccountBlocked,
    CredentialRejected,
    PermissionMissing,
    ProviderError,
    RequestRefused,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.http import Http, Json
from providers.models import ItemsRead
from providers.parsing import Fields, by_id, every_item, fields, text
from providers.refusal import Meanings, Refusal, listed


class CursorExpired(RequestRefused):
    """A newer export replaced the one that was being read."""


_KEYS_PAGE = "platform.claude.com/settings/admin-keys"
KEY_REMEDY = f"Create an Admin key at {_KEYS_PAGE} and use it here."
_SCOPE_REMEDY = (
    f"Use an Admin key ({_KEYS_PAGE}); in a Claude Enterprise organization, a key with the scope "
    "read:analytics."
)
_LIMITS = "Check the limits at platform.claude.com/settings/limits."
_MEANINGS: Meanings = {
    "organization_on_hold": (
        AccountBlocked,
        "The organization is on hold. Contact Anthropic at support.claude.com.",
    ),
    "billing_error": (AccountBlocked, "Check billing at platform.claude.com/settings/billing."),
    # Spend caps come as 429 without a wait: asking again doesn't help.
    "enforced_spend_limit_reached": (AccountBlocked, _LIMITS),
    "contract_spend_limit_reached": (AccountBlocked, _LIMITS),
    401: (CredentialRejected, KEY_REMEDY),
    403: (PermissionMissing, _SCOPE_REMEDY),
    410: (CursorExpired, "aicost tries again at the next sync."),
}


def with_own_errors(http: Http) -> Http:
    """Return the same client with Anthropic's meaning of refusals."""
    if http.key_starts_with("sk-ant-api03-"):
        return http.with_error_mapper(_explain_to_workspace_key)
    return http.with_meanings(_MEANINGS)


def _explain_to_workspace_key(refusal: Refusal) -> ProviderError | None:
    if refusal.status in (401, 403) and not refusal.is_page:
        return WrongKeyKind(f"{refusal} This key is for requests to models.", remedy=KEY_REMEDY)
    return listed(refusal, _MEANINGS)


_VERSION, _OLDER_VERSION = "2026-10-21", "2023-06-01"
_COSTS_BETA = "analytics-usage-cost-2026-08-24"
_LIMITS_BETA = "spend-limit-reads-2026-09-26"
_MOST_PAGES = 200
_MOST_GROUPS = "1000"
_MOST_BUCKETS = "31"


class AnthropicClient:
    """The organization API with one key."""

    def __init__(self, http: Http) -> None:
        own = with_own_errors(http).with_key_in("x-api-key")
        self._http = own.with_headers(anthropic_version=_VERSION)
        self._costs = self._http.with_headers(anthropic_beta=_COSTS_BETA)
        self._limits = self._http.with_headers(anthropic_beta=_LIMITS_BETA)
        self._older = own.with_headers(anthropic_version=_OLDER_VERSION)

    async def organization(self) -> Fields:
        """Return what the key belongs to."""
        path = "/organizations/me"
        return fields(await self._http.get(path), f"Anthropic's {path}")

    async def analytics(
        self,
        endpoint: Literal["cost", "usage"],
        start: datetime,
        end: datetime,
        width: Literal["1d", "1h"],
        group_by: Sequence[str],
        page: str | None,
    ) -> Json:
        """One page of costs, or of what was used, oldest first."""
        params = [
            ("starting_at", _moment(start)),
            ("ending_at", _moment(end)),
            ("time_bucket_width", width),
            *(("group_by[]", dimension) for dimension in group_by),
            ("limit", _MOST_GROUPS),
            ("order_by", "time"),
            ("order", "asc"),
        ]
        if page is not None:
            params.append(("page", page))
        return await self._costs.get(f"/organizations/analytics/{endpoint}", params)

    async def report(self, start: datetime, end: datetime, page: str | None) -> Json:
        """Return one page of the older cost report, by workspace and description."""
        params = [
            ("starting_at", _moment(start)),
            ("ending_at", _moment(end)),
            ("bucket_width", "1d"),
            ("group_by[]", "workspace_id"),
            ("group_by[]", "description"),
            ("limit", _MOST_BUCKETS),
        ]
        if page is not None:
            params.append(("page", page))
        return await self._older.get("/organizations/cost_report", params)

    async def workspaces(self) -> ItemsRead[Fields]:
        """Return all workspaces, including archived ones and the default one."""
        return await self._list(
            "/organizations/workspaces", [("include_archived", "true"), ("include_default", "true")]
        )

    async def api_keys(self) -> ItemsRead[Fields]:
        """Return all keys, including inactive, archived and expired ones."""
        return await self._list("/organizations/api_keys", [])

    async def spend_limits(self) -> ItemsRead[Fields]:
        """Return the limits of the organization, its workspaces, and the usage tier."""
        what = "Anthropic's spend limits"
        found: dict[str, Fields] = {}
        nameless: set[str] = set()
        page: list[tuple[str, str]] = []
        for _ in range(_MOST_PAGES):
            answer = fields(await self._limits.get("/organizations/spend_limits", page), what)
            read, without_id = by_id(answer.get("data"), "id", what)
            found.update(read)
            nameless.update(without_id)
            token = text(answer, "next_page")
            if token is None:
                return ItemsRead(list(found.values()), sorted(nameless))
            page = [("page", token)]
        raise UnexpectedResponse(f"{what}: more than {_MOST_PAGES} pages")

    async def _list(self, path: str, params: Sequence[tuple[str, str]]) -> ItemsRead[Fields]:
        """Return every item of a list once."""

        async def page(after: Sequence[tuple[str, str]]) -> Json:
            return await self._http.get(path, [*params, ("limit", "1000"), *after])

        return await every_item(page, "after_id", f"Anthropic's {path}")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
