"""OpenAI: pages that lie, rows that split, names, caps, what the key may see."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Provider
from providers.errors import (
    HistoryNotServed,
    PermissionMissing,
    RequestRefused,
    Unavailable,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.models import Name
from providers.money import total
from providers.openai import mapper
from providers.period import Period, midnight

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 24))
TODAY = Period.of_day(date(2026, 11, 23))


@pytest.fixture
def openai(vendor: Any, openai_costs: Any, connect: Callable[..., Provider]) -> Provider:
    """A well-behaved OpenAI."""
    vendor.handlers["/organization/costs"] = openai_costs()
    return connect("openai")


def refused(status: int, message: str, **more: Any) -> web.Response:
    """An error in OpenAI's form."""
    error = {"message": message, "type": "invalid_request_error", **more}
    return web.json_response({"error": error}, status=status)


def page(*days: date, rows: Any = (), has_more: bool = False, token: str | None = None) -> Any:
    """A page of costs."""
    data = [
        {
            "object": "bucket",
            "start_time": int(midnight(day).timestamp()),
            "end_time": int(midnight(day).timestamp()) + 86400,
            "results": list(rows),
        }
        for day in days
    ]
    return {"object": "page", "data": data, "has_more": has_more, "next_page": token}


def row(value: Any, line_item: str | None = "web search", **more: Any) -> dict[str, Any]:
    """A cost row."""
    return {"amount": {"value": value, "currency": "usd"}, "line_item": line_item, **more}


async def test_windows_are_whole_days(openai: Provider, vendor: Any, now: datetime) -> None:
    """Each question spans at most 31 days between midnights, ends with the running day, and names
    its groups as OpenAI's own SDKs do."""
    await openai.charges(Period(date(2025, 11, 24), date(2026, 11, 24)), now)
    asked = [dict(query) for query in vendor.asked("/organization/costs")]
    assert len(asked) == 12
    for query in asked:
        start, end = int(query["start_time"]), int(query["end_time"])
        assert start % 86400 == end % 86400 == 0
        assert 0 < end - start <= 31 * 86400
    assert max(int(query["end_time"]) for query in asked) == 1795478400
    groups = [value for key, value in vendor.asked("/organization/costs")[0] if key == "group_by[]"]
    assert groups == ["project_id", "line_item"]


@pytest.mark.parametrize("ceiling", [1, 7, 31])
async def test_pages_of_any_size_are_followed(
    openai: Provider, vendor: Any, openai_costs: Any, now: datetime, ceiling: int
) -> None:
    """However few days a page holds, all days come, once."""
    vendor.handlers["/organization/costs"] = openai_costs(ceiling=ceiling)
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)
    assert len(read.charges) == len(NOVEMBER) * 4
    assert len(vendor.requests) == -(-len(NOVEMBER) // ceiling)


async def test_a_covered_window_asks_for_no_more(
    openai: Provider, vendor: Any, now: datetime
) -> None:
    """A token given out after the last day is not followed."""
    vendor.handlers["/organization/costs"] = lambda _: page(
        *NOVEMBER, rows=[row(1)], has_more=True, token="page_bogus"
    )
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)
    assert len(vendor.requests) == 1


async def test_a_refused_token_is_gone_around(
    openai: Provider, vendor: Any, openai_costs: Any, now: datetime
) -> None:
    """Where OpenAI refuses its own token, the first missing day is asked for without one."""
    behaving = openai_costs(ceiling=10)

    def refusing_tokens(request: web.Request) -> Any:
        if "page" in request.query:
            return refused(400, "The page token is invalid, have you modified the query?")
        return behaving(request)

    vendor.handlers["/organization/costs"] = refusing_tokens
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)
    starts = {dict(query)["start_time"] for query in vendor.asked("/organization/costs")}
    assert len(starts) == 3


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(page(NOVEMBER.start, has_more=True), id="no token"),
        pytest.param(page(NOVEMBER.start, has_more=True, token="page_same"), id="same token"),
        pytest.param(page(), id="nothing"),
        pytest.param(page(date(2026, 10, 31)), id="day before"),
        pytest.param(page(date(2026, 11, 24)), id="day after"),
        pytest.param({"data": [{"start_time": 1793491201, "results": []}]}, id="no midnight"),
        pytest.param({"data": [{"start_time": 10**30, "results": []}]}, id="no moment"),
        pytest.param({"data": [{"start_time": "1793491200", "results": []}]}, id="text"),
        pytest.param({"data": [{"start_time": 1793491200, "result": []}]}, id="no results"),
    ],
)
async def test_pages_that_break_the_contract_are_errors(
    openai: Provider, vendor: Any, now: datetime, answer: Any
) -> None:
    """Promises that are not kept, and days that were not asked for, are no figures."""
    vendor.handlers["/organization/costs"] = lambda _: answer
    with pytest.raises(UnexpectedResponse):
        await openai.charges(NOVEMBER, now)


