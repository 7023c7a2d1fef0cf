"""The server of the simulated OpenRouter: the endpoints that report spend, balance and limits."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from aiohttp import web

from providers.money import total
from providers.period import DAY, Period, midnight, utc_day
from simulators.openrouter.analytics import META, analytics_answer
from simulators.provider_server import ProviderServer, Refusal, bearer, exact_json
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.world.openrouter import ActivityRow
from simulators.world.openrouter_team import Member, Reset, RouterKey, window_of

KEYS_A_PAGE = 100
ACTIVITY_DAYS = 30
KeyKind = Literal["management", "inference"]


@dataclass(frozen=True, slots=True)
class OpenRouterKeys:
    """A key of each kind. None is real."""

    management: str = "sk-or-v1-simulated-management-00000000000000000000000000000000"
    inference: str = "sk-or-v1-simulated-inference-000000000000000000000000000000000"
    unknown: str = "sk-or-v1-simulated-unknown-00000000000000000000000000000000000"


KEYS = OpenRouterKeys()


class OpenRouterServer(ProviderServer):
    """The management API of one account. A test may change `kinds`, what each key is."""

    prefix = "/api/v1"

    def __init__(self, world: World, quirks: Quirks) -> None:
        super().__init__(world, quirks)
        self.keys = KEYS
        self.kinds: dict[str, KeyKind] = {
            KEYS.management: "management",
            KEYS.inference: "inference",
        }
        self.inference_key = world.openrouter.key("chat")

    def routes(self) -> list[web.RouteDef]:
        api = self.prefix
        return [
            web.get(f"{api}/credits", self._credits),
            web.get(f"{api}/key", self._own_key),
            web.get(f"{api}/auth/key", self._own_key),
            web.get(f"{api}/keys", self._keys),
            web.get(f"{api}/keys/{{hash}}", self._one_key),
            web.get(f"{api}/workspaces", self._workspaces),
            web.get(f"{api}/organization/members", self._members),
            web.get(f"{api}/activity", self._activity),
            web.get(f"{api}/analytics/meta", self._meta),
            web.post(f"{api}/analytics/query", self._analytics),
        ]

    async def _credits(self, request: web.Request) -> web.Response:
        account = self.world.openrouter
        bought, used = account.total_credits(), account.total_usage()
        if self._kind(request) == "inference" and Quirk.CREDITS_OPEN not in self.quirks:
            if Quirk.CREDITS_ZEROS not in self.quirks:
                self._require_management(request)
            bought = used = Decimal(0)
        return exact_json({"data": {"total_credits": bought, "total_usage": used}})

    async def _own_key(self, request: web.Request) -> web.Response:
        is_management = self._kind(request) == "management"
        key = None if is_management else self.inference_key
        data: dict[str, object] = {
            "label": key.label if key else "sk-or-v1-man...000",
            **(self._money(key) if key else _no_money()),
            "is_free_tier": False,
            "is_management_key": is_management,
            "is_provisioning_key": is_management,
            "creator_user_id": "user_simulated",
            "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated"},
            "expires_at": None,
        }
        if Quirk.AUGUST_KEY not in self.quirks:
            budgets = [self._budget(key)] if key and key.limit is not None else []
            data |= {
                "allowed_data_regions": ["global"],
                "organization_id": "org_simulated",
                "workspace_id": key.workspace_id if key else None,
                "free_model_daily_requests": {"used": 61, "limit": 50, "remaining": 0},
                "budgets": budgets,
                "effective_budget": budgets[0] if budgets else None,
            }
        return exact_json({"data": data})

    async def _keys(self, request: web.Request) -> web.Response:
        self._require_management(request)
        account = self.world.openrouter
        workspace_id = request.query.get("workspace_id", account.workspaces[0].workspace_id)
        if workspace_id not in {workspace.workspace_id for workspace in account.workspaces}:
            raise _refusal(404, "Resource not found")
        now = self.clock()
        keys = [
            key
            for key in account.keys
            if key.workspace_id == workspace_id
            and not key.is_deleted
            and (not key.is_disabled or request.query.get("include_disabled") == "true")
            and (not _is_expired(key, now) or request.query.get("include_expired") == "true")
        ]
        offset = _whole_number(request, "offset", 0)
        return exact_json(
            {"data": [self._listed(key) for key in keys[offset : offset + KEYS_A_PAGE]]}
        )

    async def _one_key(self, request: web.Request) -> web.Response:
        self._require_management(request)
        for key in self.world.openrouter.keys:
            if key.key_hash == request.match_info["hash"] and not key.is_deleted:
                return exact_json({"data": self._listed(key)})
        raise _refusal(404, "Resource not found")

    async def _workspaces(self, request: web.Request) -> web.Response:
        self._require_management(request)
        offset, limit = _whole_number(request, "offset", 0), _whole_number(request, "limit", 50)
        if not 1 <= limit <= 100:
            raise _refusal(400, "limit: must be between 1 and 100")
        workspaces = self.world.openrouter.workspaces
        data = [
            {
                "id": workspace.workspace_id,
                "name": workspace.name,
                "slug": workspace.slug,
                "description": None,
                "created_at": "2025-06-02T08:00:00Z",
            }
            for workspace in workspaces[offset : offset + limit]
        ]
        return exact_json({"data": data, "total_count": len(workspaces)})

    async def _members(self, request: web.Request) -> web.Response:
        self._require_management(request)
        if Quirk.NO_MEMBERS in self.quirks:
            raise _refusal(404, "Resource not found")
        offset, limit = _whole_number(request, "offset", 0), _whole_number(request, "limit", 50)
        if not 1 <= limit <= 100:
            raise _refusal(400, "limit: must be between 1 and 100")
        members = [user for user in self.world.openrouter.users if user.is_member]
        data = [_member(user) for user in members[offset : offset + limit]]
        return exact_json({"data": data, "total_count": len(members)})

    async def _activity(self, request: web.Request) -> web.Response:
        self._require_management(request)
        today = utc_day(self.clock())
        served = Period(today - DAY * ACTIVITY_DAYS, today)
        days = list(served)
        if "date" in request.query:
            try:
                days = [date.fromisoformat(request.query["date"])]
            except ValueError:
                raise _refusal(400, "date: Invalid date") from None
            if days[0] not in served:
                raise _refusal(400, "Date must be within the last 30 (completed) UTC days")
        data = [
            item
            for day in reversed(days)
            if self.quirks.has_published("openrouter", day, self.clock())
            for item in self._activity_of(day, request)
        ]
        return exact_json({"data": data})

    async def _meta(self, request: web.Request) -> web.Response:
        self._require_management(request)
        return exact_json({"data": META})

    async def _analytics(self, request: web.Request) -> web.Response:
        self._require_management(request)
        try:
            body = await request.json()
        except ValueError:
            raise _refusal(400, "Invalid JSON in request body") from None
        return exact_json(analytics_answer(self.world, self.quirks, body))

    def _activity_of(self, day: date, request: web.Request) -> list[dict[str, object]]:
        by_workspace = request.query.get("group_by") == "workspace"
        groups: dict[tuple[str, str, str | None], list[ActivityRow]] = defaultdict(list)
        for row in self.world.openrouter.rows(day):
            if request.query.get("api_key_hash", row.key_hash) != row.key_hash:
                continue
            if request.query.get("workspace_id", row.workspace_id) != row.workspace_id:
                continue
            place = row.workspace_id if by_workspace else None
            groups[row.model, row.endpoint.endpoint_id, place].append(row)
        shown = f"{day}" if Quirk.SPEC_DATES in self.quirks else f"{day} 00:00:00"
        return [
            {
                "date": shown,
                "model": rows[0].model,
                "model_permaslug": rows[0].endpoint.permaslug,
                "endpoint_id": rows[0].endpoint.endpoint_id,
                "provider_name": rows[0].endpoint.provider_name,
                "usage": total(row.usage for row in rows),
                "byok_usage_inference": total(row.byok for row in rows),
                "requests": sum(row.requests for row in rows),
                "byok_requests": sum(row.requests for row in rows if row.is_byok),
                "prompt_tokens": sum(row.prompt_tokens for row in rows),
                "completion_tokens": sum(row.completion_tokens for row in rows),
                "reasoning_tokens": sum(row.completion_tokens for row in rows) * 5 // 4,
                "cached_tokens": 0,
                **({"workspace_id": place} if by_workspace else {}),
            }
            for (_, _, place), rows in groups.items()
        ]

    def _listed(self, key: RouterKey) -> dict[str, object]:
        return {
            "hash": key.key_hash,
            "name": key.name,
            "label": key.label,
            "disabled": key.is_disabled,
            **self._money(key),
            "created_at": _iso(key.created_at),
            "updated_at": None,
            "creator_user_id": "user_simulated",
            "workspace_id": key.workspace_id,
            "expires_at": _iso(key.expires_at) if key.expires_at else None,
            "external_user": None,
            "last_used_at": None,
        }

    def _money(self, key: RouterKey) -> dict[str, object]:
        account = self.world.openrouter
        today = utc_day(self.clock())
        windows: dict[str, Period | None] = {"": None}
        windows |= {f"_{reset}": window_of(reset, today) for reset in _RESETS}
        remaining = None
        if key.limit is not None:
            remaining = max(key.limit - self._against_limit(key), Decimal(0))
        return {
            "limit": key.limit,
            "limit_remaining": remaining,
            "limit_reset": key.limit_reset,
            "include_byok_in_limit": False,
            **{
                f"usage{suffix}": account.key_usage(key.key_hash, window)
                for suffix, window in windows.items()
            },
            **{
                f"byok_usage{suffix}": account.key_byok(key.key_hash, window)
                for suffix, window in windows.items()
            },
        }

    def _against_limit(self, key: RouterKey) -> Decimal:
        window = window_of(key.limit_reset, utc_day(self.clock())) if key.limit_reset else None
        return self.world.openrouter.key_usage(key.key_hash, window)

    def _budget(self, key: RouterKey) -> dict[str, object]:
        limit = key.limit or Decimal(0)
        spent = self._against_limit(key)
        window = window_of(key.limit_reset, utc_day(self.clock())) if key.limit_reset else None
        return {
            "scope": "key_limit",
            "limit_usd": limit,
            "spend_usd": spent,
            "remaining_usd": limit - spent,
            "reset_interval": key.limit_reset,
            "resets_at": _iso(midnight(window.end)) if window else None,
            "include_byok": False,
            "guardrail_id": None,
            "budget_id": None,
        }

    def _kind(self, request: web.Request) -> KeyKind:
        key = bearer(request)
        if key is None:
            raise _refusal(401, "Missing Authentication header")
        kind = self.kinds.get(key)
        if kind is None:
            raise _refusal(401, "User not found.")
        return kind

    def _require_management(self, request: web.Request) -> None:
        if self._kind(request) != "management":
            raise _refusal(403, "Only management keys can perform this operation")


_RESETS: tuple[Reset, ...] = ("daily", "weekly", "monthly")


def _member(user: Member) -> dict[str, object]:
    first, _, last = ("", "", "") if "@" in user.name else user.name.partition(" ")
    return {
        "id": user.user_id,
        "email": user.email,
        "first_name": first or None,
        "last_name": last or None,
        "role": "org:member",
    }


def _no_money() -> dict[str, object]:
    suffixes = ("", *(f"_{reset}" for reset in _RESETS))
    nothing: dict[str, object] = {
        f"{kind}{suffix}": 0 for kind in ("usage", "byok_usage") for suffix in suffixes
    }
    return {
        "limit": None,
        "limit_remaining": None,
        "limit_reset": None,
        "include_byok_in_limit": False,
        **nothing,
    }


def _whole_number(request: web.Request, name: str, default: int) -> int:
    try:
        return int(request.query.get(name, str(default)))
    except ValueError:
        raise _refusal(400, f"{name}: Expected number") from None


def _is_expired(key: RouterKey, now: datetime) -> bool:
    return key.expires_at is not None and key.expires_at <= now


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refusal(status: int, message: str) -> Refusal:
    return Refusal(status, {"error": {"message": message, "code": status}})
