"""One item broken in any way costs its own day, limit or name, and nothing else, at every endpoint
of OpenAI."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given

from providers.base import Provider
from providers.period import Period, midnight
from tests.providers.broken import BROKEN_DAY, DAYS, FROM, PER_EXAMPLE, Broken, broken, check_days
from tests.providers.conftest import NOW

PROJECTS = [{"id": f"proj_{n}", "name": f"project {n}", "status": "active"} for n in range(3)]
CAP = {
    "threshold_amount": 5000,
    "currency": "USD",
    "interval": "month",
    "enforcement": {"status": "enforcing"},
}


def listing(items: Callable[[], list[Any]]) -> Callable[[web.Request], Any]:
    """A list of OpenAI's on one page."""
    return lambda _: {"object": "list", "data": items(), "has_more": False}


@pytest.fixture
def openai(api: Any, connect: Callable[..., Provider]) -> Provider:
    """OpenAI, with a handler for each test's endpoint to come."""
    return connect("openai")


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
async def test_a_broken_cost_row_costs_its_day(openai: Provider, api: Any, bad: Broken) -> None:
    """A row costs its day."""
    api.handlers["/organization/costs"] = lambda r: cost_buckets(r, bad, of_bucket=False)
    check_days(await openai.charges(DAYS, NOW))
    api.handlers["/organization/costs"] = lambda r: cost_buckets(r, bad, of_bucket=False)
    keys = await openai.breakdown(DAYS, "key", NOW)
    assert {item.day for item in keys.items} >= frozenset(DAYS) - {BROKEN_DAY}
    assert len(keys.not_read) <= 1


@PER_EXAMPLE
@given(broken("start_time", "end_time", "results"))
async def test_a_broken_bucket_costs_its_day(openai: Provider, api: Any, bad: Broken) -> None:
    """A bucket costs its day."""
    api.handlers["/organization/costs"] = lambda r: cost_buckets(r, bad, of_bucket=True)
    check_days(await openai.charges(DAYS, NOW))


@PER_EXAMPLE
@given(broken("model", "input_tokens", "input_cached_tokens", "output_tokens"))
async def test_a_broken_row_of_use_costs_its_hour(openai: Provider, api: Any, bad: Broken) -> None:
    """A row of use costs its hour."""
    row = {"model": "m", "input_tokens": 9, "input_cached_tokens": 1, "output_tokens": 2}

    def usage(request: web.Request) -> Any:
        start, end = (int(request.query[name]) for name in ("start_time", "end_time"))
        data = [{"start_time": at, "results": [row]} for at in range(start, end, 3600)]
        if len(data) > 1:
            data[1]["results"] = [row, bad.of(row)]
        return {"object": "page", "data": data, "has_more": False}

    api.handlers["/organization/usage/completions"] = usage
    api.handlers["/organization/usage/embeddings"] = usage
    read = await openai.hours(FROM, NOW)
    assert read is not None
    second = FROM + timedelta(hours=1)
    assert set(read.unreadable) <= {second}
    assert {use.hour for use in read.uses} >= {FROM + timedelta(hours=n) for n in (0, 2, 3)}


@PER_EXAMPLE
@given(broken("start_time", "end_time", "results"))
async def test_the_rows_of_an_hour_of_openai(openai: Provider, api: Any, bad: Broken) -> None:
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

    api.handlers["/organization/usage/completions"] = usage
    api.handlers["/organization/usage/embeddings"] = usage
    read = await openai.hours(FROM, NOW)
    assert read is not None
    second = FROM + timedelta(hours=1)
    assert set(read.unreadable) <= {second}
    known = {use.hour for use in read.uses}
    assert known >= {FROM + timedelta(hours=n) for n in (0, 2, 3)}
    assert (second in known) or second in read.unreadable or bad.value == []


@PER_EXAMPLE
@given(broken("threshold_amount", "currency", "interval", "enforcement", "enforcement.status"))
async def test_the_spend_limit_of_the_organization(openai: Provider, api: Any, bad: Broken) -> None:
    """It costs no other limit."""
    api.handlers |= {
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
async def test_a_spend_limit_of_openai(openai: Provider, api: Any, bad: Broken) -> None:
    """A project's limit costs no other limit: it is read, none, or named as not understood."""
    api.handlers |= {
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
async def test_a_spend_alert_of_openai(openai: Provider, api: Any, bad: Broken) -> None:
    """An alert costs no other alert."""
    alerts = [CAP | {"id": f"a{n}"} for n in range(3)]
    api.handlers |= {
        "/organization/projects": listing(list),
        "/organization/spend_alerts": listing(lambda: [alerts[0], bad.of(alerts[1]), alerts[2]]),
    }
    read = await openai.limits(NOW)
    assert {limit.scope_id for limit in read.items} >= {"a0", "a2"}
    assert len(read.items) + len(read.not_read) == 3 or bad.is_none_at("threshold_amount")


@PER_EXAMPLE
@given(broken("id", "name", "status"))
async def test_a_broken_project_costs_its_name(openai: Provider, api: Any, bad: Broken) -> None:
    """A project costs its own name."""
    projects = [PROJECTS[0], bad.of(PROJECTS[1]), PROJECTS[2]]
    api.handlers["/organization/projects"] = listing(lambda: projects)
    # Projects are cached for an hour, and `Provider` has no way to forget them.
    openai._projects.forget()  # type: ignore[attr-defined]
    read = await openai.names((), NOW)
    assert {name.item_id for name in read.items} >= {"proj_0", "proj_2"}
    assert len(read.items) + len(read.not_read) == 3 or bad.is_none_at("name")


@PER_EXAMPLE
@given(broken("id", "name"))
async def test_a_broken_key_costs_its_name(
    api: Any, connect: Callable[..., Provider], bad: Broken
) -> None:
    """A key costs its own name."""
    keys = [{"id": f"key_{n}", "name": f"key {n}"} for n in range(3)]
    api.handlers["/organization/projects"] = listing(lambda: list(PROJECTS))
    path = "/organization/projects/proj_1/api_keys"
    api.handlers[path] = listing(lambda: [keys[0], bad.of(keys[1]), keys[2]])
    read = await connect("openai").names(["proj_1"], NOW)
    named = {name.item_id for name in read.items if name.kind == "key"}
    assert named >= {"key_0", "key_2"}
    assert len(named) + len(read.not_read) == 3 or bad.is_none_at("name")
