"""One item broken in any way costs its own day, limit or name, and nothing else, at every endpoint
of both providers."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from providers.base import Provider
from providers.errors import ProviderError
from providers.period import DAY, Period, midnight
from tests.providers.conftest import NOW

TODAY = NOW.date()
DAYS = Period(TODAY - DAY * 5, TODAY + DAY)
BROKEN_DAY = TODAY - DAY * 2
FROM = NOW.replace(minute=0) - timedelta(hours=4)
MISSING = object()
VALUES = st.one_of(
    st.just(MISSING),
    st.none(),
    st.booleans(),
    st.sampled_from(
        ["", "1_000", "١٢", "NaN", "eur", "weekly", "no such value", "\0\ud800", "x" * 9000]
    ),
    st.sampled_from([-1, 0, 9e9, -9e9, 10**30, 1e300, float("nan"), float("inf")]),
    st.sampled_from([[], {}, [1], {"value": 1}]),
)
PER_EXAMPLE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
PROJECTS = [{"id": f"proj_{n}", "name": f"project {n}", "status": "active"} for n in range(3)]
CAP = {
    "threshold_amount": 5000,
    "currency": "USD",
    "interval": "month",
    "enforcement": {"status": "enforcing"},
}
HASHES = ["h0", "h1", "h2"]
LIMITED = {
    "disabled": False,
    "limit": 10,
    "limit_remaining": 4,
    "limit_reset": "daily",
    "expires_at": None,
}


@dataclass
class Broken:
    """What is done to one item: a field set to a value, or the whole item replaced by it."""

    path: tuple[str, ...]
    value: object

    def of(self, item: dict[str, Any]) -> Any:
        """The item, broken."""
        if not self.path:
            return None if self.value is MISSING else self.value
        spoilt = copy.deepcopy(item)
        inner = spoilt
        for name in self.path[:-1]:
            inner = inner[name]
        if self.value is MISSING:
            inner.pop(self.path[-1], None)
        else:
            inner[self.path[-1]] = self.value
        return spoilt

    @property
    def is_nothing(self) -> bool:
        """The whole item is null, or an object without any of its fields."""
        return not self.path and (
            not self.value or self.value is MISSING or isinstance(self.value, dict)
        )

    def is_none_at(self, *path: str) -> bool:
        """It says of that field, or of the item as a whole, that there is none."""
        is_none = self.value is MISSING or self.value is None or self.value == ""
        is_zero = self.value == 0 and self.value is not False
        return self.path == path and (is_none or is_zero)


def broken(*paths: str) -> st.SearchStrategy[Broken]:
    """One of these fields, or the whole item."""
    ways = st.sampled_from([(), *(tuple(path.split(".")) for path in paths)])
    return st.builds(Broken, ways, VALUES)


def listing(items: Callable[[], list[Any]]) -> Callable[[web.Request], Any]:
    """A list of OpenAI's on one page."""
    return lambda _: {"object": "list", "data": items(), "has_more": False}


@pytest.fixture
def openai(vendor: Any, connect: Callable[..., Provider]) -> Provider:
    """OpenAI, with a handler for each test's endpoint to come."""
    return connect("openai")


@pytest.fixture
def openrouter(vendor: Any, connect: Callable[..., Provider]) -> Provider:
    """OpenRouter with a management key."""
    vendor.handlers["/key"] = lambda _: {"data": {"is_management_key": True, "budgets": []}}
    return connect("openrouter")


def cost_buckets(request: web.Request, bad: Broken, *, of_bucket: bool) -> dict[str, Any]:
    """Each day's costs; those of `BROKEN_DAY` with one row, or the day itself, broken."""
    start, end = (int(request.query[name]) for name in ("start_time", "end_time"))
    data = []
    for day in Period(
        datetime.fromtimestamp(start, UTC).date(), datetime.fromtimestamp(end, UTC).date()
    ):
        row = {
            "amount": {"value": 1.5, "currency": "usd"},
            "line_item": "gpt-5, input",
            "project_id": "proj_1",
            "project_name": "one",
            "organization_id": "org_1",
            "api_key_id": "key_1",
            "quantity": 3,
            "quantity_unit": "tokens",
        }
        begins = int(midnight(day).timestamp())
        bucket = {
            "start_time": begins,
            "end_time": begins + 86400,
            "results": [row, row | {"line_item": "y"}],
        }
        if day == BROKEN_DAY:
            rows = [row, bad.of(row)]
            data.append(bad.of(bucket) if of_bucket else bucket | {"results": rows})
        else:
            data.append(bucket)
    return {"object": "page", "data": data, "has_more": False, "next_page": None}


