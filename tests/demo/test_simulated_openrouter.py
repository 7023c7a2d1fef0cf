"""The simulated OpenRouter is as OpenRouter has been seen to be, and serves the world's truth."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from providers.money import from_nano, to_nano, total
from providers.period import DAY, Period
from simulators.clock import DemoClock
from simulators.openrouter import OpenRouterServer
from simulators.provider_server import serve_provider
from simulators.quirks import STILL_EXACT, Quirk, Quirks
from simulators.world import World

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def clock() -> DemoClock:
    """A clock that stands at 24 November 2026."""
    return DemoClock(NOW)


@pytest.fixture
async def server(clock: DemoClock) -> AsyncIterator[OpenRouterServer]:
    """A running simulated OpenRouter with no quirk on."""
    async with serve_provider(OpenRouterServer(World("test", clock), Quirks())) as running:
        yield running


async def ask(
    server: OpenRouterServer,
    path: str,
    key: str = "management",
    body: dict[str, Any] | None = None,
    **params: str,
) -> tuple[int, Any]:
    """Status and exact JSON of one request: a POST where there is a body."""
    headers = {"Authorization": f"Bearer {getattr(server.keys, key)}"}
    method = "GET" if body is None else "POST"
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, f"{server.base_url}{path}", params=params, json=body, headers=headers
        ) as response,
    ):
        return response.status, json.loads(await response.text(), parse_float=Decimal)


def query(period: Period, *dimensions: str, **more: Any) -> dict[str, Any]:
    """An analytics query for daily credits."""
    return {
        "metrics": ["credits_usage", "byok_usage", "request_count"],
        "dimensions": list(dimensions),
        "granularity": "day",
        "time_range": {
            "start": f"{period.start}T00:00:00Z",
            "end": f"{period.end}T00:00:00Z",
        },
        "limit": 10_000,
        **more,
    }


async def rows(server: OpenRouterServer, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an analytics answer that left none out."""
    status, answer = await ask(server, "/analytics/query", body=body)
    assert status == 200, answer
    assert not answer["data"]["metadata"]["truncated"]
    found: list[dict[str, Any]] = answer["data"]["data"]
    return found


def nano(value: Any) -> Decimal:
    """An amount as the ledger keeps it; null is none."""
    return from_nano(to_nano(Decimal(str(value or 0))))


@pytest.mark.parametrize(
    "quirk",
    [
        None,
        *sorted(
            quirk
            for quirk in STILL_EXACT - {Quirk.TRUNCATED}
            if quirk.value.startswith("openrouter")
        ),
    ],
)
async def test_a_careful_reader_gets_the_truth_to_the_nano(
    server: OpenRouterServer, quirk: Quirk | None
) -> None:
    """Analytics by day, workspace and model is the truth, the running day included."""
    if quirk:
        server.quirks.on(quirk)
    period = Period(date(2026, 11, 1), TODAY + DAY)
    found = await rows(server, query(period, "model", "workspace"))
    truth = server.world.truth
    assert total(nano(row["credits_usage"]) for row in found) == truth.used("openrouter", period)
    assert total(nano(row["byok_usage"]) for row in found) == truth.byok_used(period) > 0


async def test_activity_says_the_same_of_completed_days(server: OpenRouterServer) -> None:
    """Activity's rows add up to the same days, over all workspaces."""
    status, body = await ask(server, "/activity", group_by="workspace")
    sums: dict[tuple[str, str, str], Decimal] = {}
    for item in body["data"]:
        key = (item["date"][:10], item["model"], item["workspace_id"])
        sums[key] = total((sums.get(key, Decimal(0)), Decimal(str(item["usage"]))))
    period = Period(TODAY - timedelta(days=30), TODAY)
    assert status == 200
    assert {day for day, *_ in sums} == {str(day) for day in period}
    assert total(map(nano, sums.values())) == server.world.truth.used("openrouter", period)


