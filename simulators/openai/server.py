"""The server of the simulated OpenAI: the endpoints of its administration API that report spend."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aiohttp import web
from multidict import MultiMapping

from simulators.openai.costs import costs_page, whole_number
from simulators.openai.usage import COUNTED, usage_page
from simulators.provider_server import ProviderServer, Refusal, bearer, exact_json
from simulators.quirks import Quirk, Quirks
from simulators.world import World

USAGE = "api.usage.read"
MANAGEMENT = "api.management.read"


@dataclass(frozen=True, slots=True)
class OpenAIKeys:
    """A key of each kind. None is real."""

    admin: str = "sk-admin-simulated-full-0000000000000000000000000000"
    usage_only: str = "sk-admin-simulated-usage-000000000000000000000000000"
    management_only: str = "sk-admin-simulated-manage-00000000000000000000000000"
    project: str = "sk-proj-simulated-project-0000000000000000000000000000"
    service_account: str = "sk-svcacct-simulated-service-0000000000000000000000"
    unknown: str = "sk-admin-simulated-unknown-0000000000000000000000000"


KEYS = OpenAIKeys()


class OpenAIServer(ProviderServer):
    """The administration API of one organization. Tests may change `scopes`, each key's."""

    prefix = "/v1"

    def __init__(self, world: World, quirks: Quirks) -> None:
        super().__init__(world, quirks)
        self.keys = KEYS
        self.scopes: dict[str, set[str]] = {
            KEYS.admin: {USAGE, MANAGEMENT},
            KEYS.usage_only: {USAGE},
            KEYS.management_only: {MANAGEMENT},
            KEYS.project: set(),
            KEYS.service_account: set(),
        }

    def routes(self) -> list[web.RouteDef]:
        organization = f"{self.prefix}/organization"
        return [
            web.get(f"{organization}/costs", self._costs),
            web.get(f"{organization}/usage/{{endpoint}}", self._usage),
            web.get(f"{organization}/projects", self._projects),
            web.get(f"{organization}/projects/{{project}}/api_keys", self._api_keys),
            web.get(f"{organization}/admin_api_keys", self._admin_keys),
            web.get(f"{organization}/users", self._users),
            web.get(f"{organization}/spend_limit", self._spend_limit),
            web.get(f"{organization}/spend_alerts", self._spend_alerts),
            web.get(f"{organization}/projects/{{project}}/spend_limit", self._spend_limit),
            web.get(f"{organization}/projects/{{project}}/spend_alerts", self._spend_alerts),
        ]

    async def _costs(self, request: web.Request) -> web.Response:
        self._require(request, USAGE)
        try:
            return exact_json(costs_page(self.world, self.quirks, request.query))
        except Refusal as refusal:
            raise self._worded(refusal) from None

    async def _usage(self, request: web.Request) -> web.Response:
        self._require(request, USAGE)
        try:
            endpoint = request.match_info["endpoint"]
            is_missing = endpoint == "decisions" and Quirk.NO_DECISIONS in self.quirks
            if endpoint not in COUNTED or is_missing:
                raise self._error(404, "Not found", code="not_found")
            return exact_json(usage_page(self.world, self.quirks, endpoint, request.query))
        except Refusal as refusal:
            raise self._worded(refusal) from None

    async def _projects(self, request: web.Request) -> web.Response:
        self._require(request, MANAGEMENT)
        archived_too = request.query.get("include_archived") == "true"
        items: list[dict[str, object]] = [
            {
                "object": "organization.project",
                "id": project.project_id,
                "name": project.name,
                "created_at": _unix(project.created_at),
                "archived_at": _unix(project.archived_at),
                "status": "archived" if project.archived_at else "active",
                "external_key_id": None,
                "residency": "GLOBAL",
            }
            for project in self.world.openai.projects
            if archived_too or not project.archived_at
        ]
        return exact_json(self._list(items, request.query))

    async def _api_keys(self, request: web.Request) -> web.Response:
        self._require(request, MANAGEMENT)
        project_id = self._known_project(request)
        access = request.query.get("owner_project_access", "active")
        items: list[dict[str, object]] = [
            {
                "object": "organization.project.api_key",
                "id": key.key_id,
                "name": key.name,
                "redacted_value": f"sk-proj-abc***{key.key_id[-3:]}",
                "created_at": 1_740_000_000,
                "last_used_at": None,
                "expires_at": _unix(key.expires_at),
                "owner": {"type": "service_account"},
            }
            for key in self.world.openai.keys
            if key.project_id == project_id
            and not key.is_deleted
            and access in ("any", "active" if key.has_active_owner else "inactive")
        ]
        return exact_json(self._list(items, request.query))

    async def _admin_keys(self, request: web.Request) -> web.Response:
        self._require(request, MANAGEMENT)
        item: dict[str, object] = {
            "object": "organization.admin_api_key",
            "id": "key_simulated_admin",
            "name": "aicost",
            "redacted_value": "sk-admin-abc***000",
            "created_at": 1_740_000_000,
            "expires_at": None,
            "last_used_at": None,
            "owner": {"type": "user", "role": "owner"},
        }
        return exact_json(self._list([item], request.query))

    async def _users(self, request: web.Request) -> web.Response:
        self._require(request, MANAGEMENT)
        items: list[dict[str, object]] = [
            {
                "object": "organization.user",
                "id": user.user_id,
                "name": user.name,
                "email": user.email,
                "role": "reader",
                "added_at": 1_740_000_000,
            }
            for user in self.world.openai.users
        ]
        return exact_json(self._list(items, request.query))

    async def _spend_limit(self, request: web.Request) -> web.Response:
        self._require(request, MANAGEMENT)
        project_id = self._known_project(request)
        account = self.world.openai
        for limit in account.limits:
            if limit.project_id == project_id:
                return exact_json(
                    {
                        "object": f"{'project' if project_id else 'organization'}.spend_limit",
                        "threshold_amount": _cents(limit.amount),
                        "currency": "USD",
                        "interval": "month",
                        "enforcement": {
                            "status": "enforcing" if account.is_enforcing(limit) else "inactive"
                        },
                    }
                )
        raise self._error(404, "No spend limit is set.", code="not_found")

    async def _spend_alerts(self, request: web.Request) -> web.Response:
        self._require(request, MANAGEMENT)
        project_id = self._known_project(request)
        owner = "project" if project_id else "organization"
        items: list[dict[str, object]] = [
            {
                "id": alert.alert_id,
                "object": f"{owner}.spend_alert",
                "threshold_amount": _cents(alert.amount),
                "currency": "USD",
                "interval": "month",
                "notification_channel": {
                    "type": "email",
                    "recipients": ["finance@fernhill.example"],
                    "subject_prefix": None,
                },
            }
            for alert in self.world.openai.alerts
            if alert.project_id == project_id
        ]
        return exact_json(self._list(items, request.query))

    def _known_project(self, request: web.Request) -> str | None:
        project_id = request.match_info.get("project")
        known = {project.project_id for project in self.world.openai.projects}
        if project_id is not None and project_id not in known:
            raise self._error(404, "No such project.", code="not_found")
        return project_id

    def _require(self, request: web.Request, scope: str) -> None:
        key = bearer(request)
        if key is None:
            raise self._error(
                401,
                "You didn't provide an API key. You need to provide your API key in an "
                "Authorization header using Bearer auth.",
            )
        scopes = self.scopes.get(key)
        if scopes is None:
            shown = f"{key[:12]}{'*' * 12}{key[-4:]}"
            raise self._error(
                401,
                f"Incorrect API key provided: {shown}. You can find your API key at "
                "https://platform.openai.com/account/api-keys.",
                code="invalid_api_key",
            )
        if scope not in scopes:
            raise self._error(
                401 if Quirk.SCOPE_AS_401 in self.quirks else 403,
                "You have insufficient permissions for this operation. Missing scopes: "
                f"{scope}. Check that you have the correct role in your organization, and if "
                "you're using a restricted API key, that it has the necessary scopes.",
                code="missing_scope",
            )

    def _list(self, items: list[dict[str, object]], query: MultiMapping[str]) -> dict[str, object]:
        limit = whole_number(query, "limit", 20)
        if not 1 <= limit <= 100:
            raise self._error(400, f"Invalid limit provided: {limit}.", param="limit")
        ids = [item["id"] for item in items]
        after = query.get("after")
        begin = ids.index(after) + 1 if after in ids else 0
        page = items[begin : begin + limit]
        return {
            "object": "list",
            "data": page,
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
            "has_more": begin + limit < len(items),
        }

    def _error(
        self, status: int, message: str, param: str | None = None, code: str | None = None
    ) -> Refusal:
        error = {
            "message": message,
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }
        return self._worded(Refusal(status, {"error": error}))

    def _worded(self, refusal: Refusal) -> Refusal:
        if Quirk.BARE_ERRORS in self.quirks and isinstance(refusal.body, dict):
            return Refusal(refusal.status, {"error": refusal.body["error"]["message"]})
        return refusal


def _unix(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
