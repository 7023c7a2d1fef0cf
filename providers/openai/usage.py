"""Tokens by hour: OpenAI's usage endpoints, which are minutes old when costs are hours old."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from providers.errors import UnexpectedResponse
from providers.hours import HOUR, HourTokens
from providers.money import LARGEST_QUANTITY, total
from providers.openai.client import OpenAIClient
from providers.parsing import Fields, amount, epoch, fields, items, text

ENDPOINTS = ("completions", "embeddings")
"""The endpoints that count tokens. Images, seconds of speech, searches, sessions and storage have
other units, so no hourly figures exist for them."""
BETA_ENDPOINTS = ("decisions",)
"""Counted in tokens too. In beta since October 2026 (changelog of the npm package, 7.33.0), so an
organization may not have them."""
KEPT = ("30m", "12h")
"""Lifetimes of cache entries: rows have these kinds since October and November 2026 (npm package,
7.40.0 and 7.50.0)."""
MOST_HOURS = 168
"""The most hours per page that OpenAI accepts."""


async def read_hours(
    client: OpenAIClient, endpoint: str, start: datetime, end: datetime
) -> tuple[list[HourTokens], dict[datetime, str]]:
    """Return what each model used in each of these whole hours, and why some are unknown. Page
    tokens are not needed: the next request starts at the first missing hour. Raises
    `UnexpectedResponse` if a page has none of the requested hours."""
    what = f"OpenAI's usage of {endpoint}"
    found: list[HourTokens] = []
    unreadable: dict[datetime, str] = {}
    at = start
    while at < end:
        until = min(end, at + HOUR * MOST_HOURS)
        answer = fields(await client.usage(endpoint, at, until, MOST_HOURS), what)
        buckets = _buckets(answer, at, until, what)
        if not buckets:
            raise UnexpectedResponse(f"{what}: no data for {at:%Y-%m-%d %H:%M} UTC")
        if at not in buckets:
            unreadable[at] = f"{what}: no readable data for this hour"
            at += HOUR
        while at in buckets:
            try:
                found += _by_model(at, buckets[at], what)
            except UnexpectedResponse as error:
                unreadable[at] = str(error)
            at += HOUR
    return found, unreadable


def _buckets(
    answer: Fields, start: datetime, end: datetime, what: str
) -> dict[datetime, Sequence[object]]:
    """Return the rows by hour. A bucket for no requested hour is ignored."""
    found: dict[datetime, Sequence[object]] = {}
    for bucket in items(answer.get("data"), what):
        try:
            read = fields(bucket, what)
            hour = epoch(read, "start_time", what)
        except UnexpectedResponse:
            continue
        is_whole = read.get("end_time") in (None, (hour + HOUR).timestamp())
        if (hour - start) % HOUR or not start <= hour < end or not is_whole:
            continue
        results = read.get("results")
        is_first = hour not in found and isinstance(results, list)
        # What is not a list, or came twice, is one row that cannot be read.
        found[hour] = results if is_first and isinstance(results, list) else [None]
    return found


def _by_model(hour: datetime, results: Sequence[object], what: str) -> list[HourTokens]:
    merged: dict[str | None, dict[str, list[Decimal]]] = {}
    for result in results:
        row = fields(result, what)
        meters = merged.setdefault(_model(row), {})
        for meter, tokens in _meters(row, what).items():
            if tokens:
                meters.setdefault(meter, []).append(tokens)
    return [
        HourTokens(hour, model, {meter: total(parts) for meter, parts in meters.items()})
        for model, meters in merged.items()
        if meters
    ]


def _meters(row: Fields, what: str) -> dict[str, Decimal]:
    """Return tokens by meter, as in line items. ``input_tokens`` includes cached ones and cache
    writes. Cache writes are the sum of their kinds, if a row has those; the rest has no kind."""

    def tokens(name: str) -> Decimal:
        count = amount(row, name, what, LARGEST_QUANTITY)
        if count is not None and count < 0:
            raise UnexpectedResponse(f"{what}: {name} is below zero")
        return count or Decimal(0)

    if row.get("input_tokens") is None:
        raise UnexpectedResponse(f"{what}: input_tokens is missing")
    cached = tokens("input_cached_tokens")
    kinds = {f"{kept} cache writes": tokens(f"input_cache_write_{kept}_tokens") for kept in KEPT}
    of_kinds = total(kinds.values())
    written = max(tokens("input_cache_write_tokens"), of_kinds)
    return {
        "input": max(Decimal(0), tokens("input_tokens") - cached - written),
        "cached input": cached,
        "cache writes": total((written, -of_kinds)),
        **kinds,
        "output": tokens("output_tokens"),
    }


def _model(row: Fields) -> str | None:
    """Return the model as line items name it: a fine-tuned one is called ``ft:BASE:ORGANIZATION:…``
    in usage and ``ft-BASE`` in costs."""
    model = text(row, "model")
    if model is None or not model.startswith("ft:"):
        return model
    return f"ft-{model.split(':')[1]}"