async def test_activity_dates_carry_a_time(server: OpenRouterServer) -> None:
    """As seen live, not as specified; the quirk gives the specified form."""
    _, live = await ask(server, "/activity", date="2026-11-03")
    server.quirks.on(Quirk.SPEC_DATES)
    _, specified = await ask(server, "/activity", date="2026-11-03")
    assert live["data"][0]["date"] == "2026-11-03 00:00:00"
    assert specified["data"][0]["date"] == "2026-11-03"


@pytest.mark.parametrize("day", ["2026-11-24", "2026-10-24"])
async def test_activity_refuses_the_running_day_and_older_ones(
    server: OpenRouterServer, day: str
) -> None:
    """Only the last 30 completed days are served."""
    status, body = await ask(server, "/activity", date=day)
    assert status == 400
    assert body == {
        "error": {"message": "Date must be within the last 30 (completed) UTC days", "code": 400}
    }


async def test_counts_are_strings_and_absent_money_is_null(server: OpenRouterServer) -> None:
    """A model that ran on the team's own key has no credits_usage; counts come as text."""
    found = await rows(server, query(Period.of_day(date(2026, 11, 3)), "model"))
    by_model = {row["model"]: row for row in found}
    byok_only = by_model["openai/gpt-5-mini"]
    assert byok_only["credits_usage"] is None
    assert byok_only["byok_usage"] > 0
    assert isinstance(byok_only["request_count"], str)
    assert byok_only["date__day"] == "2026-11-03"


async def test_keys_are_listed_by_names_that_collide(server: OpenRouterServer) -> None:
    """Two keys called ci are two rows of that name; what the chatroom used has none."""
    period = Period.of_day(date(2026, 11, 3))
    found = await rows(server, query(period, "api_key_id"))
    names = [row["api_key_id"] for row in found]
    assert (names.count("ci"), names.count(None)) == (2, 1)
    exact = total(row["credits_usage"] for row in found if row["api_key_id"] == "ci")
    assert nano(exact) == server.world.truth.by_key("openrouter", period)["ci"]


async def test_filters_take_ids_not_names(server: OpenRouterServer) -> None:
    """A key's hash finds its rows; a name finds none, and a warning says so."""
    period = Period.of_day(date(2026, 11, 3))
    key_hash = server.world.openrouter.key("coding-agents").key_hash
    answers = []
    for value in (key_hash, "coding-agents"):
        filters = [{"field": "api_key_id", "operator": "eq", "value": value}]
        _, answer = await ask(
            server, "/analytics/query", body=query(period, "model", filters=filters)
        )
        answers.append((len(answer["data"]["data"]), len(answer["data"]["warnings"])))
    assert answers == [(2, 0), (0, 1)]


async def test_hours_add_up_to_their_day(server: OpenRouterServer) -> None:
    """The running day by hours is the running day."""
    period = Period.of_day(TODAY)
    by_hour = await rows(server, query(period, "model", granularity="hour"))
    used = total(Decimal(str(row["credits_usage"] or 0)) for row in by_hour)
    by_day = await rows(server, query(period, "model"))
    assert used == total(Decimal(str(row["credits_usage"] or 0)) for row in by_day) > 0
    assert len({row["date__hour"] for row in by_hour}) == 16


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metrics": []}, "metrics"),
        ({"dimensions": ["model", "provider", "workspace"]}, "dimensions: Too big"),
        ({"time_range": {"start": "2026-11-01T00:00Z", "end": "2026-11-02T00:00Z"}}, "ISO"),
        ({"time_range": {"start": "2025-11-01T00:00:00Z"}}, "history"),
        (
            {"metrics": ["openrouter_usage"], "time_range": {"start": "2026-09-01T00:00:00Z"}},
            "hist",
        ),
    ],
)
async def test_analytics_refuses_what_it_does_not_take(
    server: OpenRouterServer, change: dict[str, Any], words: str
) -> None:
    """What analytics does not take is refused with 400."""
    body = query(Period.of_day(date(2026, 11, 3)), "model") | change
    status, answer = await ask(server, "/analytics/query", body=body)
    assert (status, words in answer["error"]["message"]) == (400, True)