async def test_a_row_on_two_pages_costs_its_day(
    openai: Provider, vendor: Any, now: datetime
) -> None:
    """The same thing of the same day on two pages cannot be told from counting it twice."""
    first, *others = NOVEMBER

    def repeating(request: web.Request) -> Any:
        if "page" in request.query:
            return page(first, *others, rows=[row(1)])
        return page(first, rows=[row(1)], has_more=True, token="page_1")

    vendor.handlers["/organization/costs"] = repeating
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(others)
    assert "two pages" in read.unreadable[first]


async def test_an_empty_day(openai: Provider, vendor: Any, now: datetime) -> None:
    """A past day without rows is covered; the running day without rows is not published."""
    vendor.handlers["/organization/costs"] = lambda _: page(*NOVEMBER)
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - frozenset(TODAY)
    assert not read.charges


async def test_a_running_day_that_is_left_out(openai: Provider, vendor: Any, now: datetime) -> None:
    """Where the running day does not come at all, the past days are still whole."""

    def without_today(request: web.Request) -> Any:
        days = [day for day in NOVEMBER if day not in TODAY]
        start = int(request.query["start_time"])
        return page(*(day for day in days if midnight(day).timestamp() >= start), rows=[row(1)])

    vendor.handlers["/organization/costs"] = without_today
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - frozenset(TODAY)


async def test_history_that_is_no_longer_served(
    openai: Provider, vendor: Any, now: datetime
) -> None:
    """A refusal to look back tells the earliest day."""
    message = (
        "Usage and cost data are available for the past year. "
        "Earliest supported start date: 2025-11-23 (UTC)."
    )
    vendor.handlers["/organization/costs"] = lambda _: refused(
        400, message, code="reporting_lookback_exceeded"
    )
    with pytest.raises(HistoryNotServed) as raised:
        await openai.charges(NOVEMBER, now)
    assert raised.value.earliest == date(2025, 11, 23)


async def test_any_other_refusal_is_said(openai: Provider, vendor: Any, now: datetime) -> None:
    """A 400 that is not known is an error with OpenAI's words."""
    vendor.handlers["/organization/costs"] = lambda _: refused(400, "Invalid limit provided: 31.")
    with pytest.raises(RequestRefused, match="Invalid limit"):
        await openai.charges(NOVEMBER, now)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("key", "error"),
    [("sk-admin-x1", PermissionMissing), ("sk-proj-x1", WrongKeyKind), ("sk-x1", WrongKeyKind)],
)
async def test_keys_that_may_not_read_costs(
    vendor: Any, connect: Any, now: datetime, status: int, key: str, error: type[Exception]
) -> None:
    """Whether 401 or 403: an admin key lacks a permission, another key is of the wrong kind."""
    message = "You have insufficient permissions. Missing scopes: api.usage.read."
    vendor.handlers["/organization/costs"] = lambda _: refused(status, message)
    with pytest.raises(PermissionMissing) as raised:
        await connect("openai", key).charges(NOVEMBER, now)
    assert type(raised.value) is error
    assert "admin key" in raised.value.remedy