def check_days(read: Any) -> None:
    """Every other day is known; the broken one too (the change meant nothing), or it is named."""
    others = frozenset(DAYS) - {BROKEN_DAY}
    assert others <= read.covered
    assert set(read.unreadable) <= {BROKEN_DAY}
    assert (BROKEN_DAY in read.covered) != (BROKEN_DAY in read.unreadable)
    for day in others:
        assert [float(c.effective_cost) for c in read.charges if c.charge_period_start == day] in (
            [1.5, 1.5],
            [3.0],
        )


@PER_EXAMPLE
@given(
    broken(
        "amount",
        "amount.value",
        "amount.currency",
        "line_item",
        "project_id",
        "project_name",
        "api_key_id",
        "organization_id",
        "quantity",
        "quantity_unit",
    )
)
async def test_a_cost_row_of_openai(openai: Provider, vendor: Any, bad: Broken) -> None:
    """A row costs its day."""
    vendor.handlers["/organization/costs"] = lambda r: cost_buckets(r, bad, of_bucket=False)
    check_days(await openai.charges(DAYS, NOW))
    vendor.handlers["/organization/costs"] = lambda r: cost_buckets(r, bad, of_bucket=False)
    keys = await openai.breakdown(DAYS, "key", NOW)
    assert {item.day for item in keys.items} >= frozenset(DAYS) - {BROKEN_DAY}
    assert len(keys.not_read) <= 1


@PER_EXAMPLE
@given(broken("start_time", "end_time", "results"))
async def test_a_day_of_openai(openai: Provider, vendor: Any, bad: Broken) -> None:
    """A bucket costs its day."""
    vendor.handlers["/organization/costs"] = lambda r: cost_buckets(r, bad, of_bucket=True)
    check_days(await openai.charges(DAYS, NOW))


@PER_EXAMPLE
@given(broken("model", "input_tokens", "input_cached_tokens", "output_tokens"))
async def test_an_hour_of_openai(openai: Provider, vendor: Any, bad: Broken) -> None:
    """A row of use costs its hour."""
    row = {"model": "m", "input_tokens": 9, "input_cached_tokens": 1, "output_tokens": 2}

    def usage(request: web.Request) -> Any:
        start, end = (int(request.query[name]) for name in ("start_time", "end_time"))
        data = [{"start_time": at, "results": [row]} for at in range(start, end, 3600)]
        if len(data) > 1:
            data[1]["results"] = [row, bad.of(row)]
        return {"object": "page", "data": data, "has_more": False}

    vendor.handlers["/organization/usage/completions"] = usage
    vendor.handlers["/organization/usage/embeddings"] = usage
    read = await openai.hours(FROM, NOW)
    assert read is not None
    second = FROM + timedelta(hours=1)
    assert set(read.unreadable) <= {second}
    assert {use.hour for use in read.uses} >= {FROM + timedelta(hours=n) for n in (0, 2, 3)}


@PER_EXAMPLE
@given(broken("start_time", "end_time", "results"))
async def test_the_rows_of_an_hour_of_openai(openai: Provider, vendor: Any, bad: Broken) -> None:
    """A bucket costs its hour."""
    row = {"model": "m", "input_tokens": 9, "output_tokens": 2}

    def usage(request: web.Request) -> Any:
        start, end = (int(request.query[name]) for name in ("start_time", "end_time"))
        data = [
            {"start_time": at, "end_time": at + 3600, "results": [row]}
            for at in range(start, end, 3600)
        ]
        second = int(FROM.timestamp()) + 3600
        data = [bad.of(each) if each["start_time"] == second else each for each in data]
        return web.json_response({"object": "page", "data": data, "has_more": False})

    vendor.handlers["/organization/usage/completions"] = usage
    vendor.handlers["/organization/usage/embeddings"] = usage
    read = await openai.hours(FROM, NOW)
    assert read is not None
    second = FROM + timedelta(hours=1)
    assert set(read.unreadable) <= {second}
    known = {use.hour for use in read.uses}
    assert known >= {FROM + timedelta(hours=n) for n in (0, 2, 3)}
    assert (second in known) or second in read.unreadable or bad.value == []


@PER_EXAMPLE
@given(broken("threshold_amount", "currency", "interval", "enforcement", "enforcement.status"))
async def test_the_spend_limit_of_the_organization(
    openai: Provider, vendor: Any, bad: Broken
) -> None:
    """It costs no other limit."""
    vendor.handlers |= {
        "/organization/projects": listing(lambda: list(PROJECTS)),
        "/organization/spend_limit": lambda _: web.json_response(bad.of(CAP)),
        "/organization/spend_alerts": listing(lambda: [CAP | {"id": "a1"}]),
        "/organization/projects/proj_1/spend_limit": lambda _: CAP,
    }
    read = await openai.limits(NOW)
    known = {(limit.kind, limit.scope_id) for limit in read.items}
    assert known >= {("spend_alert", "a1"), ("project_spend_limit", "proj_1")}
    is_none = bad.is_none_at("threshold_amount") or bad.is_nothing
    assert len(known) + len(read.not_read) == 3 or is_none