async def test_truncated_answers_say_so(server: OpenRouterServer) -> None:
    """With that quirk a long answer holds 40 rows and the flag."""
    server.quirks.on(Quirk.TRUNCATED)
    body = query(Period(date(2026, 11, 1), TODAY), "model")
    _, answer = await ask(server, "/analytics/query", body=body)
    assert answer["data"]["metadata"]["truncated"]
    assert len(answer["data"]["data"]) == 40


async def test_credits_are_the_accounts_balance(server: OpenRouterServer) -> None:
    """Bought less used is the truth's balance, and lasts for a week or two."""
    _, body = await ask(server, "/credits")
    bought, used = (Decimal(str(body["data"][name])) for name in ("total_credits", "total_usage"))
    truth = server.world.truth
    assert nano(bought - used) == truth.balance()
    burn = truth.used("openrouter", Period(TODAY - DAY * 7, TODAY)) / 7
    assert 7 < truth.balance() / burn < 14


async def test_an_inference_key_and_credits(server: OpenRouterServer) -> None:
    """It is refused; with the quirks it gets zeros, or the account's figures."""
    status, body = await ask(server, "/credits", key="inference")
    assert (status, body["error"]["message"]) == (
        403,
        "Only management keys can perform this operation",
    )
    server.quirks.on(Quirk.CREDITS_ZEROS)
    assert (await ask(server, "/credits", key="inference")) == (
        200,
        {"data": {"total_credits": 0, "total_usage": 0}},
    )
    server.quirks.on(Quirk.CREDITS_OPEN)
    assert (await ask(server, "/credits", key="inference")) == await ask(server, "/credits")


async def test_the_own_key_shows_its_kind(server: OpenRouterServer) -> None:
    """A management key has counters of zero; an inference key its own usage and budget."""
    _, management = await ask(server, "/key")
    _, inference = await ask(server, "/key", key="inference")
    assert management["data"]["is_management_key"] is True
    assert management["data"]["usage"] == 0
    data = inference["data"]
    assert data["is_management_key"] is False
    month = Period(date(2026, 11, 1), TODAY + DAY)
    chat = server.world.openrouter.key("chat")
    used = server.world.openrouter.key_usage(chat.key_hash, month)
    assert data["usage_monthly"] == used
    assert data["limit_remaining"] == chat.limit - used if chat.limit else None
    assert data["effective_budget"]["resets_at"] == "2026-12-01T00:00:00Z"


@pytest.mark.parametrize("path", ["/credits", "/key", "/keys", "/activity", "/workspaces"])
async def test_an_unknown_key_is_refused(server: OpenRouterServer, path: str) -> None:
    """401 with the words seen live."""
    status, body = await ask(server, path, key="unknown")
    assert (status, body["error"]["message"]) == (401, "User not found.")


async def test_keys_are_listed_by_workspace_and_hide_some(server: OpenRouterServer) -> None:
    """Without a workspace only the default one's; disabled and expired keys when asked for."""
    _, plain = await ask(server, "/keys")
    assert [key["name"] for key in plain["data"]] == ["ci"]
    _, workspaces = await ask(server, "/workspaces")
    names = []
    for workspace in workspaces["data"]:
        _, page = await ask(
            server,
            "/keys",
            workspace_id=workspace["id"],
            include_disabled="true",
            include_expired="true",
        )
        names += [key["name"] for key in page["data"]]
    assert sorted(names) == ["chat", "ci", "ci", "coding-agents", "contractor", "hackday"]


async def test_keys_come_in_pages_of_a_hundred(server: OpenRouterServer) -> None:
    """Only an offset leads on."""
    account = server.world.openrouter
    for number in range(130):
        account.create_key(account.workspaces[0].workspace_id, f"worker-{number}")
    pages = [await ask(server, "/keys", offset=offset) for offset in ("0", "100", "200")]
    assert [len(body["data"]) for _, body in pages] == [100, 31, 0]