@pytest.mark.parametrize(
    "bad",
    [
        row(None),
        row("NaN"),
        row("1e400"),
        row("twelve"),
        row(True),
        {"line_item": "x"},
        {"amount": None, "line_item": "x", "quantity": 3},
        {"amount": {"value": 1, "currency": "eur"}, "line_item": "x"},
        {"amount": {"value": 1}, "line_item": "x"},
        {"amount": 5, "line_item": "x"},
        "row",
    ],
)
async def test_a_row_that_is_no_amount_of_dollars(
    openai: Provider, vendor: Any, now: datetime, bad: Any
) -> None:
    """A row that cannot be added costs its own day alone: unknown is never zero."""
    day = date(2026, 11, 20)

    def answer(_: web.Request) -> Any:
        whole = page(*NOVEMBER, rows=[row(1)])
        whole["data"][list(NOVEMBER).index(day)]["results"].append(bad)
        return whole

    vendor.handlers["/organization/costs"] = answer
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - {day}
    assert {charge.charge_period_start for charge in read.charges} == read.covered
    assert list(read.unreadable) == [day]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (row("9e9", "gpt-5, input"), "“gpt-5, input” of project proj_1"),
        (
            {"line_item": "x" * 900, "amount": {"value": 1, "currency": "usd"}},
            "line_item is longer",
        ),
        (
            {"amount": {"value": 1, "currency": "<!channel> a@example.com"}},
            "(“<!channel> [hidden]”)",
        ),
    ],
)
async def test_the_reason_names_the_row(
    openai: Provider, vendor: Any, now: datetime, bad: dict[str, Any], words: str
) -> None:
    """Which row it is stands in the reason, short and without secrets."""
    rows = [bad | {"project_id": "proj_1"}, row(1)]
    vendor.handlers["/organization/costs"] = lambda _: page(*TODAY, rows=rows)
    [reason] = (await openai.charges(TODAY, now)).unreadable.values()
    assert words in reason
    assert len(reason) < 300


async def test_a_sum_out_of_range_costs_its_day(
    openai: Provider, vendor: Any, now: datetime
) -> None:
    """Rows that are in range each, and that no account spends together."""
    vendor.handlers["/organization/costs"] = lambda _: page(*TODAY, rows=[row(9e6), row(9e6)])
    read = await openai.charges(TODAY, now)
    assert not read.charges
    assert "too large to be right" in read.unreadable[TODAY.start]


async def test_a_row_of_nothing_is_nothing(openai: Provider, vendor: Any, now: datetime) -> None:
    """Only a row that says it used nothing may come without an amount."""
    nothing = {"amount": None, "line_item": "x", "quantity": 0}
    vendor.handlers["/organization/costs"] = lambda _: page(*TODAY, rows=[nothing])
    read = await openai.charges(TODAY, now)
    assert [charge.effective_cost for charge in read.charges] == [0]


async def test_charges_carry_what_was_sold(openai: Provider, now: datetime) -> None:
    """Project, line item, model, meter and quantity stand on the charge; split rows are summed."""
    read = await openai.charges(Period.of_day(date(2026, 11, 5)), now)
    by_sku = {charge.sku_id: charge for charge in read.charges}
    merged = by_sku["gpt-4o-mini-2024-07-18, input"]
    assert merged.effective_cost == Decimal("0.3734567890123456789012345678901234")
    assert merged.consumed_quantity == 150000
    assert merged.consumed_unit == "tokens"
    assert (merged.x_model, merged.sku_meter) == ("gpt-4o-mini-2024-07-18", "input")
    search = by_sku["web search tool calls"]
    assert (search.sub_account_id, search.x_model) == (None, "web search tool calls")
    assert read.names == [
        Name("project", "proj_search", "search"),
        Name("project", "proj_old", "<!channel> [hidden]"),
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["p1", "p2", None, ""]),
            st.sampled_from(["gpt-5, input", "web search", None, ""]),
            st.decimals(-1000, 1000, places=15, allow_nan=False),
        ),
        max_size=30,
    ),
    st.randoms(),
)
def test_splitting_and_order_change_no_sum(
    parts: list[tuple[str | None, str | None, Decimal]], random: Any
) -> None:
    """However rows are split and ordered, each thing's cost is their exact sum."""
    day = date(2026, 11, 5)
    rows = [row(str(value), line_item, project_id=project) for project, line_item, value in parts]
    shuffled = random.sample(rows, len(rows))
    read, again = (
        {(c.sub_account_id, c.sku_id): c.effective_cost for c in mapper.charges({day: some})[0]}
        for some in (rows, shuffled)
    )
    assert read == again
    assert total(read.values()) == total(value for _, _, value in parts)


