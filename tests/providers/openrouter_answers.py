"""What OpenRouter answers in the tests: rows of use, lists in pages."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from providers.models import Charge
from providers.openrouter import mapper
from providers.period import Period

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 24))
TODAY = date(2026, 11, 23)


def analytics(*rows: dict[str, Any], **metadata: Any) -> Any:
    """An answer of `/analytics/query`."""
    return {"data": {"data": list(rows), "metadata": {"truncated": False, **metadata}}}


def used(day: str, value: Any = 1, **more: Any) -> dict[str, Any]:
    """A row of analytics."""
    return {"date__day": day, "model": "m", "credits_usage": value, "byok_usage": None, **more}


def charged(rows: list[dict[str, Any]], window: Period) -> Sequence[Charge]:
    """The charges of these rows of analytics."""
    answer = {"data": rows, "metadata": {"truncated": False}}
    read = mapper.charges_from_analytics(answer, window)
    assert read is not None
    return read.items


def paged(rows: list[dict[str, Any]]) -> Callable[[web.Request], Any]:
    """A list endpoint with pages of a hundred."""

    def answer(request: web.Request) -> Any:
        offset = int(request.query["offset"])
        return {"data": rows[offset : offset + 100]}

    return answer
