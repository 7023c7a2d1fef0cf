"""OpenRouter: charges in credits, apart from estimates; rows and days that can't be read."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Provider
from providers.errors import (
    UnexpectedResponse,
)
from providers.models import BreakdownItem
from providers.money import total
from providers.period import Period
from tests.providers.openrouter_answers import NOVEMBER, TODAY, analytics, charged, used


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


async def test_the_question_is_whole_days(openrouter: Provider, api: Any, now: datetime) -> None:
    """Analytics is asked from midnight to midnight, with seconds, at most 31 days at once."""
    await openrouter.charges(Period(date(2025, 11, 24), date(2026, 11, 24)), now)
    asked = [body for path, _, body in api.requests if path == "/analytics/query"]
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
    assert asked[0]["dimensions"] == ["model", "workspace"]


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
    openrouter: Provider, api: Any, openrouter_analytics: Any, now: datetime
) -> None:
    """A metric that an account may not ask for costs nothing but itself."""
    behaving = openrouter_analytics()

    async def answer(request: web.Request) -> Any:
        if "tokens_prompt" in (await request.json())["metrics"]:
            return web.json_response({"error": {"message": "Unknown", "code": 400}}, status=400)
        return await behaving(request)

    api.handlers["/analytics/query"] = answer
    read = await openrouter.charges(NOVEMBER, now)
    assert read.degraded is None
    assert read.covered == frozenset(NOVEMBER)


@pytest.mark.parametrize("column", ["date__day", "created_at__day"])
async def test_either_time_column_is_read(
    openrouter: Provider, api: Any, openrouter_analytics: Any, now: datetime, column: str
) -> None:
    """The day's column is named after the table that was asked."""
    api.handlers["/analytics/query"] = openrouter_analytics(column=column)
    read = await openrouter.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)


async def test_a_completed_day_without_rows_cost_nothing(
    openrouter: Provider, api: Any, now: datetime
) -> None:
    """A completed day without a row cost nothing; a running one is not published."""
    api.handlers["/analytics/query"] = lambda _: analytics(used("2026-11-05"))
    read = await openrouter.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - {TODAY}
    assert [charge.charge_period_start for charge in read.charges] == [date(2026, 11, 5)]


async def test_the_day_after_is_left_out(openrouter: Provider, api: Any, now: datetime) -> None:
    """Whether the end of the time range is part of it or not, the window's days alone count."""
    api.handlers["/analytics/query"] = lambda _: analytics(
        used("2026-11-05 00:00:00", 1), used("2026-11-06", 5)
    )
    read = await openrouter.charges(Period.of_day(date(2026, 11, 5)), now)
    assert [charge.effective_cost for charge in read.charges] == [1]


@pytest.mark.parametrize("ceiling", [3, 20, 70])
async def test_shortened_answers_are_asked_for_in_parts(
    openrouter: Provider, api: Any, openrouter_analytics: Any, now: datetime, ceiling: int
) -> None:
    """An answer that leaves rows out is never taken for the whole."""
    api.handlers["/analytics/query"] = openrouter_analytics(ceiling=ceiling)
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
    openrouter: Provider, api: Any, now: datetime, answer: Any
) -> None:
    """What was not asked for, whatever is asked, is no figure."""
    api.handlers["/analytics/query"] = lambda _: answer
    del api.handlers["/activity"]
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
    openrouter: Provider, api: Any, now: datetime, openrouter_analytics: Any, bad: Any
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

    api.handlers["/analytics/query"] = answer
    read = await openrouter.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - {day}
    assert list(read.unreadable) == [day]
    assert {charge.charge_period_start for charge in read.charges} == read.covered
    assert len(api.asked("/analytics/query")) < 15
    assert not api.asked("/activity")


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


async def test_keys_are_listed_by_name(openrouter: Provider, api: Any, now: datetime) -> None:
    """Keys are listed by name; what has none is unattributed; a name that shows a key is hidden."""
    rows = [
        used("2026-11-23", 1, api_key_id="prod"),
        used("2026-11-23", 2, api_key_id="prod"),
        used("2026-11-23", 3, api_key_id=None),
        used("2026-11-23", 4, api_key_id="sk-or-v1-abc...123"),
    ]
    api.handlers["/analytics/query"] = lambda _: analytics(*rows)
    assert (await openrouter.breakdown(Period.of_day(TODAY), "key", now)).items == [
        BreakdownItem(TODAY, "prod", "prod", Decimal(3)),
        BreakdownItem(TODAY, None, None, Decimal(3)),
        BreakdownItem(TODAY, "[hidden]", "[hidden]", Decimal(4)),
    ]
