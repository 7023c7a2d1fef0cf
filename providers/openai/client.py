"""OpenAI's endpoints: HTTP in, JSON out, every page or an error.

Refusals are read by their text, because the status alone is ambiguous. The same "Missing scopes"
comes with 401 and with 403, for an admin key without the permission and for a key of another kind
(both observed live in 2026).
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote

from providers.errors import (
    AccountBlocked,
    AddressNotAllowed,
    CredentialRejected,
    HistoryNotServed,
    PermissionMissing,
    ProviderError,
    RequestRefused,
    WrongKeyKind,
)
from providers.http import Http, Json
from providers.models import ItemsRead
from providers.parsing import Fields, every_item
from providers.period import midnight
from providers.refusal import Meanings, Refusal, listed

_KEYS_PAGE = "platform.openai.com/settings/organization/admin-keys"
KEY_REMEDY = f"Create an admin key with 'Usage: read' at {_KEYS_PAGE} and use it here."
_MANAGEMENT_REMEDY = (
    f"Create an admin key that may also read 'Organization Administration' at {_KEYS_PAGE}. "
    "Permissions added to an existing key may have no effect."
)
_BILLING = "Check billing at platform.openai.com/settings/organization/billing."
_LIMIT = "Raise that limit at platform.openai.com/settings/organization/limits."
_ALLOWLIST = "Add this machine's public address to the organization's allowlist."
_MEANINGS: Meanings = {
    "account_deactivated": (
        AccountBlocked,
        "The account was deactivated. Contact OpenAI support at help.openai.com.",
    ),
    "billing_not_active": (AccountBlocked, f"The account isn't active. {_BILLING}"),
    "insufficient_quota": (AccountBlocked, f"Its quota is used up. {_BILLING}"),
    "credit_balance_exhausted": (AccountBlocked, f"Its credit is used up. {_BILLING}"),
    "billing_hard_limit_reached": (AccountBlocked, _LIMIT),
    "organization_spend_limit_exceeded": (AccountBlocked, _LIMIT),
    "organization_usage_limit_exceeded": (AccountBlocked, _LIMIT),
    "project_spend_limit_exceeded": (AccountBlocked, _LIMIT),
    "invalid_api_key": (CredentialRejected, KEY_REMEDY),
    "ip_not_authorized": (AddressNotAllowed, _ALLOWLIST),
    "unsupported_country_region_territory": (
        AddressNotAllowed,
        "OpenAI doesn't serve this machine's country or region. The key is not the cause.",
    ),
}


class PageTokenRefused(RequestRefused):
    """OpenAI refuses a page token that it returned itself."""


def with_own_errors(http: Http) -> Http:
    """Return the same client with OpenAI's meaning of refusals."""
    if http.key_starts_with("sk-") and not http.key_starts_with("sk-admin-"):
        return http.with_error_mapper(_explain_to_other_key)
    return http.with_error_mapper(_explain_to_admin_key)


def _explain_to_admin_key(refusal: Refusal) -> ProviderError | None:
    if _is_about_scopes(refusal):
        if "management" in refusal.message:
            return PermissionMissing(str(refusal), remedy=_MANAGEMENT_REMEDY)
        return PermissionMissing(str(refusal), remedy=KEY_REMEDY)
    return _explain(refusal)


def _explain_to_other_key(refusal: Refusal) -> ProviderError | None:
    if _is_about_scopes(refusal):
        return WrongKeyKind(f"{refusal} This isn't an admin key.", remedy=KEY_REMEDY)
    return _explain(refusal)


def _explain(refusal: Refusal) -> ProviderError | None:
    words = refusal.words
    if (known := listed(refusal, _MEANINGS)) is not None:
        return known
    if refusal.status in (401, 403) and re.search(r"\bip\b|allowlist", words):
        return AddressNotAllowed(str(refusal))
    if refusal.status == 401 and not refusal.is_page:
        return CredentialRejected(str(refusal), remedy=KEY_REMEDY)
    if refusal.status != 400:
        return None
    if "page token is invalid" in words:
        return PageTokenRefused(str(refusal))
    if refusal.code == "reporting_lookback_exceeded" or "earliest supported start" in words:
        return HistoryNotServed(str(refusal), earliest=_date_in(refusal.message))
    is_about_start = "start_time" in (refusal.param, *words.split())
    if is_about_start and (epoch := re.search(r"\b1\d{9}\b", words)):
        first_day = datetime.fromtimestamp(int(epoch[0]), UTC).date()
        return HistoryNotServed(str(refusal), earliest=first_day)
    return None


def _is_about_scopes(refusal: Refusal) -> bool:
    words = refusal.words
    return refusal.status in (401, 403) and (
        "missing scopes" in words or "insufficient permissions" in words
    )


def _date_in(words: str) -> date | None:
    found = re.search(r"\b\d{4}-\d{2}-\d{2}\b", words)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


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