async def test_costs_by_key_start_where_openai_keeps_them(
    openai: Provider, vendor: Any, openai_costs: Any
) -> None:
    """Days before 6 December 2025 are not asked for by key, and other days are by key alone."""
    rows = [row("1.5", api_key_id="key_a"), row(2, api_key_id="key_a"), row(3, api_key_id=None)]
    vendor.handlers["/organization/costs"] = openai_costs(rows)
    period = Period(date(2025, 12, 1), date(2025, 12, 8))
    items = (await openai.breakdown(period, "key", datetime(2026, 1, 1, tzinfo=UTC))).items
    assert [(item.day.day, item.item_id, item.effective_cost) for item in items] == [
        (6, "key_a", Decimal("3.5")),
        (6, None, 3),
        (7, "key_a", Decimal("3.5")),
        (7, None, 3),
    ]
    assert ("group_by[]", "project_id") not in vendor.asked("/organization/costs")[0]
    before = Period(date(2025, 12, 1), date(2025, 12, 6))
    assert not (await openai.breakdown(before, "key", datetime(2026, 1, 1, tzinfo=UTC))).items


async def test_an_unknown_key_floor_is_history_not_served(
    openai: Provider, vendor: Any, now: datetime
) -> None:
    """A floor that OpenAI names in seconds is understood as a day."""
    message = "group_by api_key_id is available from start_time 1780272000 on."
    vendor.handlers["/organization/costs"] = lambda _: refused(400, message, param="start_time")
    with pytest.raises(HistoryNotServed) as raised:
        await openai.breakdown(NOVEMBER, "key", now)
    assert raised.value.earliest == date(2026, 6, 1)


def listing(rows: Sequence[dict[str, Any]], size: int = 100) -> Callable[[web.Request], Any]:
    """A list endpoint with pages of that size."""

    def answer(request: web.Request) -> Any:
        ids = [item["id"] for item in rows]
        first = ids.index(request.query["after"]) + 1 if "after" in request.query else 0
        data = rows[first : first + size]
        return {"object": "list", "data": data, "has_more": first + size < len(rows)}

    return answer


PROJECTS: list[dict[str, Any]] = [
    {"id": "proj_search", "name": "search", "status": "active"},
    {"id": "proj_old", "name": "old", "status": "archived"},
    {"id": "proj_unnamed", "name": None, "status": "active"},
]


async def test_names_of_projects_and_keys(openai: Provider, vendor: Any, now: datetime) -> None:
    """All pages of projects and keys are read; an archived project without keys hides no other."""
    vendor.handlers |= {
        "/organization/projects": listing(PROJECTS, size=2),
        "/organization/projects/proj_search/api_keys": listing(
            [{"id": "key_a", "name": "prod"}, {"id": "key_b", "name": "ann@example.com"}]
        ),
        "/organization/projects/proj_old/api_keys": lambda _: refused(400, "Project is archived"),
        "/organization/projects/proj_unnamed/api_keys": listing([{"id": "key_c", "name": None}]),
    }
    projects = [project["id"] for project in PROJECTS]
    read = await openai.names(projects, now)
    assert not read.not_read
    assert read.items == [
        Name("project", "proj_search", "search"),
        Name("project", "proj_old", "old"),
        Name("key", "key_a", "prod"),
        Name("key", "key_b", "[hidden]"),
    ]
    assert ("include_archived", "true") in vendor.asked("/organization/projects")[0]
    asked = vendor.asked("/organization/projects/proj_search/api_keys")[0]
    assert ("owner_project_access", "any") in asked


async def test_a_list_without_end_is_an_error(openai: Provider, vendor: Any, now: datetime) -> None:
    """A page that promises more and repeats itself is not followed for ever."""
    vendor.handlers["/organization/projects"] = lambda _: {"data": PROJECTS, "has_more": True}
    with pytest.raises(UnexpectedResponse):
        await openai.names((), now)


