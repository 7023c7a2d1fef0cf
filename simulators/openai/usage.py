"""The usage endpoints of the simulated OpenAI: tokens by the minute, hour or day.

Unlike costs it is always fresh within minutes, and it refuses a limit over the page ceiling of its
bucket width. ``input_tokens`` holds cached tokens too.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from multidict import MultiMapping

from providers.period import DAY, midnight, utc_day
from simulators.openai.costs import (
    all_values,
    moment,
    page_start,
    page_token,
    refused,
    whole_number,
)
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.world.openai import CostRow

_WIDTHS = {
    "1d": (DAY, 7, 31),
    "1h": (timedelta(hours=1), 24, 168),
    "1m": (timedelta(minutes=1), 60, 1440),
}
_DIMENSIONS = ("project_id", "api_key_id", "model")
_NEVER_SET = ("user_id", "batch", "service_tier")
_REQUEST = 1800
KEPT = ("30m", "12h")
_METERS = {
    "input": "fresh",
    "cached input": "cached",
    "output": "output",
    "30m cache writes": "written_30m",
    "12h cache writes": "written_12h",
}
_EMBEDDINGS, _IMAGES, _DECISIONS = "text-embedding-", "gpt-image-", "gpt-decide-"
COUNTED: Mapping[str, Callable[[str], bool]] = {
    "completions": lambda model: not model.startswith((_EMBEDDINGS, _IMAGES, _DECISIONS)),
    "embeddings": lambda model: model.startswith(_EMBEDDINGS),
    "decisions": lambda model: model.startswith(_DECISIONS),
}
"""The endpoints that count tokens, and the models whose calls each counts."""


def usage_page(
    world: World, quirks: Quirks, endpoint: str, query: MultiMapping[str]
) -> dict[str, object]:
    """Return the answer to a usage query. Raise `Refusal` where the provider refuses."""
    width_name = query.get("bucket_width", "1d")
    if width_name not in _WIDTHS:
        raise refused("Invalid value for 'bucket_width'.", "bucket_width")
    width, usual, most = _WIDTHS[width_name]
    limit = whole_number(query, "limit", usual)
    if not 1 <= limit <= most:
        raise refused(
            f"Invalid limit provided: {limit}. Limit must be less than or equal to {most}."
        )
    begin = moment(query, "start_time")
    if begin is None:
        raise refused("Missing required parameter: 'start_time'.", "start_time")
    group_by = frozenset(all_values(query, "group_by"))
    if unknown := group_by - {*_DIMENSIONS, *_NEVER_SET}:
        raise refused(f"Invalid value for 'group_by': '{min(unknown)}'.", "group_by")
    end = moment(query, "end_time") or world.clock()
    everything = repr(sorted((name, value) for name, value in query.items() if name != "page"))
    fingerprint = hashlib.sha256(everything.encode()).digest()[:4]
    first = _aligned(begin, width)
    at = page_start(query.get("page"), fingerprint, first)
    buckets: list[dict[str, object]] = []
    while at < end and len(buckets) < limit:
        buckets.append(_bucket(world, quirks, endpoint, at, at + width, group_by))
        at += width
    return {
        "object": "page",
        "data": buckets,
        "has_more": at < end,
        "next_page": page_token(fingerprint, at) if at < end else None,
    }


def _bucket(
    world: World,
    quirks: Quirks,
    endpoint: str,
    start: datetime,
    end: datetime,
    group_by: frozenset[str],
) -> dict[str, object]:
    groups: dict[tuple[str | None, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row, quantity in _used_between(world, start, end):
        if not COUNTED[endpoint](row.model):
            continue
        key = tuple(getattr(row, name) if name in group_by else None for name in _DIMENSIONS)
        groups[key][_METERS[row.line_item.rsplit(", ", 1)[1]]] += quantity
    return {
        "object": "bucket",
        "start_time": int(start.timestamp()),
        "end_time": int(end.timestamp()),
        "results": [_result(quirks, endpoint, key, counted) for key, counted in groups.items()],
    }


def _used_between(world: World, start: datetime, end: datetime) -> Iterator[tuple[CostRow, int]]:
    day = utc_day(start)
    end = min(end, world.clock())
    before = {
        (row.project_id, row.api_key_id, row.line_item): row.quantity
        for row in (world.openai.rows(day, start) if start > midnight(day) else ())
    }
    for row in world.openai.rows(day, end) if end > start else ():
        quantity = row.quantity - before.get((row.project_id, row.api_key_id, row.line_item), 0)
        if row.unit and quantity:
            yield row, quantity


def _result(
    quirks: Quirks, endpoint: str, key: tuple[str | None, ...], counted: dict[str, int]
) -> dict[str, object]:
    fresh, cached = counted["fresh"], counted["cached"]
    kinds = {f"input_cache_write_{kept}_tokens": counted[f"written_{kept}"] for kept in KEPT}
    written = sum(kinds.values())
    cached_too: dict[str, object] = {
        "input_cached_tokens": cached,
        "input_cache_write_tokens": written,
        **({} if Quirk.OLD_CACHE_WRITES in quirks else kinds),
        "input_uncached_tokens": fresh,
        "output_tokens": counted["output"],
    }
    return {
        "object": f"organization.usage.{endpoint}.result",
        "input_tokens": fresh + cached + written,
        **({} if endpoint == "embeddings" else cached_too),
        "num_model_requests": (fresh + cached + written) // _REQUEST + 1,
        **dict(zip(_DIMENSIONS, key, strict=True)),
        **dict.fromkeys(_NEVER_SET),
    }


def _aligned(start: datetime, width: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (start - epoch) // width * width
