"""OpenAI: costs by key, names of projects and keys."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from providers.base import Provider
from providers.errors import (
    HistoryNotServed,
    UnexpectedResponse,
)
from providers.models import Name
from providers.period import Period
from tests.providers.openai_answers import NOVEMBER, PROJECTS, listing, refused, row


async def test_costs_by_key_start_where_openai_keeps_them(
    openai: Provider, api: Any, openai_costs: Any
) -> None:
    """Days before 6 December 2025 are not asked for by key, and other days are by key alone."""
    rows = [row("1.5", api_key_id="key_a"), row(2, api_key_id="key_a"), row(3, api_key_id=None)]
    api.handlers["/organization/costs"] = openai_costs(rows)
    period = Period(date(2025, 12, 1), date(2025, 12, 8))
    items = (await openai.breakdown(period, "key", datetime(2026, 1, 1, tzinfo=UTC))).items
    assert [(item.day.day, item.item_id, item.effective_cost) for item in items] == [
        (6, "key_a", Decimal("3.5")),
        (6, None, 3),
        (7, "key_a", Decimal("3.5")),
        (7, None, 3),
    ]
    assert ("group_by[]", "project_id") not in api.asked("/organization/costs")[0]
    before = Period(date(2025, 12, 1), date(2025, 12, 6))
    assert not (await openai.breakdown(before, "key", datetime(2026, 1, 1, tzinfo=UTC))).items


async def test_an_unknown_first_day_of_keys_is_history_not_served(
    openai: Provider, api: Any, now: datetime
) -> None:
    """A first day that OpenAI names in seconds is understood as a day."""
    message = "group_by api_key_id is available from start_time 1780272000 on."
    api.handlers["/organization/costs"] = lambda _: refused(400, message, param="start_time")
    with pytest.raises(HistoryNotServed) as raised:
        await openai.breakdown(NOVEMBER, "key", now)
    assert raised.value.earliest == date(2026, 6, 1)


async def test_names_of_projects_and_keys(openai: Provider, api: Any, now: datetime) -> None:
    """All pages of projects and keys are read; an archived project without keys hides no other."""
    api.handlers |= {
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
    assert ("include_archived", "true") in api.asked("/organization/projects")[0]
    asked = api.asked("/organization/projects/proj_search/api_keys")[0]
    assert ("owner_project_access", "any") in asked


async def test_a_list_without_end_is_an_error(openai: Provider, api: Any, now: datetime) -> None:
    """A page that promises more and repeats itself is not followed for ever."""
    api.handlers["/organization/projects"] = lambda _: {"data": PROJECTS, "has_more": True}
    with pytest.raises(UnexpectedResponse):
        await openai.names((), now)


async def test_keys_are_asked_for_of_projects_in_use_and_once_a_day(
    openai: Provider, api: Any, now: datetime
) -> None:
    """The number of requests depends on the projects that cost something, not on all there are."""
    projects = [{"id": f"proj_{n}", "name": f"p{n}"} for n in range(500)]
    api.handlers["/organization/projects"] = listing(projects)
    for n in range(500):
        path = f"/organization/projects/proj_{n}/api_keys"
        api.handlers[path] = listing([{"id": f"key_{n}", "name": f"k{n}"}])
    used = [f"proj_{n}" for n in range(7)]
    read = await openai.names([*used, "proj_gone"], now)
    assert {name.name for name in read.items if name.kind == "key"} == {f"k{n}" for n in range(7)}
    assert len(read.items) == 507
    assert len(api.requests) == 5 + 7
    again = await openai.names(used, now + timedelta(hours=1))
    assert list(again.items) == list(read.items)
    assert len(api.requests) == 5 + 7 + 5
    await openai.names(used, now + timedelta(hours=25))
    assert len(api.requests) == 5 + 7 + 5 + 5 + 7


async def test_keys_of_one_project_that_fail_cost_no_other(
    openai: Provider, api: Any, now: datetime
) -> None:
    """What was read is used; the project that failed is named, with what to do about that one."""
    api.handlers |= {
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
    api: Any, connect: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time for names, those that were read are kept, and the rest is asked for next."""
    monkeypatch.setattr("providers.openai.provider.NAMES_SECONDS", 0.1)
    openai = connect("openai")
    api.handlers["/organization/projects"] = listing(PROJECTS)
    api.handlers["/organization/projects/proj_search/api_keys"] = listing(
        [{"id": "key_a", "name": "prod"}]
    )
    slow = asyncio.Event()

    async def waits(_: web.Request) -> Any:
        await slow.wait()
        return {"data": [{"id": "key_c", "name": "late"}], "has_more": False}

    api.handlers["/organization/projects/proj_unnamed/api_keys"] = waits
    first = await openai.names(["proj_search", "proj_unnamed"], now)
    assert first.is_shortened
    assert {name.name for name in first.items} == {"search", "old", "prod"}
    slow.set()
    then = await openai.names(["proj_search", "proj_unnamed"], now)
    assert {name.name for name in then.items} == {"search", "old", "prod", "late"}
    assert not then.is_shortened
    assert len(api.asked("/organization/projects/proj_search/api_keys")) == 1