async def test_keys_are_asked_for_of_projects_in_use_and_once_a_day(
    openai: Provider, vendor: Any, now: datetime
) -> None:
    """The number of requests depends on the projects that cost something, not on all there are."""
    projects = [{"id": f"proj_{n}", "name": f"p{n}"} for n in range(500)]
    vendor.handlers["/organization/projects"] = listing(projects)
    for n in range(500):
        path = f"/organization/projects/proj_{n}/api_keys"
        vendor.handlers[path] = listing([{"id": f"key_{n}", "name": f"k{n}"}])
    used = [f"proj_{n}" for n in range(7)]
    read = await openai.names([*used, "proj_gone"], now)
    assert {name.name for name in read.items if name.kind == "key"} == {f"k{n}" for n in range(7)}
    assert len(read.items) == 507
    assert len(vendor.requests) == 5 + 7
    again = await openai.names(used, now + timedelta(hours=1))
    assert list(again.items) == list(read.items)
    assert len(vendor.requests) == 5 + 7 + 5
    await openai.names(used, now + timedelta(hours=25))
    assert len(vendor.requests) == 5 + 7 + 5 + 5 + 7


async def test_keys_of_one_project_that_fail_cost_no_other(
    openai: Provider, vendor: Any, now: datetime
) -> None:
    """What was read is used; the project that failed is named, with what to do about that one."""
    vendor.handlers |= {
        "/organization/projects": listing(PROJECTS),
        "/organization/projects/proj_search/api_keys": listing([{"id": "key_a", "name": "prod"}]),
        "/organization/projects/proj_unnamed/api_keys": lambda _: refused(403, "Missing scopes"),
    }
    read = await openai.names(["proj_search", "proj_unnamed"], now)
    assert Name("key", "key_a", "prod") in read.items
    [reason] = read.not_read
    assert "proj_unnamed" in reason
    assert "Create an admin key" not in reason
    assert read.is_partial


async def test_names_that_take_too_long_go_on_next_time(
    vendor: Any, connect: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time for names, those that were read are kept, and the rest is asked for next."""
    monkeypatch.setattr("providers.openai.provider.NAMES_SECONDS", 0.1)
    openai = connect("openai")
    vendor.handlers["/organization/projects"] = listing(PROJECTS)
    vendor.handlers["/organization/projects/proj_search/api_keys"] = listing(
        [{"id": "key_a", "name": "prod"}]
    )
    slow = asyncio.Event()

    async def waits(_: web.Request) -> Any:
        await slow.wait()
        return {"data": [{"id": "key_c", "name": "late"}], "has_more": False}

    vendor.handlers["/organization/projects/proj_unnamed/api_keys"] = waits
    first = await openai.names(["proj_search", "proj_unnamed"], now)
    assert first.is_shortened
    assert {name.name for name in first.items} == {"search", "old", "prod"}
    slow.set()
    then = await openai.names(["proj_search", "proj_unnamed"], now)
    assert {name.name for name in then.items} == {"search", "old", "prod", "late"}
    assert not then.is_shortened
    assert len(vendor.asked("/organization/projects/proj_search/api_keys")) == 1


def cap(cents: int, status: str = "enforcing") -> dict[str, Any]:
    """A spend limit in OpenAI's form."""
    return {
        "threshold_amount": cents,
        "currency": "USD",
        "interval": "month",
        "enforcement": {"status": status},
    }


async def test_caps_are_in_dollars(openai: Provider, vendor: Any, now: datetime) -> None:
    """Cents become dollars; what is enforced, and what is only mailed, is told apart; projects
    without a cap have none."""
    alert = {"id": "alert_1", "threshold_amount": 12345, "currency": "USD", "interval": "month"}
    vendor.handlers |= {
        "/organization/spend_limit": lambda _: cap(500000, "enforcing"),
        "/organization/spend_alerts": listing([alert]),
        "/organization/projects": listing(PROJECTS),
        "/organization/projects/proj_search/spend_limit": lambda _: cap(99),
    }
    limits = (await openai.limits(now)).items
    assert [(limit.kind, limit.scope_id, limit.scope_name, limit.amount) for limit in limits] == [
        ("organization_spend_limit", "organization", None, 5000),
        ("spend_alert", "alert_1", None, Decimal("123.45")),
        ("project_spend_limit", "proj_search", "search", Decimal("0.99")),
    ]
    assert [limit.is_enforcing for limit in limits] == [True, False, True]
    assert [limit.is_hard for limit in limits] == [True, False, True]
    assert {limit.used for limit in limits} == {None}


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        {"object": "organization.spend_limit"},
        cap(0, "inactive"),
        cap(0),
        cap(50000, "inactive"),
        cap(0) | {"threshold_amount": None},
    ],
)
async def test_no_cap_is_no_limit(
    openai: Provider, vendor: Any, now: datetime, nothing: Any
) -> None:
    """By 404, an empty object, an amount of zero or none, or inactive: there is no cap."""
    if nothing:
        vendor.handlers["/organization/spend_limit"] = lambda _: nothing
    vendor.handlers["/organization/projects"] = listing(())
    read = await openai.limits(now)
    assert (read.items, read.not_read) == ([], [])


