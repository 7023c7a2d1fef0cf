"""OpenAI: rows that are no amount, that split, and what a charge carries."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Provider
from providers.models import Name
from providers.money import total
from providers.openai import mapper
from providers.period import Period
from tests.providers.openai_answers import NOVEMBER, TODAY, page, row


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
    openai: Provider, api: Any, now: datetime, bad: Any
) -> None:
    """A row that cannot be added costs its own day alone: unknown is never zero."""
    day = date(2026, 11, 20)

    def answer(_: web.Request) -> Any:
        whole = page(*NOVEMBER, rows=[row(1)])
        whole["data"][list(NOVEMBER).index(day)]["results"].append(bad)
        return whole

    api.handlers["/organization/costs"] = answer
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
            "“<!channel> [hidden]” isn't supported",
        ),
    ],
)
async def test_the_reason_names_the_row(
    openai: Provider, api: Any, now: datetime, bad: dict[str, Any], words: str
) -> None:
    """Which row it is stands in the reason, short and without secrets."""
    rows = [bad | {"project_id": "proj_1"}, row(1)]
    api.handlers["/organization/costs"] = lambda _: page(*TODAY, rows=rows)
    [reason] = (await openai.charges(TODAY, now)).unreadable.values()
    assert words in reason
    assert len(reason) < 300


async def test_a_sum_out_of_range_costs_its_day(openai: Provider, api: Any, now: datetime) -> None:
    """Rows that are in range each, and that no account spends together."""
    api.handlers["/organization/costs"] = lambda _: page(*TODAY, rows=[row(9e6), row(9e6)])
    read = await openai.charges(TODAY, now)
    assert not read.charges
    assert "too large to be right" in read.unreadable[TODAY.start]


async def test_a_row_of_nothing_is_nothing(openai: Provider, api: Any, now: datetime) -> None:
    """Only a row that says it used nothing may come without an amount."""
    nothing = {"amount": None, "line_item": "x", "quantity": 0}
    api.handlers["/organization/costs"] = lambda _: page(*TODAY, rows=[nothing])
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
    assert f"{search.consumed_quantity} {search.consumed_unit}" == "200 calls"
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
