"""Cost rows of every day of a window, or an error: pages are followed until they cover it.

Pages can't be trusted to say when they are complete: OpenAI returns tokens that it then refuses
(community.openai.com, "costs endpoint pagination", 2025-12), and a page may have fewer days than
requested. So the days that count are those of each bucket's own `start_time`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from providers.errors import HistoryNotServed, UnexpectedResponse
from providers.openai.client import OpenAIClient, PageTokenRefused
from providers.parsing import Fields, epoch, fields, items, required_flag, text
from providers.period import DAY, Period, midnight, utc_day

WINDOW_DAYS = 31
"""The most days that OpenAI puts on one page, even with a higher `limit`."""
_WHAT = "OpenAI's costs"
_MOST_PAGES = 40
_IDENTITY = ("project_id", "line_item", "api_key_id", "user_id")


@dataclass(slots=True)
class DaysRead:
    """The rows of the days that were returned, and why others are unknown. No day is in both."""

    rows: dict[date, list[Fields]] = field(default_factory=dict)
    unreadable: dict[date, str] = field(default_factory=dict)

    def add(self, other: "DaysRead") -> None:
        """Add the result for other days."""
        self.rows.update(other.rows)
        self.unreadable.update(other.unreadable)

    def has(self, day: date) -> bool:
        """Return True if the day was returned, readable or not."""
        return day in self.rows or day in self.unreadable

    def add_page(self, page: Mapping[date, Sequence[object]]) -> None:
        """Add a page. A day with the same rows on two pages, or with a row that is no object,
        becomes unreadable."""
        for day, day_rows in page.items():
            known = self.rows.setdefault(day, [])
            seen = {_identity(row) for row in known}
            read = [row for row in day_rows if isinstance(row, Mapping)]
            if len(read) < len(day_rows):
                self.unreadable[day] = f"{_WHAT}: a row isn't an object"
            if any(_identity(row) in seen for row in read):
                self.unreadable[day] = f"{_WHAT}: rows of this day came on two pages"
            known.extend(read)

    def without_unreadable(self) -> "DaysRead":
        """Return the same result with rows of readable days only."""
        rows = {day: rows for day, rows in self.rows.items() if day not in self.unreadable}
        return DaysRead(rows, self.unreadable)


async def read_days(
    client: OpenAIClient, window: Period, group_by: Sequence[str], today: date
) -> DaysRead:
    """Return the result for each day of the window, which is at most `WINDOW_DAYS` long and ends
    with the running day at the latest. Only the running day may be missing.

    Raises `UnexpectedResponse` if no past day was returned.
    """
    found = DaysRead()
    while missing := [day for day in window if not found.has(day)]:
        first = missing[0]
        walked = await _walk(client, Period(first, window.end), group_by, today)
        found.add(walked)
        if not found.has(first):
            if first == today:
                break
            if not walked.rows and not walked.unreadable:
                raise UnexpectedResponse(f"{_WHAT}: no data for {first}")
            found.unreadable[first] = f"{_WHAT}: no readable data for this day"
    return found


async def _walk(
    client: OpenAIClient, window: Period, group_by: Sequence[str], today: date
) -> DaysRead:
    """Follow page tokens until the window is covered, there are no more, or one is refused."""
    walked = DaysRead()
    token: str | None = None
    used: set[str] = set()
    for _ in range(_MOST_PAGES):
        try:
            answer = fields(
                await client.costs(window.start, window.end, group_by, token, WINDOW_DAYS), _WHAT
            )
        except (PageTokenRefused, HistoryNotServed):
            if token is None:
                raise
            break
        page = _buckets(answer, window)
        walked.add_page(page)
        if not page or all(walked.has(day) for day in window):
            break
        if not required_flag(answer, "has_more", _WHAT):
            break
        token = text(answer, "next_page")
        if token is None or token in used:
            if all(walked.has(day) for day in window if day != today):
                break
            raise UnexpectedResponse(f"{_WHAT}: it announces more pages but names none")
        used.add(token)
    else:
        raise UnexpectedResponse(f"{_WHAT}: more than {_MOST_PAGES} pages")
    return walked.without_unreadable()


def _buckets(answer: Fields, window: Period) -> Mapping[date, Sequence[object]]:
    """Return the rows by day. A bucket for no day of the window is ignored."""
    days: dict[date, list[object]] = {}
    for bucket in items(answer.get("data"), _WHAT):
        try:
            read = fields(bucket, _WHAT)
            begins = epoch(read, "start_time", _WHAT)
        except UnexpectedResponse:
            continue
        day = utc_day(begins)
        is_whole = read.get("end_time") in (None, midnight(day + DAY).timestamp())
        if begins != midnight(day) or day not in window or not is_whole:
            continue
        results = read.get("results")
        # What is not a list is one row that cannot be read.
        days.setdefault(day, []).extend(results if isinstance(results, list) else [results])
    return days


def _identity(row: Fields) -> tuple[str, ...]:
    return tuple(repr(row.get(name)) for name in _IDENTITY)
