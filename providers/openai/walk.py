"""Every day's cost rows of a window, or an error: OpenAI's pages, walked until they cover it.

Pages cannot be trusted to say when they are done: tokens are given out that are then refused
(community.openai.com, "costs endpoint pagination", 2025-12), and a page may hold fewer days than
asked for. So what counts is which days came, by each bucket's own `start_time`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from providers.errors import AnswerNotUnderstood, HistoryNotServed
from providers.openai.client import OpenAIClient
from providers.openai.errors import PageTokenRefused
from providers.period import Period, midnight, utc_day
from providers.reading import Fields, fields, required_flag, rows, text

WINDOW_DAYS = 31
"""What OpenAI puts on one page at most, whatever `limit` says."""
_WHAT = "OpenAI's costs"
_MOST_PAGES = 40

Days = Mapping[date, Sequence[Fields]]


async def read_days(
    client: OpenAIClient, window: Period, group_by: Sequence[str], now: datetime
) -> Days:
    """The rows of each day of the window, which is at most `WINDOW_DAYS` long and ends with the
    running day at the latest. Only the running day may be absent."""
    today = utc_day(now)
    found: dict[date, Sequence[Fields]] = {}
    while missing := [day for day in window if day not in found]:
        walked = await _walk(client, Period(missing[0], window.end), group_by, today)
        found.update(walked)
        if missing[0] not in walked:
            if missing[0] == today:
                break
            raise AnswerNotUnderstood(f"{_WHAT}: nothing came for {missing[0]}")
    return found


@dataclass(slots=True)
class _Walked:
    window: Period
    days: dict[date, list[Fields]] = field(default_factory=dict)

    def lacks_any_but(self, day: date) -> bool:
        return any(wanted not in self.days and wanted != day for wanted in self.window)

    def is_whole(self) -> bool:
        return all(day in self.days for day in self.window)

    def add(self, page: Mapping[date, Sequence[Fields]]) -> None:
        for day, day_rows in page.items():
            known = self.days.setdefault(day, [])
            seen = {_identity(row) for row in known}
            if any(_identity(row) in seen for row in day_rows):
                raise AnswerNotUnderstood(f"{_WHAT}: rows of {day} came on two pages")
            known.extend(day_rows)


async def _walk(
    client: OpenAIClient, window: Period, group_by: Sequence[str], today: date
) -> Mapping[date, Sequence[Fields]]:
    """Follow page tokens until the window is covered, they end, or one is refused."""
    walked = _Walked(window)
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
            return walked.days
        walked.add(_buckets(answer, window))
        if walked.is_whole() or not required_flag(answer, "has_more", _WHAT):
            return walked.days
        token = text(answer, "next_page")
        if token is None or token in used:
            if not walked.lacks_any_but(today):
                return walked.days
            raise AnswerNotUnderstood(f"{_WHAT}: more is promised, and no new page is named")
        used.add(token)
    raise AnswerNotUnderstood(f"{_WHAT}: no end after {_MOST_PAGES} pages")


def _buckets(answer: Fields, window: Period) -> Mapping[date, Sequence[Fields]]:
    days: dict[date, list[Fields]] = {}
    for bucket in rows(answer.get("data"), _WHAT):
        start = bucket.get("start_time")
        if not isinstance(start, int):
            raise AnswerNotUnderstood(f"{_WHAT}: a day without start_time")
        try:
            begins = datetime.fromtimestamp(start, UTC)
        except (OverflowError, ValueError, OSError):
            raise AnswerNotUnderstood(f"{_WHAT}: start_time is no moment") from None
        day = utc_day(begins)
        if begins != midnight(day) or day not in window:
            raise AnswerNotUnderstood(f"{_WHAT}: {begins:%Y-%m-%d %H:%M} was not asked for")
        days.setdefault(day, []).extend(rows(bucket.get("results"), _WHAT))
    return days


def _identity(row: Fields) -> tuple[object, ...]:
    return tuple(row.get(name) for name in ("project_id", "line_item", "api_key_id"))
