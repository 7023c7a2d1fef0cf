"""The server of the simulated Anthropic: the endpoints of its Admin API that report spend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from multidict import MultiMapping

from simulators.anthropic.analytics import analytics_page, error_body, refused
from simulators.anthropic.cost_report import report_page
from simulators.provider_server import ProviderServer, Refusal, exact_json
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.world.anthropic import ORGANIZATION_ID, ORGANIZATION_NAME

ANALYTICS_BETA = "analytics-usage-cost-2026-08-24"
LIMITS_BETA = "spend-limit-reads-2026-09-26"
VERSIONS = ("2026-10-21", "2023-06-01")
ANALYTICS, ADMIN = "read:analytics", "admin"


@dataclass(frozen=True, slots=True)
class AnthropicKeys:
    """A key of each kind. None is real."""

    admin: str = "sk-ant-admin01-simulated-full-00000000000000000000"
    analytics_only: str = "sk-ant-api01-simulated-analytics-0000000000000000"
    workspace: str = "sk-ant-api03-simulated-workspace-0000000000000000"
    unknown: str = "sk-ant-admin01-simulated-unknown-00000000000000000"


KEYS = AnthropicKeys()
_SCOPES: Mapping[str, frozenset[str]] = {
    KEYS.admin: frozenset({ANALYTICS, ADMIN}),
    KEYS.analytics_only: frozenset({ANALYTICS}),
    KEYS.workspace: frozenset(),
}


class AnthropicServer(ProviderServer):
    """The Admin API of one organization."""

    prefix = "/v1"

    def __init__(self, world: World, quirks: Quirks) -> None:
        super().__init__(world, quirks)
        self.keys = KEYS
        self._has_refreshed = False
        """The quirk that changes the export between two pages has happened; it happens once."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that connect aicost to it, with a key that may read everything."""
        return {"ANTHROPIC_ADMIN_KEY": self.keys.admin, "ANTHROPIC_BASE_URL": self.base_url}

    def routes(self) -> list[web.RouteDef]:
        organization = f"{self.prefix}/organizations"
        return [
            web.get(f"{organization}/me", self._me),
            web.get(f"{organization}/analytics/{{endpoint:cost|usage}}", self._analytics),
            web.get(f"{organization}/cost_report", self._report),
            web.get(f"{organization}/workspaces", self._workspaces),
            web.get(f"{organization}/api_keys", self._api_keys),
            web.get(f"{organization}/spend_limits", self._spend_limits),
        ]

    async def _me(self, request: web.Request) -> web.Response:
        self._require(request, None)
        return exact_json(
            {"id": ORGANIZATION_ID, "type": "organization", "name": ORGANIZATION_NAME}
        )

    async def _analytics(self, request: web.Request) -> web.Response:
        self._require(request, ANALYTICS, ANALYTICS_BETA)
        if Quirk.NOT_ENROLLED in self.quirks:
            raise refused("Not available", "organization_not_enrolled_in_beta")
        if Quirk.HIPAA in self.quirks:
            raise refused("Not available for this organization", "organization_type_not_supported")
        endpoint = request.match_info["endpoint"]
        answer = analytics_page(self.world, self.quirks, endpoint, request.query)
        if "page" in request.query and not self._has_refreshed:
            if Quirk.CURSOR_EXPIRES in self.quirks:
                self._has_refreshed = True
                raise Refusal(410, error_body("not_found_error", "The cursor has expired"))
            if Quirk.REFRESHED_BETWEEN in self.quirks:
                self._has_refreshed = True
                answer["data_refreshed_at"] = f"{self.clock():%Y-%m-%dT%H:%M:%SZ}"
        return exact_json(answer)

    async def _report(self, request: web.Request) -> web.Response:
        self._require(request, ADMIN)
        return exact_json(report_page(self.world, self.quirks, request.query))

    async def _workspaces(self, request: web.Request) -> web.Response:
        self._require(request, ADMIN)
        query = request.query
        items: list[dict[str, object]] = [
            {
                "id": each.workspace_id,
                "type": "workspace",
                "name": each.name,
                "created_at": "2025-02-03T10:00:00Z",
                "archived_at": each.archived_at and each.archived_at.isoformat(),
                "display_color": "#6C5BB9",
            }
            for each in self.world.anthropic.workspaces
            if (not each.archived_at or query.get("include_archived") == "true")
            and (not each.is_default or self._lists_default(query))
        ]
        return exact_json(_listed(items, query))

    def _lists_default(self, query: MultiMapping[str]) -> bool:
        return query.get("include_default") == "true" and Quirk.NO_DEFAULT_LISTED not in self.quirks

    async def _api_keys(self, request: web.Request) -> web.Response:
        self._require(request, ADMIN)
        default = self.world.anthropic.default.workspace_id
        is_new = request.headers.get("anthropic-version") == VERSIONS[0]
        items: list[dict[str, object]] = []
        for key in self.world.anthropic.keys:
            of = None if key.workspace_id == default else key.workspace_id
            scope = {"scope": {"type": "workspace", "workspace_id": key.workspace_id}}
            items.append(
                {
                    "id": key.key_id,
                    "type": "api_key",
                    "name": key.name,
                    "created_at": "2025-02-03T10:00:00Z",
                    "created_by": {"id": "user_simulated", "type": "user"},
                    "partial_key_hint": "sk-ant-api03-R2D...igAA",
                    "status": key.status,
                    **(scope if is_new else {"workspace_id": of}),
                }
            )
        return exact_json(_listed(items, request.query))

    async def _spend_limits(self, request: web.Request) -> web.Response:
        self._require(request, ADMIN, LIMITS_BETA)
        if Quirk.LIMITS_REFUSED in self.quirks:
            raise Refusal(403, error_body("permission_error", "Not available", "early_access"))
        data: list[dict[str, object]] = [
            {
                "id": each.limit_id,
                "type": "spend_limit",
                "amount": str(each.cents),
                "currency": each.currency,
                "period": "monthly",
                "scope": {"type": each.scope, "workspace_id": each.workspace_id},
                "is_enabled": each.is_enabled,
                "updated_at": "2026-09-01T00:00:00Z",
            }
            for each in self.world.anthropic.limits
        ]
        return exact_json({"data": data, "has_more": False, "next_page": None})

    def _require(self, request: web.Request, scope: str | None, beta: str | None = None) -> None:
        if Quirk.SPEND_CAP_REACHED in self.quirks:
            code = "enforced_spend_limit_reached"
            raise Refusal(429, error_body("rate_limit_error", "Spend limit reached", code))
        key = request.headers.get("x-api-key", "")
        if key not in _SCOPES:
            raise Refusal(401, error_body("authentication_error", "invalid x-api-key"))
        if request.headers.get("anthropic-version") not in VERSIONS:
            raise refused("anthropic-version: header is required")
        if scope not in (None, *_SCOPES[key]):
            message = f"Missing required scopes. Got: {sorted(_SCOPES[key])} Needed: ['{scope}']"
            raise Refusal(403, error_body("permission_error", message))
        if beta is not None and beta not in request.headers.get("anthropic-beta", ""):
            raise refused(f"anthropic-beta: {beta} is required")


def _listed(items: Sequence[dict[str, object]], query: MultiMapping[str]) -> dict[str, object]:
    """Return one page of a list. The last page has a `last_id` too."""
    limit = int(query.get("limit", "20"))
    ids = [item["id"] for item in items]
    first = ids.index(query["after_id"]) + 1 if query.get("after_id") in ids else 0
    page = items[first : first + limit]
    return {
        "data": page,
        "has_more": first + limit < len(items),
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }
