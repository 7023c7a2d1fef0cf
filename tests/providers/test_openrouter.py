"""OpenRouter: credits against estimates, kinds of keys, the second-best answer, key limits."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
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
    Unavailable,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.models import BreakdownItem, Charge, Name, PrepaidBalance
from providers.money import total
from providers.openrouter import mapper
from providers.period import Period

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 24))
TODAY = date(2026, 11, 23)


@pytest.fixture
def openrouter(vendor: Any, well_behaved: Any, connect: Callable[..., Provider]) -> Provider:
    """A well-behaved OpenRouter, seen with a management key."""
    vendor.handlers.update(well_behaved["openrouter"])
    return connect("openrouter")


@pytest.fixture
def inference(openrouter: Provider, vendor: Any, payload: Any) -> Provider:
    """The same, seen with an inference key, to which `/credits` says zeros."""
    own = payload("openrouter_key")["data"]
    own |= {"is_management_key": False, "limit": 30, "limit_remaining": 20, "limit_reset": "daily"}
    vendor.handlers["/key"] = lambda _: {"data": own}
    vendor.handlers["/credits"] = lambda _: {"data": {"total_credits": 0, "total_usage": 0}}
    return openrouter


async def test_estimates_are_no_cost(openrouter: Provider, now: datetime) -> None:
    """What another provider bills stands apart from what leaves the credits."""
    read = await openrouter.charges(Period.of_day(TODAY), now)
    costs = {c.x_model: (c.effective_cost, c.x_byok_estimate) for c in read.charges}
    assert costs == {
        "anthropic/claude-sonnet-4.5": (Decimal("3.175613960000001"), 0),
        "google/gemini-2.5-pro": (Decimal("4.6e-07"), 0),
        "openai/gpt-5": (0, Decimal("7.953691638")),
    }
    assert read.degraded is None


async def test_the_question_is_whole_days(openrouter: Provider, vendor: Any, now: datetime) -> None:
    """Analytics is asked from midnight to midnight, with seconds, at most 31 days at once."""
    await openrouter.charges(Period(date(2025, 11, 24), date(2026, 11, 24)), now)
    asked = [body for path, _, body in vendor.requests if path == "/analytics/query"]
    assert len(asked) == 12
    assert asked[0]["time_range"] == {
        "start": "2026-10-24T00:00:00Z",
        "end": "2026-11-24T00:00:00Z",
    }
    assert asked[0]["metrics"] == [
        "credits_usage",
        "byok_usage",
        "tokens_prompt",
        "tokens_completion",
    ]
    assert asked[0]["dimensions"] == ["model"]


@pytest.mark.parametrize(
    ("row", "tokens"),
    [
        ({"tokens_prompt": "1200", "tokens_completion": "34"}, Decimal(1234)),
        ({"tokens_prompt": 1200, "tokens_completion": None}, Decimal(1200)),
        ({"tokens_prompt": "0", "tokens_completion": "0"}, None),
        ({"tokens_prompt": "1200"}, None),
        ({"tokens_prompt": "many", "tokens_completion": "34"}, None),
        ({"tokens_prompt": "-5", "tokens_completion": "34"}, None),
        ({"tokens_prompt": "1200", "tokens_completion": "34", "byok_usage": 0.5}, None),
    ],
)
def test_tokens_are_those_that_credits_paid_for(
    row: dict[str, Any], tokens: Decimal | None
) -> None:
    """They are a charge's quantity; none where one count is missing or senseless, or where another
    provider billed some of them. The cost is right either way."""
    day = "2026-11-05"
    [charge] = charged([used(day, 3, **row)], Period.of_day(date.fromisoformat(day)))
    assert charge.effective_cost == 3
    assert (charge.consumed_quantity, charge.consumed_unit) == (
        tokens,
        None if tokens is None else "tokens",
    )


async def test_costs_are_read_where_tokens_are_refused(
    openrouter: Provider, vendor: Any, openrouter_analytics: Any, now: datetime
) -> None:
    """A metric that an account may not ask for costs nothing but itself."""
    behaving = openrouter_analytics()

    async def answer(request: web.Request) -> Any:
        if "tokens_prompt" in (await request.json())["metrics"]:
            return web.json_response({"error": {"message": "Unknown", "code": 400}}, status=400)
        return await behaving(request)

    vendor.handlers["/analytics/query"] = answer
    read = await openrouter.charges(NOVEMBER, now)
    assert read.degraded is None
    assert read.covered == frozenset(NOVEMBER)


@pytest.mark.parametrize("column", ["date__day", "created_at__day"])
async def test_either_time_column_is_read(
    openrouter: Provider, vendor: Any, openrouter_analytics: Any, now: datetime, column: str
) -> None:
    """The day's column is named after the table that was asked."""
    vendor.handlers["/analytics/query"] = openrouter_analytics(column=column)
    read = await openrouter.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)


def analytics(*rows: dict[str, Any], **metadata: Any) -> Any:
    """An answer of `/analytics/query`."""
    return {"data": {"data": list(rows), "metadata": {"truncated": False, **metadata}}}


def used(day: str, value: Any = 1, **more: Any) -> dict[str, Any]:
    """A row of analytics."""
    return {"date__day": day, "model": "m", "credits_usage": value, "byok_usage": None, **more}


def charged(rows: list[dict[str, Any]], window: Period) -> Sequence[Charge]:
    """The charges of these rows of analytics."""
    answer = {"data": rows, "metadata": {"truncated": False}}
    read = mapper.charges_from_analytics(answer, window)
    assert read is not None
    return read.items


async def test_days_without_rows(openrouter: Provider, vendor: Any, now: datetime) -> None:
    """A completed day without a row cost nothing; a running one is not published."""
    vendor.handlers["/analytics/query"] = lambda _: analytics(used("2026-11-05"))
    read = await openrouter.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - {TODAY}
    assert [charge.charge_period_start for charge in read.charges] == [date(2026, 11, 5)]


async def test_the_day_after_is_left_out(openrouter: Provider, vendor: Any, now: datetime) -> None:
    """Whether the end of the time range is part of it or not, the window's days alone count."""
    vendor.handlers["/analytics/query"] = lambda _: analytics(
        used("2026-11-05 00:00:00", 1), used("2026-11-06", 5)
    )
    read = await openrouter.charges(Period.of_day(date(2026, 11, 5)), now)
    assert [charge.effective_cost for charge in read.charges] == [1]


@pytest.mark.parametrize("ceiling", [3, 20, 70])
async def test_answers_cut_short_are_asked_for_in_parts(
    openrouter: Provider, vendor: Any, openrouter_analytics: Any, now: datetime, ceiling: int
) -> None:
    """An answer that leaves rows out is never taken for the whole."""
    vendor.handlers["/analytics/query"] = openrouter_analytics(ceiling=ceiling)
    read = await openrouter.charges(NOVEMBER, now)
    assert len(read.charges) == len(NOVEMBER) * 3


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(analytics(used("2026-10-31")), id="day before"),
        pytest.param(analytics(used("2026-11-25")), id="days after"),
        pytest.param(analytics(used("yesterday")), id="no date"),
        pytest.param(analytics({"credits_usage": 1, "byok_usage": 0}), id="no day"),
        pytest.param(analytics(truncated=None), id="cut short, or not"),
        pytest.param(analytics(truncated=True), id="always cut short"),
        pytest.param({"data": {"data": []}}, id="no metadata"),
        pytest.param({"data": []}, id="no data"),
    ],
)
async def test_answers_that_break_the_contract_are_errors(
    openrouter: Provider, vendor: Any, now: datetime, answer: Any
) -> None:
    """What was not asked for, whatever is asked, is no figure."""
    vendor.handlers["/analytics/query"] = lambda _: answer
    del vendor.handlers["/activity"]
    with pytest.raises(UnexpectedResponse):
        await openrouter.charges(NOVEMBER, now)


@pytest.mark.parametrize(
    "bad",
    [
        {"date__day": "2026-11-05", "byok_usage": 0},
        used("2026-11-05", "much"),
        used("2026-11-05", 9e9),
        used("2026-11-05", model=5),
        used("soon"),
        used("1999-01-01"),
        {"model": "x"},
        "row",
    ],
)
async def test_a_row_that_cannot_be_read_costs_its_day(
    openrouter: Provider, vendor: Any, now: datetime, openrouter_analytics: Any, bad: Any
) -> None:
    """Its own day alone, also where the row does not say which."""
    day = date(2026, 11, 5)
    behaving = openrouter_analytics()

    async def answer(request: web.Request) -> Any:
        span = (await request.json())["time_range"]
        whole = await behaving(request)
        if span["start"] <= f"{day}T00:00:00Z" < span["end"]:
            whole["data"]["data"].append(bad)
        return whole

    vendor.handlers["/analytics/query"] = answer
    read = await openrouter.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - {day}
    assert list(read.unreadable) == [day]
    assert {charge.charge_period_start for charge in read.charges} == read.covered
    assert len(vendor.asked("/analytics/query")) < 15
    assert not vendor.asked("/activity")


async def test_an_activity_row_without_its_day_costs_that_day(
    openrouter: Provider, vendor: Any, now: datetime
) -> None:
    """Which day it is of is asked for day by day."""
    rows = [{"date": f"2026-11-{day:02}", "model": "m", "usage": 1} for day in range(15, 23)]
    rows.append({"date": "soon", "model": "m", "usage": 5})
    rows.append({"date": "2026-11-16", "model": "n", "usage": None})

    def answer(request: web.Request) -> Any:
        wanted = request.query.get("date")
        is_of_18 = [row for row in rows if row["date"] == "soon" and wanted == "2026-11-18"]
        return {
            "data": rows if wanted is None else is_of_18 + [r for r in rows if r["date"] == wanted]
        }

    vendor.handlers["/analytics/query"] = lambda _: web.Response(status=404)
    vendor.handlers["/activity"] = answer
    read = await openrouter.charges(Period(date(2026, 11, 15), date(2026, 11, 24)), now)
    assert set(read.unreadable) == {date(2026, 11, 18), date(2026, 11, 16)}
    assert read.covered == {date(2026, 11, day) for day in (15, 17, 19, 20, 21, 22)}


@pytest.mark.parametrize("status", [403, 404, 408, 500])
async def test_activity_stands_in_for_analytics(
    openrouter: Provider, vendor: Any, now: datetime, status: int
) -> None:
    """Where analytics cannot be had, completed days come from the activity, which is said; the
    running day is not covered."""
    vendor.handlers["/analytics/query"] = lambda _: web.Response(status=status)
    read = await openrouter.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - {TODAY}
    assert read.degraded is not None
    assert str(status) in read.degraded
    found = {(c.charge_period_start.day, c.sku_id): c for c in read.charges}
    assert found[22, "openai/gpt-5"].effective_cost == Decimal("0.020")
    assert found[22, "openai/gpt-5"].x_byok_estimate == Decimal("0.012")
    assert found[20, "anthropic/claude-sonnet-4.5"].effective_cost == Decimal("1.5")
    assert vendor.asked("/activity") == [[]]


@pytest.mark.parametrize(
    "period",
    [
        pytest.param(Period.of_day(TODAY), id="the running day alone"),
        pytest.param(Period(date(2026, 9, 23), date(2026, 10, 24)), id="days before"),
    ],
)
async def test_activity_stands_in_for_no_other_days(
    openrouter: Provider, vendor: Any, now: datetime, period: Period
) -> None:
    """Days that the activity does not have are an error, never zero."""
    vendor.handlers["/analytics/query"] = lambda _: web.Response(status=500)
    with pytest.raises(Unavailable):
        await openrouter.charges(period, now)
    assert not vendor.asked("/activity")


async def test_activity_gives_the_days_that_it_has(
    openrouter: Provider, vendor: Any, now: datetime
) -> None:
    """Of a longer period the last 30 completed days are covered, and the others are not."""
    vendor.handlers["/analytics/query"] = lambda _: web.Response(status=404)
    read = await openrouter.charges(Period(date(2026, 10, 1), date(2026, 11, 24)), now)
    assert read.covered == frozenset(Period(date(2026, 10, 24), TODAY))