@PER_EXAMPLE
@given(broken("threshold_amount", "currency", "interval", "enforcement", "enforcement.status"))
async def test_a_spend_limit_of_openai(openai: Provider, vendor: Any, bad: Broken) -> None:
    """A project's limit costs no other limit: it is read, none, or named as not understood."""
    vendor.handlers |= {
        "/organization/projects": listing(lambda: list(PROJECTS)),
        "/organization/spend_limit": lambda _: CAP,
        "/organization/spend_alerts": listing(lambda: [CAP | {"id": "a1"}]),
        "/organization/projects/proj_0/spend_limit": lambda _: web.json_response(bad.of(CAP)),
        "/organization/projects/proj_1/spend_limit": lambda _: CAP,
    }
    read = await openai.limits(NOW)
    known = {(limit.kind, limit.scope_id) for limit in read.items}
    assert known >= {
        ("organization_spend_limit", "organization"),
        ("spend_alert", "a1"),
        ("project_spend_limit", "proj_1"),
    }
    is_none = bad.is_none_at("threshold_amount") or bad.is_nothing
    assert len(known) + len(read.not_read) == 4 or is_none
    assert all("proj_0" in reason for reason in read.not_read)


@PER_EXAMPLE
@given(broken("id", "threshold_amount", "currency", "interval"))
async def test_a_spend_alert_of_openai(openai: Provider, vendor: Any, bad: Broken) -> None:
    """An alert costs no other alert."""
    alerts = [CAP | {"id": f"a{n}"} for n in range(3)]
    vendor.handlers |= {
        "/organization/projects": listing(list),
        "/organization/spend_alerts": listing(lambda: [alerts[0], bad.of(alerts[1]), alerts[2]]),
    }
    read = await openai.limits(NOW)
    assert {limit.scope_id for limit in read.items} >= {"a0", "a2"}
    assert len(read.items) + len(read.not_read) == 3 or bad.is_none_at("threshold_amount")


@PER_EXAMPLE
@given(broken("id", "name", "status"))
async def test_a_project_of_openai(openai: Provider, vendor: Any, bad: Broken) -> None:
    """A project costs its own name."""
    projects = [PROJECTS[0], bad.of(PROJECTS[1]), PROJECTS[2]]
    vendor.handlers["/organization/projects"] = listing(lambda: projects)
    openai._projects.forget()  # type: ignore[attr-defined]
    read = await openai.names((), NOW)
    assert {name.item_id for name in read.items} >= {"proj_0", "proj_2"}
    assert len(read.items) + len(read.not_read) == 3 or bad.is_none_at("name")


@PER_EXAMPLE
@given(broken("id", "name"))
async def test_a_key_of_openai(vendor: Any, connect: Callable[..., Provider], bad: Broken) -> None:
    """A key costs its own name."""
    keys = [{"id": f"key_{n}", "name": f"key {n}"} for n in range(3)]
    vendor.handlers["/organization/projects"] = listing(lambda: list(PROJECTS))
    path = "/organization/projects/proj_1/api_keys"
    vendor.handlers[path] = listing(lambda: [keys[0], bad.of(keys[1]), keys[2]])
    read = await connect("openai").names(["proj_1"], NOW)
    named = {name.item_id for name in read.items if name.kind == "key"}
    assert named >= {"key_0", "key_2"}
    assert len(named) + len(read.not_read) == 3 or bad.is_none_at("name")


@PER_EXAMPLE
@given(broken("date__day", "model", "credits_usage", "byok_usage", "api_key_id"), st.booleans())
async def test_a_row_of_analytics(
    openrouter: Provider, vendor: Any, bad: Broken, by_key: bool
) -> None:
    """A row costs its day, also where it does not say which."""

    async def answer(request: web.Request) -> Any:
        span = (await request.json())["time_range"]
        first, end = (date.fromisoformat(span[name][:10]) for name in ("start", "end"))
        data = []
        for day in Period(first, end):
            row = {"date__day": f"{day}", "model": "m", "credits_usage": 1.5, "byok_usage": 0}
            row |= {"api_key_id": "k"}
            data += [row, bad.of(row | {"model": "n"}) if day == BROKEN_DAY else row]
        return web.json_response({"data": {"data": data, "metadata": {"truncated": False}}})

    vendor.handlers["/analytics/query"] = answer
    if by_key:
        keys = await openrouter.breakdown(DAYS, "key", NOW)
        assert {item.day for item in keys.items} >= frozenset(DAYS) - {BROKEN_DAY}
        assert len(keys.not_read) <= 1
    else:
        check_days(await openrouter.charges(DAYS, NOW))


