"""OpenRouter: names and limits of keys, over all workspaces."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from providers.base import Provider
from providers.errors import (
    PermissionMissing,
)
from providers.models import Name
from tests.providers.openrouter_answers import paged


async def test_keys_of_all_workspaces_are_named(
    openrouter: Provider, api: Any, now: datetime
) -> None:
    """Keys of every workspace, page and state are named, each once; labels are never read."""
    keys = {
        "ws_default": [{"hash": f"h{n}", "name": f"key {n}", "label": "sk-or"} for n in range(250)],
        "ws_2": [{"hash": "h0", "name": "key 0"}, {"hash": "x", "name": "ann@example.com"}],
    }
    api.handlers["/workspaces"] = paged([{"id": "ws_default"}, {"id": "ws_2"}])
    api.handlers["/keys"] = lambda request: paged(keys[request.query["workspace_id"]])(request)
    names = (await openrouter.names((), now)).items
    assert len(names) == 251
    assert Name("key", "h249", "key 249") in names
    assert Name("key", "x", "[hidden]") in names
    for query in api.asked("/keys"):
        assert {("include_disabled", "true"), ("include_expired", "true")} <= set(query)


async def test_names_where_workspaces_cannot_be_listed(
    openrouter: Provider, api: Any, payload: Any, now: datetime
) -> None:
    """Without the list of workspaces, the keys of the default one are named."""
    api.handlers["/keys"] = paged(payload("openrouter_keys"))
    assert len((await openrouter.names((), now)).items) == 4
    assert "workspace_id" not in dict(api.asked("/keys")[0])


async def test_a_key_s_limit_has_its_rest_and_reset(
    openrouter: Provider, api: Any, payload: Any, now: datetime
) -> None:
    """A limit is given with what OpenRouter says remains of it, and when it starts again; keys that
    are not in use have none."""
    api.handlers["/keys"] = paged(payload("openrouter_keys"))
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
    openrouter: Provider, api: Any, now: datetime, reset: str | None, at: datetime | None
) -> None:
    """Days, weeks from Monday and months are those of UTC; a limit may be for life."""
    key = {"hash": "h", "name": "n", "limit": 5, "limit_remaining": 0, "limit_reset": reset}
    api.handlers["/keys"] = paged([key])
    limit = (await openrouter.limits(now)).items[0]
    assert limit.resets_at == at
    assert limit.is_enforcing


async def test_one_limit_that_is_not_understood_hides_no_other(
    openrouter: Provider, api: Any, now: datetime
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
    api.handlers["/keys"] = lambda _: {"data": keys}
    api.handlers["/key"] = lambda _: {
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
    openrouter: Provider, api: Any, now: datetime
) -> None:
    """Keys of other workspaces are named and limited; the one that failed is named."""

    def keys(request: web.Request) -> Any:
        if request.query["workspace_id"] == "ws_2":
            return web.json_response({"error": "no"}, status=403)
        return {"data": [{"hash": "h", "name": "n", "limit": 5, "limit_remaining": 2}]}

    api.handlers["/workspaces"] = paged([{"id": "ws_1"}, {"id": "ws_2", "name": "labs"}])
    api.handlers["/keys"] = keys
    names, limits = await openrouter.names((), now), await openrouter.limits(now)
    assert [name.name for name in names.items] == ["n"]
    assert "n" in [limit.scope_name for limit in limits.items]
    for read in (names, limits):
        assert read.is_partial
        assert any("workspace labs" in reason for reason in read.not_read)


async def test_a_refusal_of_keys_is_said(openrouter: Provider, api: Any, now: datetime) -> None:
    """Limits that may not be read are not taken for none."""
    api.handlers["/keys"] = lambda _: web.json_response({"error": "no"}, status=403)
    with pytest.raises(PermissionMissing):
        await openrouter.limits(now)