async def test_days_too_far_back_are_refused(openrouter: Provider, now: datetime) -> None:
    """Days before the last 365 would come without rows, and are not taken for days without cost."""
    earliest = date(2025, 11, 24)
    with pytest.raises(HistoryNotServed) as raised:
        await openrouter.charges(Period(date(2025, 11, 23), date(2025, 12, 1)), now)
    assert raised.value.earliest == earliest
    assert (await openrouter.charges(Period(earliest, date(2025, 12, 1)), now)).covered


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None, ""]),
            st.none() | st.decimals(-1000, 1000, places=12, allow_nan=False),
        ),
        max_size=30,
    ),
    st.randoms(),
)
def test_splitting_and_order_change_no_sum(
    parts: list[tuple[str | None, Decimal | None]], random: Any
) -> None:
    """However rows are split and ordered, each model's cost is their exact sum."""
    window = Period.of_day(TODAY)
    rows = [used("2026-11-23", value, model=model) for model, value in parts]
    shuffled = random.sample(rows, len(rows))
    read, again = (
        {c.sku_id: c.effective_cost for c in charged(some, window)} for some in (rows, shuffled)
    )
    assert read == again
    assert total(read.values()) == total(value or Decimal(0) for _, value in parts)


async def test_cost_by_key(openrouter: Provider, vendor: Any, now: datetime) -> None:
    """Keys are told by name; what has none is unattributed; a name that shows a key is hidden."""
    rows = [
        used("2026-11-23", 1, api_key_id="prod"),
        used("2026-11-23", 2, api_key_id="prod"),
        used("2026-11-23", 3, api_key_id=None),
        used("2026-11-23", 4, api_key_id="sk-or-v1-abc...123"),
    ]
    vendor.handlers["/analytics/query"] = lambda _: analytics(*rows)
    assert (await openrouter.breakdown(Period.of_day(TODAY), "key", now)).items == [
        BreakdownItem(TODAY, "prod", "prod", Decimal(3)),
        BreakdownItem(TODAY, None, None, Decimal(3)),
        BreakdownItem(TODAY, "[hidden]", "[hidden]", Decimal(4)),
    ]


async def test_balance(openrouter: Provider, vendor: Any, now: datetime) -> None:
    """What is left is what was bought less what was used, exactly, and may be negative."""
    assert await openrouter.balance(now) == PrepaidBalance(
        Decimal("74.75"), Decimal("100.5"), Decimal("25.75")
    )
    text = '{"data": {"total_credits": 10, "total_usage": 10.000000000000000000000000000001}}'
    vendor.handlers["/credits"] = lambda _: web.Response(text=text)
    overdrawn = await openrouter.balance(now)
    assert overdrawn is not None
    assert overdrawn.remaining == Decimal("-1e-30")


@pytest.mark.parametrize(
    "data", [{}, {"total_credits": 5}, {"total_credits": 5, "total_usage": None}]
)
async def test_a_balance_with_a_part_missing_is_none(
    openrouter: Provider, vendor: Any, now: datetime, data: Any
) -> None:
    """Half of a balance is an error, never a figure."""
    vendor.handlers["/credits"] = lambda _: {"data": data}
    with pytest.raises(UnexpectedResponse):
        await openrouter.balance(now)


async def test_an_inference_key_tells_nothing_of_the_account(
    inference: Provider, vendor: Any, now: datetime
) -> None:
    """Zeros that an inference key is told are no balance, and it has no charges to tell."""
    with pytest.raises(WrongKeyKind, match="balance") as raised:
        await inference.balance(now)
    assert "management key" in raised.value.remedy
    with pytest.raises(WrongKeyKind, match="charges"):
        await inference.charges(NOVEMBER, now)
    assert {path for path, _, _ in vendor.requests} == {"/key"}


async def test_an_inference_key_has_its_own_limit(inference: Provider, now: datetime) -> None:
    """Its own limit is told as the key's, with no part of the key."""
    limits = [limit for limit in (await inference.limits(now)).items if limit.kind == "key_limit"]
    assert [(limit.scope_id, limit.amount, limit.remaining) for limit in limits] == [
        ("this key", Decimal(30), Decimal(20))
    ]