async def test_one_cap_of_an_unknown_kind_hides_no_other(
    openai: Provider, vendor: Any, now: datetime
) -> None:
    """Limits are read one by one; those that are not understood are named."""
    weekly = cap(500000) | {"id": "a1", "interval": "week"}
    monthly = cap(600000) | {"id": "a2"}
    vendor.handlers |= {
        "/organization/spend_limit": lambda _: cap(1000000),
        "/organization/spend_alerts": listing([weekly, monthly]),
        "/organization/projects": listing(PROJECTS),
        "/organization/projects/proj_search/spend_limit": lambda _: cap(500, "paused"),
        "/organization/projects/proj_unnamed/spend_limit": lambda _: web.Response(status=500),
    }
    read = await openai.limits(now)
    assert {limit.kind: limit.amount for limit in read.items} == {
        "organization_spend_limit": 10000,
        "spend_alert": 6000,
    }
    alert, paused, failed = read.not_read
    assert "a1" in alert
    assert "“week”" in alert
    assert "“paused”" in paused
    assert "proj_search" in paused
    assert "proj_unnamed" in failed
    assert read.is_partial


async def test_caps_that_may_not_be_read(openai: Provider, vendor: Any, now: datetime) -> None:
    """A key that may read some caps gives those; one that may read none says so."""
    vendor.fault = lambda _: refused(403, "Missing scopes: api.management.read")
    with pytest.raises(PermissionMissing, match=r"api\.management\.read"):
        await openai.limits(now)
    vendor.handlers["/organization/spend_limit"] = lambda _: cap(100)
    vendor.fault = lambda request: (
        {} if request.path.endswith("spend_limit") else refused(403, "Missing scopes")
    )
    read = await openai.limits(now)
    assert [limit.amount for limit in read.items] == [1]
    assert any("alerts" in reason for reason in read.not_read)


async def test_caps_during_an_outage(openai: Provider, vendor: Any, now: datetime) -> None:
    """Caps that could not be read are not taken for none."""
    vendor.fault = lambda _: web.Response(status=500)
    with pytest.raises(Unavailable):
        await openai.limits(now)


async def test_probe_tells_the_organization(openai: Provider, vendor: Any, now: datetime) -> None:
    """The probe names the organization, and what the key may not see."""
    vendor.handlers["/organization/projects"] = lambda _: refused(
        403, "Missing scopes: api.management.read"
    )
    probe = await openai.probe(now)
    assert (probe.account, probe.kind, probe.can_read_charges) == ("org-1", "admin key", True)
    assert probe.can_read_balance is None
    assert "shown by id" in probe.notes[0]


async def test_probe_doubts_a_day_without_cost(
    openai: Provider, vendor: Any, openai_costs: Any, now: datetime
) -> None:
    """A day without any cost may mean the key of another organization."""
    vendor.handlers["/organization/costs"] = openai_costs([])
    vendor.handlers["/organization/projects"] = listing(())
    probe = await openai.probe(now)
    assert probe.account is None
    assert "another organization" in probe.notes[0]


async def test_no_balance_is_told(openai: Provider, now: datetime) -> None:
    """OpenAI has no balance to read: not zero, none."""
    assert await openai.balance(now) is None
