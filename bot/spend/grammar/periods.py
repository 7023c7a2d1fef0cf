"""The periods people ask for, in UTC days: from words to days, and from days to words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from providers.period import DAY, Period

EARLIEST = date(2015, 1, 1)
LONGEST_DAYS = 3660

_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MONTHS = {name.casefold(): number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTHS |= {name[:3].casefold(): number for number, name in enumerate(_MONTH_NAMES, start=1)}
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_DAYS_BACK = re.compile(r"([0-9]{1,40})d")
_COUNT = re.compile(r"[0-9]{1,40}")
WORDS = ("today", "yesterday", "wtd", "mtd")
_PHRASES = {
    ("last", "week"): "last week",
    ("last", "month"): "last month",
    ("this", "week"): "wtd",
    ("this", "month"): "mtd",
    ("week", "to", "date"): "wtd",
    ("month", "to", "date"): "mtd",
}
SPELLED = (
    *("today", "yesterday", "last", "past", "this", "week", "month", "days"),
    *(name for name in _MONTHS if len(name) > 5),
)
"""The words a slip of the fingers may have meant: not ``March``, which ``match`` is too near."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A period as somebody asked for it."""

    period: Period
    """Ends with the running day at the latest."""
    words: str
    """As people say it, without its dates unless it is named by them."""
    text: str
    """As it is typed."""


class NoSuchPeriod(ValueError):
    """Words that look like a period and are none: `str()` says why, `nearest` is one that is."""

    def __init__(self, message: str, nearest: str) -> None:
        super().__init__(message)
        self.nearest = nearest


def month_to_date(today: date) -> Asked:
    """The default period."""
    return _sure("mtd", today)


def asked_for(words: Sequence[str], today: date) -> tuple[Asked, int] | None:
    """The period that the first of these lower-case words name, and how many words that took.

    None where they name none. Raises `NoSuchPeriod` for one that cannot be.
    """
    for phrase, short in _PHRASES.items():
        if tuple(words[: len(phrase)]) == phrase:
            return _sure(short, today), len(phrase)
    if words[0] in ("last", "past") and len(words) > 1:
        rest = _days_back(words[1:], today)
        return None if rest is None else (rest[0], rest[1] + 1)
    if back := _days_back(words, today):
        return back
    if len(words) > 1 and words[0] in _MONTHS and re.fullmatch(r"[0-9]{4}", words[1]):
        return _named(f"{words[1]}-{_MONTHS[words[0]]:02}", today), 2
    one = _of_one_word(words[0], today)
    return None if one is None else (one, 1)


def _days_back(words: Sequence[str], today: date) -> tuple[Asked, int] | None:
    """``7d``, or ``7 days``."""
    if match := _DAYS_BACK.fullmatch(words[0]):
        return _last_days(int(match[1]), today), 1
    if len(words) > 1 and _COUNT.fullmatch(words[0]) and words[1] in ("day", "days"):
        return _last_days(int(words[0]), today), 2
    return None


def _of_one_word(word: str, today: date) -> Asked | None:
    if word in WORDS:
        return _sure(word, today)
    if word in _MONTHS:
        year = today.year if _MONTHS[word] <= today.month else today.year - 1
        return _named(f"{year}-{_MONTHS[word]:02}", today)
    if ".." in word or _DATE.fullmatch(word) or _MONTH.fullmatch(word):
        return _named(word, today)
    return None


def _sure(text: str, today: date) -> Asked:
    """The periods that always are."""
    monday = today - DAY * today.weekday()
    first = today.replace(day=1)
    days, words = {
        "today": (Period.of_day(today), "today so far"),
        "yesterday": (Period.of_day(today - DAY), "yesterday"),
        "wtd": (Period(monday, today + DAY), "this week so far"),
        "mtd": (Period(first, today + DAY), "this month so far"),
        "last week": (Period(monday - DAY * 7, monday), "last week"),
        "last month": (Period((first - DAY).replace(day=1), first), "last month"),
    }[text]
    return Asked(days, words, text)


def _last_days(count: int, today: date) -> Asked:
    if not 1 <= count <= LONGEST_DAYS:
        nearest = "1d" if count < 1 else "365d"
        raise NoSuchPeriod(f"“{count}d” is no period: ask for 1 to {LONGEST_DAYS} days", nearest)
    words = "today so far" if count == 1 else f"the last {count} days"
    return Asked(Period(today - DAY * (count - 1), today + DAY), words, f"{count}d")


def _named(text: str, today: date) -> Asked:
    first, _, last = text.partition("..")
    start = _days_named(first)
    end = _days_named(last) if last else start
    if end.start < start.start:
        raise NoSuchPeriod(f"“{text}” ends before it starts", f"{last}..{first}")
    if start.start > today:
        raise NoSuchPeriod(f"“{text}” is still to come: today is {today} (UTC)", "mtd")
    if start.start < EARLIEST:
        raise NoSuchPeriod(f"“{text}” starts earlier than any figures", "mtd")
    days = Period(start.start, min(end.end, today + DAY))
    whole_month = _MONTH.fullmatch(text) is not None
    if not whole_month:
        return Asked(days, dates_in_words(days), text)
    words = f"{_MONTH_NAMES[days.start.month - 1]} {days.start.year}"
    return Asked(days, words if end.end <= today else f"{words} so far", text)


def _days_named(text: str) -> Period:
    """The days of one date or one month."""
    day, month = _DATE.fullmatch(text), _MONTH.fullmatch(text)
    try:
        if day:
            return Period.of_day(date(int(day[1]), int(day[2]), int(day[3])))
        if month:
            start = date(int(month[1]), int(month[2]), 1)
            return Period(start, (start + timedelta(days=32)).replace(day=1))
    except (ValueError, OverflowError):
        raise NoSuchPeriod(f"“{text}” is not in the calendar", "mtd") from None
    raise NoSuchPeriod(f"“{text}” is neither a day like 2026-11-01 nor a month like 2026-10", "mtd")


def dates_in_words(period: Period) -> str:
    """The days of a period that is not empty: ``1–15 Nov 2026``, ``30 Oct – 2 Nov 2026``."""
    first, last = period.start, period.end - DAY
    end = f"{last.day} {_short(last)} {last.year}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    start = f"{first.day} {_short(first)}"
    return f"{start} – {end}" if first.year == last.year else f"{start} {first.year} – {end}"


def _short(day: date) -> str:
    return _MONTH_NAMES[day.month - 1][:3]