@PER_EXAMPLE
@given(broken("date", "model", "usage", "byok_usage_inference"))
async def test_a_row_of_activity(openrouter: Provider, vendor: Any, bad: Broken) -> None:
    """A row costs its day, also where it does not say which."""

    def activity(request: web.Request) -> Any:
        data = []
        for day in Period(TODAY - DAY * 30, TODAY):
            if request.query.get("date", f"{day}") == f"{day}":
                row = {"date": f"{day} 00:00:00", "model": "m", "usage": 1.5}
                data += [row, bad.of(row | {"model": "n"}) if day == BROKEN_DAY else row]
        return web.json_response({"data": data})

    vendor.handlers["/analytics/query"] = lambda _: web.Response(status=404)
    vendor.handlers["/activity"] = activity
    read = await openrouter.charges(DAYS, NOW)
    assert read.covered | set(read.unreadable) == frozenset(DAYS) - {TODAY}
    assert set(read.unreadable) <= {BROKEN_DAY}


@PER_EXAMPLE
@given(broken("hash", "name", *LIMITED))
async def test_a_key_of_openrouter(
    vendor: Any, connect: Callable[..., Provider], bad: Broken
) -> None:
    """A key costs its own name and limit."""
    keys = [{"hash": each, "name": each, **LIMITED} for each in HASHES]
    vendor.handlers["/key"] = lambda _: {"data": {"is_management_key": True}}
    vendor.handlers["/keys"] = lambda _: web.json_response(
        {"data": [keys[0], bad.of(keys[1]), keys[2]]}
    )
    openrouter = connect("openrouter")
    names, limits = await openrouter.names((), NOW), await openrouter.limits(NOW)
    assert {name.item_id for name in names.items} >= {"h0", "h2"}
    assert {limit.scope_id for limit in limits.items} >= {"h0", "h2"}
    assert len(names.items) + len(names.not_read) == 3 or bad.is_none_at("name")
    is_off = bad.is_none_at("limit") or (bad.path == ("disabled",) and bad.value is True)
    assert len(limits.items) + len(limits.not_read) == 3 or is_off


@PER_EXAMPLE
@given(broken("scope", "limit_usd", "spend_usd", "remaining_usd", "reset_interval", "budget_id"))
async def test_a_budget_of_openrouter(
    vendor: Any, connect: Callable[..., Provider], bad: Broken
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
    vendor.handlers["/key"] = lambda _: web.json_response(
        {"data": {"is_management_key": False, "budgets": budgets}}
    )
    read = await connect("openrouter").limits(NOW)
    assert {limit.scope_id for limit in read.items} >= {"b0", "b2"}
    is_none = bad.is_none_at("limit_usd") or bad.is_nothing
    assert len(read.items) + len(read.not_read) == 3 or is_none


@PER_EXAMPLE
@given(broken("date__hour", "model", "credits_usage"))
async def test_an_hour_of_openrouter(openrouter: Provider, vendor: Any, bad: Broken) -> None:
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

    vendor.handlers["/analytics/query"] = answer
    read = await openrouter.hours(FROM, NOW)
    assert read is not None
    assert set(read.unreadable) <= {second}
    assert {use.hour for use in read.uses} >= {FROM + timedelta(hours=n) for n in (0, 2, 3)}


@PER_EXAMPLE
@given(broken("id", "name"))
async def test_a_workspace_of_openrouter(
    vendor: Any, connect: Callable[..., Provider], bad: Broken
) -> None:
    """A workspace costs its own keys."""
    workspaces = [{"id": f"w{n}", "name": f"w{n}"} for n in range(3)]

    def keys(request: web.Request) -> Any:
        each = request.query.get("workspace_id", "")
        return {"data": [{"hash": f"h{each}", "name": f"h{each}", **LIMITED}]}

    vendor.handlers |= {
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
async def test_the_key_that_asks(
    vendor: Any, connect: Callable[..., Provider], bad: Broken
) -> None:
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
    vendor.handlers |= {
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
async def test_the_balance_of_openrouter(openrouter: Provider, vendor: Any, bad: Broken) -> None:
    """It is read, or an error says what can't be."""
    vendor.handlers["/credits"] = lambda _: web.json_response(
        {"data": bad.of({"total_credits": 10, "total_usage": 4})}
    )
    try:
        balance = await openrouter.balance(NOW)
    except ProviderError:
        return
    assert balance is not None
    left = float(balance.total_credits - balance.total_usage)
    assert balance.total_usage >= 0
    value: Any = bad.value
    assert left in (6.0, 10.0 - float(value), float(value) - 4)
