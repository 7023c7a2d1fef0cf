"""A provider's API that answers as a test says, over real HTTP."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from providers import catalog
from providers.base import Provider
from providers.http import Pool, Retries

Reply = web.StreamResponse | dict[str, Any]
Handler = Callable[[web.Request], Awaitable[Reply] | Reply]
QUICK = Retries(
    attempts=3,
    deadline=60,
    attempt_deadline=60,
    first_wait=0.01,
    longest_wait=0.02,
    longest_asked=3,
)
"""A machine that does much else may take its time; no time-out ends a request then."""
IMPATIENT = replace(QUICK, attempt_deadline=0.1)
NOW = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)
KEYS = {
    "openai": "sk-admin-Zq8vK3mN0pR7tY5w",
    "openrouter": "sk-or-v1-Zq8vK3mN0pR7tY5w",
    "anthropic": "sk-ant-admin01-Zq8vK3mN0pR7tY5w",
    "deepseek": "sk-Zq8vK3mN0pR7tY5w",
    "xai": "xai-token-Zq8vK3mN0pR7tY5w",
}
"""Where the provider's keys have a form of their own."""
EXACTLY = {
    "openai": Decimal("2.3734612890123456789012345678901234"),
    "openrouter": Decimal("3.175614420000001"),
    "xai": Decimal("1.2750000001"),
    "anthropic": Decimal("412.8123456789012345678901234567890123"),
}
"""What the rows of one day in `well_behaved` add up to."""


