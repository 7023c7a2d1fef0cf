"""Tokens by the hour: OpenAI's usage endpoints, which are minutes fresh where costs take hours."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from providers.errors import AnswerNotUnderstood
from providers.hours import HOUR, HourTokens
from providers.money import total
from providers.openai.client import OpenAIClient
from providers.reading import Fields, amount, fields, required_amount, rows, text

ENDPOINTS = ("completions", "embeddings")
"""What is counted in tokens. Images, seconds of speech, searches and storage are counted otherwise,
and their hours are not known."""
MOST_HOURS = 168
"""OpenAI refuses to be asked for more on one page."""


async def read_hours(
    client: OpenAIClient, endpoint: str, start: datetime, end: datetime
) -> list[HourTokens]:
    """What each model counted in each of these whole hours. Page tokens are not needed: what a page
    left out is asked for anew, from the first missing hour on."""
    what = f"OpenAI's usage of {endpoint}"
    found: list[HourTokens] = []
    at = start
    while at < end:
        until = min(end, at + HOUR * MOST_HOURS)
        answer = fields(await client.usage(endpoint, at, until, MOST_HOURS), what)
        buckets = _buckets(answer, at, until, what)
        if at not in buckets:
            raise AnswerNotUnderstood(f"{what}: nothing came for {at:%Y-%m-%d %H:%M} UTC")
        while at in buckets:
            found += _by_model(at, buckets[at], what)
            at += HOUR
    return found


def _buckets(
    answer: Fields, start: datetime, end: datetime, what: str
) -> dict[datetime, Sequence[Fields]]:
    found: dict[datetime, Sequence[Fields]] = {}
    for bucket in rows(answer.get("data"), what):
        begins = bucket.get("start_time")
        if not isinstance(begins, int):
            raise AnswerNotUnderstood(f"{what}: an hour without start_time")
        try:
            hour = datetime.fromtimestamp(begins, UTC)
        except (OverflowError, ValueError, OSError):
            raise AnswerNotUnderstood(f"{what}: start_time is no moment") from None
        if (hour - start) % HOUR or not start <= hour < end or hour in found:
            raise AnswerNotUnderstood(f"{what}: {hour:%Y-%m-%d %H:%M} was not asked for")
        found[hour] = rows(bucket.get("results"), what)
    return found


def _by_model(hour: datetime, results: Sequence[Fields], what: str) -> list[HourTokens]:
    merged: dict[str | None, dict[str, list[Decimal]]] = {}
    for row in results:
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
    """Tokens as line items meter them. ``input_tokens`` holds cached ones and cache writes too."""
    cached = amount(row, "input_cached_tokens", what) or Decimal(0)
    written = amount(row, "input_cache_write_tokens", what) or Decimal(0)
    fresh = required_amount(row, "input_tokens", what) - cached - written
    return {
        "input": max(Decimal(0), fresh),
        "cached input": cached,
        "cache writes": written,
        "output": amount(row, "output_tokens", what) or Decimal(0),
    }


def _model(row: Fields) -> str | None:
    """The model as line items name it: a fine-tuned one is called ``ft:BASE:ORGANIZATION:…`` and
    costs as ``ft-BASE``."""
    model = text(row, "model")
    if model is None or not model.startswith("ft:"):
        return model
    return f"ft-{model.split(':')[1]}"
