"""One item broken in any way costs its own day, limit or name, and nothing else, at every endpoint
of OpenRouter."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st

from providers.base import Provider
from providers.errors import ProviderError
from providers.models import BreakdownDimension
from providers.period import DAY, Period
from tests.providers.broken import (
    BROKEN_DAY,
    DAYS,
    FROM,
    PER_EXAMPLE,
    TODAY,
    Broken,
    broken,
    check_days,
)
from tests.providers.conftest import NOW

HASHES = ["h0", "h1", "h2"]
LIMITED = {
    "disabled": False,
    "limit": 10,
    "limit_remaining": 4,
    "limit_reset": "daily",
    "expires_at": None,
}


@pytest.fixture
def openrouter(api: Any, connect: Callable[..., Provider]) -> Provider:
    """OpenRouter with a management key."""
    api.handlers["/key"] = lambda _: {"data": {"is_management_key": True, "budgets": []}}
    return connect("openrouter")


@PER_EXAMPLE
@given(
    broken("date__day", "model", "credits_usage", "byok_usage", "api_key_id", "user", "user_email"),
    st.sampled_from(["key", "user", None]),
)
async def test_a_broken_row_of_analytics_costs_its_day(
    openrouter: Provider, api: Any, bad: Broken, by: BreakdownDimension | None
) -> None:
    """A row costs its day, also where it does not say which."""

    async def answer(request: web.Request) -> Any:
        span = (await request.json())["time_range"]
        first, end = (date.fromisoformat(span[name][:10]) for name in ("start", "end"))
        data = []
        for day in Period(first, end):
            row = {"date__day": f"{day}", "model": "m", "credits_usage": 1.5, "byok_usage": 0}
            row |= {"api_key_id": "k", "user": "Ann", "user_email": "ann@team.example"}
            data += [row, bad.of(row | {"model": "n"}) if day == BROKEN_DAY else row]
        return web.json_response({"data": {"data": data, "metadata": {"truncated": False}}})

    api.handlers["/analytics/query"] = answer
    if by is not None:
        read = await openrouter.breakdown(DAYS, by, NOW)
        assert {item.day for item in read.items} >= frozenset(DAYS) - {BROKEN_DAY}
        assert len(read.not_read) <= 1
        assert "@" not in repr(read)
    else:
        check_days(await openrouter.charges(DAYS, NOW))


@PER_EXAMPLE
@given(broken("date", "model", "usage", "byok_usage_inference"))
async def test_a_broken_row_of_activity_costs_its_day(
    openrouter: Provider, api: Any, bad: Broken
) -> None:
    """A row costs its day, also where it does not say which."""

    def activity(request: web.Request) -> Any:
        data = []
        for day in Period(TODAY - DAY * 30, TODAY):
            if request.query.get("date", f"{day}") == f"{day}":
                row = {"date": f"{day} 00:00:00", "model": "m", "usage": 1.5}
                data += [row, bad.of(row | {"model": "n"}) if day == BROKEN_DAY else row]
        return web.json_response({"data": data})

    api.handlers["/analytics/query"] = lambda _: web.Response(status=404)
    api.handlers["/activity"] = activity
    read = await openrouter.charges(DAYS, NOW)
    assert read.covered | set(read.unreadable) == frozenset(DAYS) - {TODAY}
    assert set(read.unreadable) <= {BROKEN_DAY}


@PER_EXAMPLE
@given(broken("hash", "name", *LIMITED))
async def test_a_broken_key_costs_its_name_and_limit(
    api: Any, connect: Callable[..., Provider], bad: Broken
) -> None:
    """A key costs its own name and limit."""
    keys = [{"hash": each, "name": each, **LIMITED} for each in HASHES]
    api.handlers["/key"] = lambda _: {"data": {"is_management_key": True}}
    api.handlers["/keys"] = lambda _: web.json_response(
        {"data": [keys[0], bad.of(keys[1]), keys[2]]}
    )
    openrouter = connect("openrouter")
    names, limits = await openrouter.names((), NOW), await openrouter.limits(NOW)
    assert {name.item_id for name in names.items} >= {"h0", "h2"}
    assert {limit.scope_id for limit in limits.items} >= {"h0", "h2"}
    keeps_its_name = bad.path == ("expires_at",)  # that this can't be read is said besides
    assert len(names.items) + len(names.not_read) == 3 or bad.is_none_at("name") or keeps_its_name
    is_off = bad.is_none_at("limit") or (bad.path == ("disabled",) and bad.value is True)
    assert len(limits.items) + len(limits.not_read) == 3 or is_off


@PER_EXAMPLE
@given(broken("scope", "limit_usd", "spend_usd", "remaining_usd", "reset_interval", "budget_id"))
async def test_a_broken_budget_costs_no_other(
    api: Any, connect: Callable[..., Provider], bad: Broken
) -> None:
    """A budget costs no other budget."""
    budget = {
        "scope": "member",
        "limit_usd": 5,
        "spend_usd": 1,
        "remaining_usd": 4,
        "reset_interval": "weekly",
        "budget_id": "b",
    }
    budgets = [budget | {"budget_id": "b0"}, bad.of(budget), budget | {"budget_id": "b2"}]
    api.handlers["/key"] = lambda _: web.json_response(
        {"data": {"is_management_key": False, "budgets": budgets}}
    )
    read = await connect("openrouter").limits(NOW)
    assert {limit.scope_id for limit in read.items} >= {"b0", "b2"}
    is_none = bad.is_none_at("limit_usd") or bad.is_nothing
    assert len(read.items) + len(read.not_read) == 3 or is_none


@PER_EXAMPLE
@given(broken("date__hour", "model", "credits_usage"))
async def test_a_broken_row_costs_its_hour(openrouter: Provider, api: Any, bad: Broken) -> None:
    """A row costs its hour, also where it does not say which."""
    second = FROM + timedelta(hours=1)

    async def answer(request: web.Request) -> Any:
        span = (await request.json())["time_range"]
        at, end = (datetime.fromisoformat(span[name]) for name in ("start", "end"))
        data = []
        while at < end:
            row = {"date__hour": f"{at:%Y-%m-%dT%H:%M:%SZ}", "model": "m", "credits_usage": 1.5}
            data += [row, bad.of(row | {"model": "n"}) if at == second else row]
            at += timedelta(hours=1)
        return web.json_response({"data": {"data": data, "metadata": {"truncated": False}}})

    api.handlers["/analytics/query"] = answer
    read = await openrouter.hours(FROM, NOW)
    assert read is not None
    assert set(read.unreadable) <= {second}
    assert {use.hour for use in read.uses} >= {FROM + timedelta(hours=n) for n in (0, 2, 3)}


@PER_EXAMPLE
@given(broken("id", "name"))
async def test_a_broken_workspace_costs_its_keys(
    api: Any, connect: Callable[..., Provider], bad: Broken
) -> None:
    """A workspace costs its own keys."""
    workspaces = [{"id": f"w{n}", "name": f"w{n}"} for n in range(3)]

    def keys(request: web.Request) -> Any:
        each = request.query.get("workspace_id", "")
        return {"data": [{"hash": f"h{each}", "name": f"h{each}", **LIMITED}]}

    api.handlers |= {
        "/key": lambda _: {"data": {"is_management_key": True}},
        "/keys": keys,
        "/workspaces": lambda _: web.json_response(
            {"data": [workspaces[0], bad.of(workspaces[1]), workspaces[2]]}
        ),
    }
    openrouter = connect("openrouter")
    names, limits = await openrouter.names((), NOW), await openrouter.limits(NOW)
    assert {name.item_id for name in names.items} >= {"hw0", "hw2"}
    assert {limit.scope_id for limit in limits.items} >= {"hw0", "hw2"}
    assert len(names.items) + len(names.not_read) >= 3


@PER_EXAMPLE
@given(broken("is_management_key", "expires_at", "limit", "budgets", "organization_id"))
async def test_the_key_that_asks(api: Any, connect: Callable[..., Provider], bad: Broken) -> None:
    """What it is said to be costs no charges: OpenRouter refuses those itself where it must."""
    key: dict[str, Any] = {
        "is_management_key": True,
        "expires_at": None,
        "limit": None,
        "budgets": [],
    }
    days = [
        {"date__day": f"{day}", "model": "m", "credits_usage": 1.5, "byok_usage": 0} for day in DAYS
    ]
    api.handlers |= {
        "/key": lambda _: web.json_response({"data": bad.of(key)}),
        "/analytics/query": lambda _: {"data": {"data": days, "metadata": {"truncated": False}}},
    }
    openrouter = connect("openrouter")
    if bad.path == ("is_management_key",) and bad.value is False:
        with pytest.raises(ProviderError):
            await openrouter.charges(DAYS, NOW)
    else:
        assert (await openrouter.charges(DAYS, NOW)).covered == frozenset(DAYS)


@PER_EXAMPLE
@example(Broken(("total_usage",), -1))
@given(broken("total_credits", "total_usage"))
async def test_a_broken_balance_is_read_or_an_error(
    openrouter: Provider, api: Any, bad: Broken
) -> None:
    """It is read, or an error says what can't be."""
    api.handlers["/credits"] = lambda _: web.json_response(
        {"data": bad.of({"total_credits": 10, "total_usage": 4})}
    )
    try:
        balance = await openrouter.balance(NOW)
    except ProviderError:
        return
    assert balance is not None
    assert balance.total_credits is not None
    assert balance.total_usage is not None
    left = float(balance.total_credits - balance.total_usage)
    assert balance.total_usage >= 0
    value: Any = bad.value
    assert left in (6.0, 10.0 - float(value), float(value) - 4)
