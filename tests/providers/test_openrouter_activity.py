"""OpenRouter: `/activity` where analytics can't be read."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from providers.base import Provider
from providers.errors import (
    HistoryNotServed,
    Unavailable,
)
from providers.period import Period
from tests.providers.openrouter_answers import NOVEMBER, TODAY


async def test_an_activity_row_without_its_day_costs_that_day(
    openrouter: Provider, api: Any, now: datetime
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

    api.handlers["/analytics/query"] = lambda _: web.Response(status=404)
    api.handlers["/activity"] = answer
    read = await openrouter.charges(Period(date(2026, 11, 15), date(2026, 11, 24)), now)
    assert set(read.unreadable) == {date(2026, 11, 18), date(2026, 11, 16)}
    assert read.covered == {date(2026, 11, day) for day in (15, 17, 19, 20, 21, 22)}


@pytest.mark.parametrize("status", [403, 404, 408, 500])
async def test_activity_stands_in_for_analytics(
    openrouter: Provider, api: Any, now: datetime, status: int
) -> None:
    """Where analytics cannot be had, completed days come from the activity, which is said; the
    running day is not covered."""
    api.handlers["/analytics/query"] = lambda _: web.Response(status=status)
    read = await openrouter.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - {TODAY}
    assert read.degraded is not None
    assert str(status) in read.degraded
    found = {(c.charge_period_start.day, c.sku_id): c for c in read.charges}
    assert found[22, "openai/gpt-5"].effective_cost == Decimal("0.020")
    assert found[22, "openai/gpt-5"].x_byok_estimate == Decimal("0.012")
    assert found[20, "anthropic/claude-sonnet-4.5"].effective_cost == Decimal("1.5")
    assert api.asked("/activity") == [[("group_by", "workspace")]]


@pytest.mark.parametrize(
    "period",
    [
        pytest.param(Period.of_day(TODAY), id="the running day alone"),
        pytest.param(Period(date(2026, 9, 23), date(2026, 10, 24)), id="days before"),
    ],
)
async def test_activity_stands_in_for_no_other_days(
    openrouter: Provider, api: Any, now: datetime, period: Period
) -> None:
    """Days that the activity does not have are an error, never zero."""
    api.handlers["/analytics/query"] = lambda _: web.Response(status=500)
    with pytest.raises(Unavailable):
        await openrouter.charges(period, now)
    assert not api.asked("/activity")


async def test_activity_gives_the_days_that_it_has(
    openrouter: Provider, api: Any, now: datetime
) -> None:
    """Of a longer period the last 30 completed days are covered, and the others are not."""
    api.handlers["/analytics/query"] = lambda _: web.Response(status=404)
    read = await openrouter.charges(Period(date(2026, 10, 1), date(2026, 11, 24)), now)
    assert read.covered == frozenset(Period(date(2026, 10, 24), TODAY))


async def test_days_too_far_back_are_refused(openrouter: Provider, now: datetime) -> None:
    """Days before the last 365 would come without rows, and are not taken for days without cost."""
    earliest = date(2025, 11, 24)
    with pytest.raises(HistoryNotServed) as raised:
        await openrouter.charges(Period(date(2025, 11, 23), date(2025, 12, 1)), now)
    assert raised.value.earliest == earliest
    assert (await openrouter.charges(Period(earliest, date(2025, 12, 1)), now)).covered
