"""What OpenAI answers in the tests: errors, pages of costs, lists, spend limits."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from providers.period import Period, midnight

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 24))
TODAY = Period.of_day(date(2026, 11, 23))


def refused(status: int, message: str, **more: Any) -> web.Response:
    """An error in OpenAI's form."""
    error = {"message": message, "type": "invalid_request_error", **more}
    return web.json_response({"error": error}, status=status)


def page(*days: date, rows: Any = (), has_more: bool = False, token: str | None = None) -> Any:
    """A page of costs."""
    data = [
        {
            "object": "bucket",
            "start_time": int(midnight(day).timestamp()),
            "end_time": int(midnight(day).timestamp()) + 86400,
            "results": list(rows),
        }
        for day in days
    ]
    return {"object": "page", "data": data, "has_more": has_more, "next_page": token}


def row(value: Any, line_item: str | None = "web search", **more: Any) -> dict[str, Any]:
    """A cost row."""
    return {"amount": {"value": value, "currency": "usd"}, "line_item": line_item, **more}


def listing(rows: Sequence[dict[str, Any]], size: int = 100) -> Callable[[web.Request], Any]:
    """A list endpoint with pages of that size."""

    def answer(request: web.Request) -> Any:
        ids = [item["id"] for item in rows]
        first = ids.index(request.query["after"]) + 1 if "after" in request.query else 0
        data = rows[first : first + size]
        return {"object": "list", "data": data, "has_more": first + size < len(rows)}

    return answer


PROJECTS: list[dict[str, Any]] = [
    {"id": "proj_search", "name": "search", "status": "active"},
    {"id": "proj_old", "name": "old", "status": "archived"},
    {"id": "proj_unnamed", "name": None, "status": "active"},
]


def cap(cents: int, status: str = "enforcing") -> dict[str, Any]:
    """A spend limit in OpenAI's form."""
    return {
        "threshold_amount": cents,
        "currency": "USD",
        "interval": "month",
        "enforcement": {"status": status},
    }
