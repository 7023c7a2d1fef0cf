"""OpenAI: spend limits and spend alerts."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from providers.base import Provider
from providers.errors import (
    PermissionMissing,
    Unavailable,
)
from tests.providers.openai_answers import PROJECTS, cap, listing, refused


async def test_caps_are_in_dollars(openai: Provider, api: Any, now: datetime) -> None:
    """Cents become dollars; what is enforced, and what is only mailed, is distinguished; projects
    without a cap have none."""
    alert = {"id": "alert_1", "threshold_amount": 12345, "currency": "USD", "interval": "month"}
    api.handlers |= {
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
async def test_no_cap_is_no_limit(openai: Provider, api: Any, now: datetime, nothing: Any) -> None:
    """By 404, an empty object, an amount of zero or none, or inactive: there is no cap."""
    if nothing:
        api.handlers["/organization/spend_limit"] = lambda _: nothing
    api.handlers["/organization/projects"] = listing(())
    read = await openai.limits(now)
    assert (read.items, read.not_read) == ([], [])


async def test_one_cap_of_an_unknown_kind_hides_no_other(
    openai: Provider, api: Any, now: datetime
) -> None:
    """Limits are read one by one; those that are not understood are named."""
    weekly = cap(500000) | {"id": "a1", "interval": "week"}
    monthly = cap(600000) | {"id": "a2"}
    api.handlers |= {
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


async def test_caps_that_may_not_be_read(openai: Provider, api: Any, now: datetime) -> None:
    """A key that may read some caps gives those; one that may read none says so."""
    api.fault = lambda _: refused(403, "Missing scopes: api.management.read")
    with pytest.raises(PermissionMissing, match=r"api\.management\.read"):
        await openai.limits(now)
    api.handlers["/organization/spend_limit"] = lambda _: cap(100)
    api.fault = lambda request: (
        {} if request.path.endswith("spend_limit") else refused(403, "Missing scopes")
    )
    read = await openai.limits(now)
    assert [limit.amount for limit in read.items] == [1]
    assert any("alerts" in reason for reason in read.not_read)


async def test_caps_that_cannot_be_read_are_not_none(
    openai: Provider, api: Any, now: datetime
) -> None:
    """Caps that could not be read are not taken for none."""
    api.fault = lambda _: web.Response(status=500)
    with pytest.raises(Unavailable):
        await openai.limits(now)


async def test_of_many_projects_each_read_asks_about_some(
    openai: Provider, api: Any, now: datetime
) -> None:
    """Those that were not asked about for the longest time first, until each was. What was not read
    yet is counted, earlier readings stay, and a limit that is gone by now is named as such."""
    names = [f"proj_{number:03}" for number in range(120)]
    api.handlers["/organization/projects"] = listing(
        [{"id": each, "name": each, "status": "active"} for each in names]
    )
    for each in names[:119]:
        api.handlers[f"/organization/projects/{each}/spend_limit"] = lambda _: cap(100)
    found: list[list[str]] = []
    left_out: list[str] = []
    for hours in range(4):
        read = await openai.limits(now + timedelta(hours=hours))
        found.append([limit.scope_id for limit in read.items])
        left_out += read.not_read
        assert read.is_partial
        assert ("proj_119" in read.without) == (hours == 2)
    assert found[:2] == [names[:50], names[50:100]]
    assert found[2] == [*names[100:119], *names[:30]]
    assert found[3] == names[30:80]
    assert left_out == [
        f"spend limits of {count} of 120 projects: not read yet" for count in (70, 20)
    ]