async def test_the_kind_of_key_is_asked_once_in_ten_minutes(
    openrouter: Provider, vendor: Any, now: datetime
) -> None:
    """What the key is does not change from question to question."""
    await openrouter.balance(now)
    await openrouter.charges(NOVEMBER, now)
    await openrouter.balance(now.replace(minute=30))
    assert len(vendor.asked("/key")) == 1
    await openrouter.balance(now.replace(minute=31))
    assert len(vendor.asked("/key")) == 2


async def test_charges_do_not_need_the_kind_of_key(
    openrouter: Provider, vendor: Any, now: datetime
) -> None:
    """Where only `/key` is down, charges are read all the same; a balance is not trusted."""
    vendor.handlers["/key"] = lambda _: web.Response(status=500)
    assert (await openrouter.charges(NOVEMBER, now)).covered == frozenset(NOVEMBER)
    with pytest.raises(Unavailable):
        await openrouter.balance(now)


def paged(rows: list[dict[str, Any]]) -> Callable[[web.Request], Any]:
    """A list endpoint with pages of a hundred."""

    def answer(request: web.Request) -> Any:
        offset = int(request.query["offset"])
        return {"data": rows[offset : offset + 100]}

    return answer


async def test_names_over_all_workspaces(openrouter: Provider, vendor: Any, now: datetime) -> None:
    """Keys of every workspace, page and state are named, each once; labels are never read."""
    keys = {
        "ws_default": [{"hash": f"h{n}", "name": f"key {n}", "label": "sk-or"} for n in range(250)],
        "ws_2": [{"hash": "h0", "name": "key 0"}, {"hash": "x", "name": "ann@example.com"}],
    }
    vendor.handlers["/workspaces"] = paged([{"id": "ws_default"}, {"id": "ws_2"}])
    vendor.handlers["/keys"] = lambda request: paged(keys[request.query["workspace_id"]])(request)
    names = (await openrouter.names((), now)).items
    assert len(names) == 251
    assert Name("key", "h249", "key 249") in names
    assert Name("key", "x", "[hidden]") in names
    for query in vendor.asked("/keys"):
        assert {("include_disabled", "true"), ("include_expired", "true")} <= set(query)


async def test_names_where_workspaces_cannot_be_listed(
    openrouter: Provider, vendor: Any, payload: Any, now: datetime
) -> None:
    """Without the list of workspaces, the keys of the default one are named."""
    vendor.handlers["/keys"] = paged(payload("openrouter_keys"))
    assert len((await openrouter.names((), now)).items) == 4
    assert "workspace_id" not in dict(vendor.asked("/keys")[0])


async def test_key_limits(openrouter: Provider, vendor: Any, payload: Any, now: datetime) -> None:
    """A limit is told with what OpenRouter says remains of it, and when it starts again; keys that
    are not in use have none."""
    vendor.handlers["/keys"] = paged(payload("openrouter_keys"))
    key, budget = (await openrouter.limits(now)).items
    assert (key.kind, key.scope_id, key.scope_name) == ("key_limit", "hash-capped", "search prod")
    assert (key.amount, key.used, key.remaining) == (
        Decimal(500),
        Decimal("45.46"),
        Decimal("454.54"),
    )
    assert (key.interval, key.resets_at) == ("month", datetime(2026, 12, 1, tzinfo=UTC))
    assert not key.is_enforcing
    assert (budget.kind, budget.scope_id, budget.remaining) == ("budget", "bud_1", Decimal("-0.25"))
    assert budget.is_enforcing


@pytest.mark.parametrize(
    ("reset", "at"),
    [
        ("daily", datetime(2026, 11, 24, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 30, tzinfo=UTC)),
        ("monthly", datetime(2026, 12, 1, tzinfo=UTC)),
        (None, None),
    ],
)
async def test_limits_start_again_at_midnight(
    openrouter: Provider, vendor: Any, now: datetime, reset: str | None, at: datetime | None
) -> None:
    """Days, weeks from Monday and months are those of UTC; a limit may be for life."""
    key = {"hash": "h", "name": "n", "limit": 5, "limit_remaining": 0, "limit_reset": reset}
    vendor.handlers["/keys"] = paged([key])
    limit = (await openrouter.limits(now)).items[0]
    assert limit.resets_at == at
    assert limit.is_enforcing


