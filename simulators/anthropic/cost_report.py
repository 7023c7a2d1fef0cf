"""Anthropic's older cost report, simulated: whole days, oldest first, empty ones included.

As documented in August 2026: no keys, the default workspace as null, most fields null unless rows
are grouped by description.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from multidict import MultiMapping

from providers.money import total
from providers.period import DAY, Period, midnight, utc_day
from simulators.anthropic.analytics import cents, moment, refused
from simulators.quirks import Quirks
from simulators.world import World
from simulators.world.anthropic import AnthropicRow

_DEFAULT_LIMIT = 7
_MOST_BUCKETS = 31


def report_page(world: World, quirks: Quirks, query: MultiMapping[str]) -> dict[str, object]:
    """Return the answer to a query. Raise `Refusal` where Anthropic refuses."""
    now = world.clock()
    start, end = moment(query, "starting_at"), moment(query, "ending_at")
    if start is None:
        raise refused("starting_at: Field required")
    if end is None and now - start < timedelta(days=1):
        raise refused("Invalid date range: ending date must be after starting date")
    if query.get("bucket_width", "1d") != "1d":
        raise refused("bucket_width: Input should be '1d'")
    limit = int(query.get("limit", _DEFAULT_LIMIT))
    if not 1 <= limit <= _MOST_BUCKETS:
        raise refused("limit: Input should be between 1 and 31")
    group_by = query.getall("group_by[]", [])
    if set(group_by) - {"workspace_id", "description"}:
        raise refused("group_by: unknown dimension")
    last = utc_day(end - timedelta(microseconds=1)) if end else utc_day(now)
    first = date.fromisoformat(query["page"][5:]) if "page" in query else utc_day(start)
    days = Period(first, max(first, min(last, utc_day(now)) + DAY))
    page = days.clip(Period(first, first + DAY * limit))
    has_more = page.end < days.end
    return {
        "data": [_bucket(world, quirks, day, group_by) for day in page],
        "has_more": has_more,
        "next_page": f"page_{page.end}" if has_more else None,
    }


def _bucket(world: World, quirks: Quirks, day: date, group_by: Sequence[str]) -> dict[str, object]:
    groups: dict[tuple[object, ...], list[AnthropicRow]] = defaultdict(list)
    for row in world.anthropic.rows(day, world.clock() - quirks.publishing_lag):
        workspace = row.workspace_id if "workspace_id" in group_by else None
        groups[workspace, row[2:7] if "description" in group_by else None].append(row)
    return {
        "starting_at": f"{midnight(day):%Y-%m-%dT%H:%M:%SZ}",
        "ending_at": f"{midnight(day + DAY):%Y-%m-%dT%H:%M:%SZ}",
        "results": [_result(world, rows, group_by) for rows in groups.values()],
    }


def _result(
    world: World, rows: Sequence[AnthropicRow], group_by: Sequence[str]
) -> dict[str, object]:
    first, is_described = rows[0], "description" in group_by
    is_default = first.workspace_id == world.anthropic.default.workspace_id
    model = f"{first.model or first.cost_type} Usage - {first.token_type or first.cost_type}"
    described = {
        "description": f"{model} ({first.service_tier}, {first.speed})",
        "cost_type": first.cost_type,
        "model": first.model,
        "token_type": first.token_type,
        "service_tier": first.service_tier,
        "context_window": "0-200k" if first.model else None,
        "inference_geo": "not_available" if first.model else None,
    }
    return {
        "currency": "USD",
        "amount": cents(total(row.amount for row in rows)),
        "workspace_id": (
            first.workspace_id if "workspace_id" in group_by and not is_default else None
        ),
        **{name: value if is_described else None for name, value in described.items()},
    }