@dataclass
class FakeApi:
    """Handlers by path, and what was asked."""

    base_url: str = ""
    handlers: dict[str, Handler] = field(default_factory=dict)
    fault: Handler | None = None
    """Where set, answers in place of every handler, unless it returns an empty dict."""
    requests: list[tuple[str, list[tuple[str, str]], Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/v1")
        body = await request.json() if request.can_read_body else None
        self.requests.append((path, list(request.query.items()), body))
        reply: Any = None
        if self.fault is not None:
            reply = self.fault(request)
            reply = await reply if isinstance(reply, Awaitable) else reply
        if not reply:
            handler = self.handlers.get(path)
            if handler is None:
                return web.json_response({"error": {"message": "Not found"}}, status=404)
            reply = handler(request)
            reply = await reply if isinstance(reply, Awaitable) else reply
        return reply if isinstance(reply, web.StreamResponse) else web.json_response(reply)

    def asked(self, path: str) -> list[list[tuple[str, str]]]:
        """The query parameters of each request to that path."""
        return [query for asked, query, _ in self.requests if asked == path]


@pytest.fixture
def now() -> datetime:
    """The present of these tests: Monday, 23 November 2026, 15:20 UTC."""
    return NOW


@pytest.fixture
def payload() -> Callable[[str], Any]:
    """Read a recorded-like body."""
    folder = Path(__file__).parent / "payloads"
    return lambda name: json.loads((folder / f"{name}.json").read_text())


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    """A provider's API with no handlers yet, at `api.base_url`."""
    shown = FakeApi()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", shown.answer)
    async with TestServer(app) as server:
        shown.base_url = str(server.make_url("/v1"))
        yield shown


@pytest.fixture
def retries() -> Retries:
    """Those of the pool. Tests of time-outs parametrize it."""
    return QUICK


@pytest.fixture
async def pool(retries: Retries) -> AsyncIterator[Pool]:
    """Connections that try again at once."""
    opened = Pool(retries)
    yield opened
    await opened.aclose()


@pytest.fixture
def connect(api: FakeApi, pool: Pool) -> Callable[..., Provider]:
    """The provider of that name, connected to `api`."""

    def connected(name: str, key: str | None = None) -> Provider:
        kind = catalog.by_name(name)
        assert kind is not None
        key = key or KEYS.get(name, "key-Zq8vK3mN0pR7tY5w")
        return kind.connect(pool.http(api.base_url, key, kind.title))

    return connected


@pytest.fixture
def openai_costs(payload: Callable[[str], Any]) -> Callable[..., Handler]:
    """A well-behaved `/organization/costs` that has the same rows on each day."""

    def behaving(rows: Any = None, ceiling: int = 31) -> Handler:
        every_day = payload("openai_cost_rows") if rows is None else rows

        def answer(request: web.Request) -> Reply:
            start, end = int(request.query["start_time"]), int(request.query["end_time"])
            first = int(request.query.get("page", start))
            days = [
                {
                    "object": "bucket",
                    "start_time": at,
                    "end_time": at + 86400,
                    "results": [] if at > NOW.timestamp() else every_day,
                }
                for at in range(first, end, 86400)
            ]
            limit = min(int(request.query["limit"]), ceiling)
            has_more = len(days) > limit
            following = str(first + limit * 86400) if has_more else None
            return {
                "object": "page",
                "data": days[:limit],
                "has_more": has_more,
                "next_page": following,
            }

        return answer

    return behaving


@pytest.fixture
def openrouter_analytics(payload: Callable[[str], Any]) -> Callable[..., Handler]:
    """A well-behaved `/analytics/query` that has the same rows on each day."""

    def behaving(rows: Any = None, column: str = "date__day", ceiling: int = 10_000) -> Handler:
        every_day = payload("openrouter_analytics_rows") if rows is None else rows

        async def answer(request: web.Request) -> Reply:
            span = (await request.json())["time_range"]
            day = datetime.fromisoformat(span["start"])
            found = []
            while day < min(datetime.fromisoformat(span["end"]), NOW):
                found += [{column: f"{day:%Y-%m-%d}T00:00:00.000Z", **row} for row in every_day]
                day += timedelta(days=1)
            metadata = {
                "query_time_ms": 12,
                "row_count": len(found[:ceiling]),
                "truncated": len(found) > ceiling,
            }
            return {"data": {"data": found[:ceiling], "metadata": metadata}}

        return answer

    return behaving


@pytest.fixture
def anthropic_costs(payload: Callable[[str], Any]) -> Callable[..., Handler]:
    """A well-behaved `/organizations/analytics/cost` that has the same rows on each day, and an
    export of noon."""

    def behaving(rows: Any = None, refreshed_at: str | None = "2026-11-23T12:00:00Z") -> Handler:
        every_day = payload("anthropic_cost_rows") if rows is None else rows

        def answer(request: web.Request) -> Reply:
            start, end = (
                datetime.fromisoformat(request.query[name]) for name in ("starting_at", "ending_at")
            )
            days = [start + timedelta(days=n) for n in range((end - start).days)]
            data = [
                {
                    "starting_at": f"{day:%Y-%m-%dT%H:%M:%SZ}",
                    "ending_at": f"{day + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
                    **row,
                }
                for day in days
                if day <= NOW
                for row in every_day
            ]
            return {
                "data": data,
                "has_more": False,
                "next_page": None,
                "data_refreshed_at": refreshed_at,
            }

        return answer

    return behaving


async def xai_usage(request: web.Request) -> Reply:
    """A well-behaved `/usage` that has the same figures on each day."""
    span = (await request.json())["analyticsRequest"]["timeRange"]
    first, end = (datetime.fromisoformat(span[name]) for name in ("startTime", "endTime"))
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    return web.Response(
        text=json.dumps(
            {
                "timeSeries": [
                    {
                        "group": [name],
                        "groupLabels": [name],
                        "dataPoints": [
                            {"timestamp": f"{day:%Y-%m-%dT%H:%M:%SZ}", "values": [dollars]}
                            for day in days
                        ],
                    }
                    for name, dollars in (("grok-4", 1.2500000001), ("live search", 0.025))
                ],
                "limitReached": False,
            }
        ),
        content_type="application/json",
    )


@pytest.fixture
def well_behaved(
    api: FakeApi,
    payload: Callable[[str], Any],
    openai_costs: Callable[..., Handler],
    openrouter_analytics: Callable[..., Handler],
    anthropic_costs: Callable[..., Handler],
) -> Mapping[str, Mapping[str, Handler]]:
    """What each provider answers when all is well, by provider and path."""
    return {
        "openai": {"/organization/costs": openai_costs()},
        "openrouter": {
            "/key": lambda _: payload("openrouter_key"),
            "/credits": lambda _: {"data": {"total_credits": 100.5, "total_usage": 25.75}},
            "/analytics/query": openrouter_analytics(),
            "/activity": lambda _: payload("openrouter_activity"),
        },
        "anthropic": {"/organizations/analytics/cost": anthropic_costs()},
        "xai": {
            "/auth/management-keys/validation": lambda _: {"scope": "SCOPE_TEAM", "teamId": "t"},
            "/v1/billing/teams/t/usage": xai_usage,
        },
        "deepseek": {"/user/balance": lambda _: payload("deepseek_balance")},
    }


@pytest.fixture
def openai(api: Any, openai_costs: Any, connect: Callable[..., Provider]) -> Provider:
    """A well-behaved OpenAI."""
    api.handlers["/organization/costs"] = openai_costs()
    return connect("openai")


@pytest.fixture
def openrouter(api: Any, well_behaved: Any, connect: Callable[..., Provider]) -> Provider:
    """A well-behaved OpenRouter, seen with a management key."""
    api.handlers.update(well_behaved["openrouter"])
    return connect("openrouter")


@pytest.fixture
def inference(openrouter: Provider, api: Any, payload: Any) -> Provider:
    """The same, seen with an inference key, to which `/credits` says zeros."""
    own = payload("openrouter_key")["data"]
    own |= {"is_management_key": False, "limit": 30, "limit_remaining": 20, "limit_reset": "daily"}
    api.handlers["/key"] = lambda _: {"data": own}
    api.handlers["/credits"] = lambda _: {"data": {"total_credits": 0, "total_usage": 0}}
    return openrouter