async def test_one_limit_that_is_not_understood_hides_no_other(
    openrouter: Provider, vendor: Any, now: datetime
) -> None:
    """Limits are read one by one; zero, disabled and expired ones stop nothing."""
    limited = {"limit": 10, "limit_remaining": 0, "limit_reset": "daily"}
    keys = [
        {"hash": "h1", "name": "odd", **limited, "limit_reset": "2026-11-29T17:00:00Z"},
        {"hash": "h2", "name": "prod", **limited},
        {"hash": "h3", "name": "zero", **limited, "limit": 0},
        {"hash": "h4", "name": "off", **limited, "disabled": True},
        {"hash": "h5", "name": "past", **limited, "expires_at": "2026-01-01T00:00:00Z"},
        {"hash": "h6", "name": "none", **limited, "limit": None},
        {"name": "without a hash", **limited},
        7,
    ]
    vendor.handlers["/keys"] = lambda _: {"data": keys}
    vendor.handlers["/key"] = lambda _: {
        "data": {
            "is_management_key": True,
            "budgets": [
                {"scope": "galaxy", "limit_usd": 5, "remaining_usd": 1},
                {"scope": "workspace", "limit_usd": 0, "remaining_usd": 0},
                {"scope": "member", "limit_usd": "7", "remaining_usd": 1},
            ],
        }
    }
    read = await openrouter.limits(now)
    assert [(limit.scope_name, limit.is_enforcing) for limit in read.items] == [
        ("prod", True),
        ("member", False),
    ]
    assert sorted(read.not_read)[0].startswith("OpenRouter's /keys: an item has no hash")
    assert any("odd" in reason and "“2026-11-29T17:00:00Z”" in reason for reason in read.not_read)
    assert any("“galaxy”" in reason for reason in read.not_read)
    assert len(read.not_read) == 3


async def test_a_workspace_that_fails_costs_no_other(
    openrouter: Provider, vendor: Any, now: datetime
) -> None:
    """Keys of other workspaces are named and limited; the one that failed is told."""

    def keys(request: web.Request) -> Any:
        if request.query["workspace_id"] == "ws_2":
            return web.json_response({"error": "no"}, status=403)
        return {"data": [{"hash": "h", "name": "n", "limit": 5, "limit_remaining": 2}]}

    vendor.handlers["/workspaces"] = paged([{"id": "ws_1"}, {"id": "ws_2", "name": "labs"}])
    vendor.handlers["/keys"] = keys
    names, limits = await openrouter.names((), now), await openrouter.limits(now)
    assert [name.name for name in names.items] == ["n"]
    assert "n" in [limit.scope_name for limit in limits.items]
    for read in (names, limits):
        assert read.is_partial
        assert any("workspace labs" in reason for reason in read.not_read)


async def test_a_refusal_of_keys_is_said(openrouter: Provider, vendor: Any, now: datetime) -> None:
    """Limits that may not be read are not taken for none."""
    vendor.handlers["/keys"] = lambda _: web.json_response({"error": "no"}, status=403)
    with pytest.raises(PermissionMissing):
        await openrouter.limits(now)


async def test_probe(openrouter: Provider, now: datetime) -> None:
    """The probe tells the account, the kind of key and when it expires."""
    probe = await openrouter.probe(now)
    assert (probe.account, probe.kind) == ("org_or_1", "management key")
    assert probe.can_read_charges
    assert probe.can_read_balance
    assert probe.expires_at == datetime(2027, 1, 31, tzinfo=UTC)


async def test_probe_of_an_account_on_granted_credit(
    openrouter: Provider, vendor: Any, now: datetime
) -> None:
    """A balance that contradicts itself is named where the connection is checked."""
    vendor.handlers["/credits"] = lambda _: {"data": {"total_credits": 0, "total_usage": 5.71}}
    assert "granted credit" in (await openrouter.probe(now)).notes[0]


async def test_probe_of_an_inference_key(inference: Provider, now: datetime) -> None:
    """An inference key is named as such, with what to do."""
    probe = await inference.probe(now)
    assert (probe.kind, probe.can_read_charges, probe.can_read_balance) == (
        "inference key",
        False,
        False,
    )
    assert "management key" in probe.notes[0]
