"""OpenAI: pages of costs, days without rows, refusals, and what the key may see."""

from datetime import date, datetime
from typing import Any

import pytest
from aiohttp import web

from providers.base import Provider
from providers.errors import (
    HistoryNotServed,
    PermissionMissing,
    RequestRefused,
    UnexpectedResponse,
    WrongKeyKind,
)
from providers.period import Period, midnight
from tests.providers.openai_answers import NOVEMBER, TODAY, listing, page, refused, row


async def test_windows_are_whole_days(openai: Provider, api: Any, now: datetime) -> None:
    """Each question spans at most 31 days between midnights, ends with the running day, and names
    its groups as OpenAI's own SDKs do."""
    await openai.charges(Period(date(2025, 11, 24), date(2026, 11, 24)), now)
    asked = [dict(query) for query in api.asked("/organization/costs")]
    assert len(asked) == 12
    for query in asked:
        start, end = int(query["start_time"]), int(query["end_time"])
        assert start % 86400 == end % 86400 == 0
        assert 0 < end - start <= 31 * 86400
    assert max(int(query["end_time"]) for query in asked) == 1795478400
    groups = [value for key, value in api.asked("/organization/costs")[0] if key == "group_by[]"]
    assert groups == ["project_id", "line_item"]


@pytest.mark.parametrize("ceiling", [1, 7, 31])
async def test_pages_of_any_size_are_followed(
    openai: Provider, api: Any, openai_costs: Any, now: datetime, ceiling: int
) -> None:
    """However few days a page holds, all days come, once."""
    api.handlers["/organization/costs"] = openai_costs(ceiling=ceiling)
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)
    assert len(read.charges) == len(NOVEMBER) * 4
    assert len(api.requests) == -(-len(NOVEMBER) // ceiling)


async def test_a_covered_window_asks_for_no_more(openai: Provider, api: Any, now: datetime) -> None:
    """A token given out after the last day is not followed."""
    api.handlers["/organization/costs"] = lambda _: page(
        *NOVEMBER, rows=[row(1)], has_more=True, token="page_bogus"
    )
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)
    assert len(api.requests) == 1


async def test_a_refused_token_is_gone_around(
    openai: Provider, api: Any, openai_costs: Any, now: datetime
) -> None:
    """Where OpenAI refuses its own token, the first missing day is asked for without one."""
    behaving = openai_costs(ceiling=10)

    def refusing_tokens(request: web.Request) -> Any:
        if "page" in request.query:
            return refused(400, "The page token is invalid, have you modified the query?")
        return behaving(request)

    api.handlers["/organization/costs"] = refusing_tokens
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER)
    starts = {dict(query)["start_time"] for query in api.asked("/organization/costs")}
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
    openai: Provider, api: Any, now: datetime, answer: Any
) -> None:
    """Promises that are not kept, and days that were not asked for, are no figures."""
    api.handlers["/organization/costs"] = lambda _: answer
    with pytest.raises(UnexpectedResponse):
        await openai.charges(NOVEMBER, now)


async def test_a_row_on_two_pages_costs_its_day(openai: Provider, api: Any, now: datetime) -> None:
    """The same thing of the same day on two pages cannot be distinguished from counting it
    twice."""
    first, *others = NOVEMBER

    def repeating(request: web.Request) -> Any:
        if "page" in request.query:
            return page(first, *others, rows=[row(1)])
        return page(first, rows=[row(1)], has_more=True, token="page_1")

    api.handlers["/organization/costs"] = repeating
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(others)
    assert "two pages" in read.unreadable[first]


async def test_a_past_day_without_rows_is_covered(
    openai: Provider, api: Any, now: datetime
) -> None:
    """A past day without rows is covered; the running day without rows is not published."""
    api.handlers["/organization/costs"] = lambda _: page(*NOVEMBER)
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - frozenset(TODAY)
    assert not read.charges


async def test_a_running_day_that_is_left_out(openai: Provider, api: Any, now: datetime) -> None:
    """Where the running day does not come at all, the past days are still whole."""

    def without_today(request: web.Request) -> Any:
        days = [day for day in NOVEMBER if day not in TODAY]
        start = int(request.query["start_time"])
        return page(*(day for day in days if midnight(day).timestamp() >= start), rows=[row(1)])

    api.handlers["/organization/costs"] = without_today
    read = await openai.charges(NOVEMBER, now)
    assert read.covered == frozenset(NOVEMBER) - frozenset(TODAY)


async def test_history_that_is_no_longer_served(openai: Provider, api: Any, now: datetime) -> None:
    """A refusal to look back names the earliest day."""
    message = (
        "Usage and cost data are available for the past year. "
        "Earliest supported start date: 2025-11-23 (UTC)."
    )
    api.handlers["/organization/costs"] = lambda _: refused(
        400, message, code="reporting_lookback_exceeded"
    )
    with pytest.raises(HistoryNotServed) as raised:
        await openai.charges(NOVEMBER, now)
    assert raised.value.earliest == date(2025, 11, 23)


async def test_any_other_refusal_is_said(openai: Provider, api: Any, now: datetime) -> None:
    """A 400 that is not known is an error with OpenAI's words."""
    api.handlers["/organization/costs"] = lambda _: refused(400, "Invalid limit provided: 31.")
    with pytest.raises(RequestRefused, match="Invalid limit"):
        await openai.charges(NOVEMBER, now)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("key", "error"),
    [("sk-admin-x1", PermissionMissing), ("sk-proj-x1", WrongKeyKind), ("sk-x1", WrongKeyKind)],
)
async def test_keys_that_may_not_read_costs(
    api: Any, connect: Any, now: datetime, status: int, key: str, error: type[Exception]
) -> None:
    """Whether 401 or 403: an admin key lacks a permission, another key is of the wrong kind."""
    message = "You have insufficient permissions. Missing scopes: api.usage.read."
    api.handlers["/organization/costs"] = lambda _: refused(status, message)
    with pytest.raises(PermissionMissing) as raised:
        await connect("openai", key).charges(NOVEMBER, now)
    assert type(raised.value) is error
    assert "admin key" in raised.value.remedy


async def test_probe_names_the_organization(openai: Provider, api: Any, now: datetime) -> None:
    """The probe names the organization, and what the key may not see."""
    api.handlers["/organization/projects"] = lambda _: refused(
        403, "Missing scopes: api.management.read"
    )
    probe = await openai.probe(now)
    assert (probe.account, probe.kind, probe.can_read_charges) == ("org-1", "admin key", True)
    assert probe.can_read_balance is None
    assert "shown by id" in probe.notes[0]


async def test_probe_doubts_a_day_without_cost(
    openai: Provider, api: Any, openai_costs: Any, now: datetime
) -> None:
    """A day without any cost may mean the key of another organization."""
    api.handlers["/organization/costs"] = openai_costs([])
    api.handlers["/organization/projects"] = listing(())
    probe = await openai.probe(now)
    assert probe.account is None
    assert "another organization" in probe.notes[0]


async def test_no_balance_is_reported(openai: Provider, now: datetime) -> None:
    """OpenAI has no balance to read: not zero, none."""
    assert await openai.balance(now) is None
