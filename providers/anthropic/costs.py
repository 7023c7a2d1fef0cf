"""Every row of a window of costs, or an error: all pages of one export."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from providers.anthropic.client import AnthropicClient, CursorExpired
from providers.errors import UnexpectedResponse
from providers.hours import HOUR
from providers.parsing import Fields, fields, items, moment, required_flag, text
from providers.period import DAY, Period, midnight

WINDOW_DAYS = 31
"""The longest range that one query may have."""
WHAT = "Anthropic's costs"
_MOST_PAGES = 200
_MOST_STARTS = 3
"""Most restarts of a window because of a newer export."""
_WIDTHS: Mapping[Literal["1d", "1h"], timedelta] = {"1d": DAY, "1h": HOUR}


@dataclass(frozen=True, slots=True)
class CostsRead:
    """The rows by the start of their day or hour; one without rows used nothing."""

    rows: Mapping[datetime, Sequence[Fields]]
    refreshed_at: datetime | None
    """The time of the export, which has nothing later. None: no export covers the range."""


async def read_costs(
    client: AnthropicClient,
    start: datetime,
    end: datetime,
    width: Literal["1d", "1h"],
    group_by: Sequence[str],
    endpoint: Literal["cost", "usage"] = "cost",
) -> CostsRead:
    """Return the latest export's rows of the days or hours from `start`, at most `WINDOW_DAYS`.

    A cursor ends with its export (410), and pages of two exports don't fit together. In both cases
    the window is read again.
    """
    for _ in range(_MOST_STARTS):
        try:
            return await _walk(client, start, end, width, group_by, endpoint)
        except CursorExpired:
            continue
    raise UnexpectedResponse(f"{WHAT}: new exports came while they were read")


async def _walk(
    client: AnthropicClient,
    start: datetime,
    end: datetime,
    width: Literal["1d", "1h"],
    group_by: Sequence[str],
    endpoint: Literal["cost", "usage"] = "cost",
) -> CostsRead:
    rows: dict[datetime, list[Fields]] = defaultdict(list)
    exports: set[datetime | None] = set()
    token: str | None = None
    used: set[str] = set()
    for _ in range(_MOST_PAGES):
        answer = fields(await client.analytics(endpoint, start, end, width, group_by, token), WHAT)
        refreshed_at = moment(answer, "data_refreshed_at", WHAT)
        exports.add(refreshed_at)
        if len(exports) > 1:
            raise CursorExpired(f"{WHAT}: pages of two exports")
        for item in items(answer.get("data"), WHAT):
            row = fields(item, WHAT)
            at = _start_of(row, _WIDTHS[width])
            if start <= at < end:
                rows[at].append(row)
        if not required_flag(answer, "has_more", WHAT):
            return CostsRead(rows, refreshed_at)
        token = text(answer, "next_page")
        if token is None or token in used:
            raise UnexpectedResponse(f"{WHAT}: it announces more pages but names none")
        used.add(token)
    raise UnexpectedResponse(f"{WHAT}: more than {_MOST_PAGES} pages")


def _start_of(row: Fields, width: timedelta) -> datetime:
    """Return the start of a row's day or hour. A row without one can't be ignored: days without
    rows are days without cost."""
    start, end = moment(row, "starting_at", WHAT), moment(row, "ending_at", WHAT)
    if start is None or end is None or end - start > width:
        raise UnexpectedResponse(f"{WHAT}: a row isn't of one day or hour")
    if width == HOUR:
        return start.replace(minute=0, second=0, microsecond=0)
    return start.replace(hour=0, minute=0, second=0, microsecond=0)


async def read_report(
    client: AnthropicClient, window: Period
) -> Mapping[datetime, Sequence[Fields]]:
    """Return the rows of the older report for each day of the window that it has, including empty
    days without cost. Only future days are missing."""
    found: dict[datetime, list[Fields]] = {}
    token: str | None = None
    used: set[str] = set()
    for _ in range(_MOST_PAGES):
        start, end = midnight(window.start), midnight(window.end)
        answer = fields(await client.report(start, end, token), WHAT)
        for bucket in items(answer.get("data"), WHAT):
            read = fields(bucket, WHAT)
            rows = [fields(row, WHAT) for row in items(read.get("results"), WHAT)]
            found.setdefault(_start_of(read, DAY), []).extend(rows)
        if not required_flag(answer, "has_more", WHAT):
            return found
        token = text(answer, "next_page")
        if token is None or token in used:
            raise UnexpectedResponse(f"{WHAT}: it announces more pages but names none")
        used.add(token)
    raise UnexpectedResponse(f"{WHAT}: more than {_MOST_PAGES} pages")
