"""The periods people ask for, in UTC days: from words to days, and from days to words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from providers.period import DAY, MONTH_NAMES, Like, Period

EARLIEST = date(2015, 1, 1)
LONGEST_DAYS = 3660

_MONTHS = {name.casefold(): number for number, name in enumerate(MONTH_NAMES, start=1)}
_MONTHS |= {name[:3].casefold(): number for number, name in enumerate(MONTH_NAMES, start=1)}
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
_FROM = ("since", "from", "between")
_TO = ("to", "until", "till", "through", "thru", "-", "–")
_OPEN = ("before", "after", "until", "till")
KNOWN = frozenset((*SPELLED, *WORDS, *_MONTHS, *_FROM, *_TO, *_OPEN))
"""The words that are read as part of a period, and never as a slip."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A period as the user asked for it."""

    period: Period
    """Ends with the running day at the latest."""
    words: str
    """As people say it, without its dates unless it is named by them."""
    text: str
    """As it is typed."""


class NoSuchPeriod(ValueError):
    """Words that look like a period and are none: `str()` says why, `nearest` is the one that was
    obviously meant."""

    def __init__(self, message: str, nearest: str | None) -> None:
        super().__init__(message)
        self.nearest = nearest


def month_to_date(today: date) -> Asked:
    """The default period."""
    return _clamped(_relative("mtd", today, 1), today)


def like(text: str, period: Period) -> Like:
    """What a period that was typed so is compared with: a month with the month before, a week with
    the week before, a single day with the same weekday a week before, else as many days before."""
    if text in ("mtd", "last month") or _MONTH.fullmatch(text):
        return "month"
    if text in ("wtd", "last week") or (len(period) == 1 and not _DAYS_BACK.fullmatch(text)):
        return "week"
    return "days"


def asked_for(words: Sequence[str], today: date) -> tuple[Asked, int] | None:
    """Return the period that the first of these lower-case words name, and how many words it took.

    ``since P`` and ``from P`` are from the start of P until today. ``P to Q`` is from the start of
    P to the end of Q, for any two periods. Return None where the words name no period. Raise
    `NoSuchPeriod` for one that cannot be.
    """
    if words[0] in _OPEN:
        raise NoSuchPeriod(f"“{words[0]}” leaves out where the period starts or ends", None)
    is_open = words[0] in _FROM
    first = _days_named(words[1:] if is_open else words, today)
    if first is None:
        if is_open and words[0] != "from":  # “from openai” is no period
            raise NoSuchPeriod(f"I don't understand which day “{words[0]}” begins with", None)
        return None
    taken = first.taken + is_open
    join = words[taken : taken + 1]
    is_joined = bool(join) and (join[0] in _TO or (words[0] == "between" and join[0] == "and"))
    last = _days_named(words[taken + 1 :], today) if is_joined else None
    if last is not None:
        return _range(first, last, today), taken + 1 + last.taken
    if not is_open:
        return _clamped(first, today), taken
    if ".." in first.text and words[0] == "from":
        return _clamped(first, today), taken
    if ".." in first.text or words[0] == "between":
        raise NoSuchPeriod(f"“{words[0]}” does not go with “{first.text}”", None)
    _check(first, today)
    days = Period(first.days.start, today + DAY)
    return Asked(days, dates_in_words(days), f"since {first.text}"), taken


@dataclass(frozen=True, slots=True)
class _Named:
    """Days that were named: perhaps still to come, perhaps not yet over."""

    days: Period
    text: str
    taken: int
    words: str = ""
    """As people say it; empty: by its dates."""


def _days_named(words: Sequence[str], today: date) -> _Named | None:
    if not words:
        return None
    for phrase, short in _PHRASES.items():
        if tuple(words[: len(phrase)]) == phrase:
            return _relative(short, today, len(phrase))
    if words[0] in ("last", "past"):
        rest = _days_back(words[1:], today)
        return None if rest is None else replace(rest, taken=rest.taken + 1)
    if back := _days_back(words, today):
        return back
    if len(words) > 1 and words[0] in _MONTHS and re.fullmatch(r"[0-9]{4}", words[1]):
        return replace(_calendar(f"{words[1]}-{_MONTHS[words[0]]:02}", today), taken=2)
    return _of_one_word(words[0], today)


def _days_back(words: Sequence[str], today: date) -> _Named | None:
    """``7d``, or ``7 days``."""
    if words and (match := _DAYS_BACK.fullmatch(words[0])):
        return _last_days(int(match[1]), today, 1)
    if len(words) > 1 and _COUNT.fullmatch(words[0]) and words[1] in ("day", "days"):
        return _last_days(int(words[0]), today, 2)
    return None


def _of_one_word(word: str, today: date) -> _Named | None:
    if word in WORDS:
        return _relative(word, today, 1)
    if word in _MONTHS:
        year = today.year if _MONTHS[word] <= today.month else today.year - 1
        return _calendar(f"{year}-{_MONTHS[word]:02}", today)
    if ".." in word:
        first, _, last = word.partition("..")
        both = _of_one_word(first, today), _of_one_word(last, today)
        if both[0] is None or both[1] is None:
            raise NoSuchPeriod(f"“{word}” is not two days like 2026-11-01..2026-11-15", None)
        days = _joined(both[0], both[1])
        return _Named(days, word, 1)
    if _DATE.fullmatch(word) or _MONTH.fullmatch(word):
        return _calendar(word, today)
    return None


def _relative(text: str, today: date, taken: int) -> _Named:
    """The periods that always are."""
    week, month = Period.of_week(today), Period.of_month(today)
    days, words = {
        "today": (Period.of_day(today), "today so far"),
        "yesterday": (Period.of_day(today - DAY), "yesterday"),
        "wtd": (Period(week.start, today + DAY), "this week so far"),
        "mtd": (Period(month.start, today + DAY), "this month so far"),
        "last week": (Period.of_week(week.start - DAY), "last week"),
        "last month": (Period.of_month(month.start - DAY), "last month"),
    }[text]
    return _Named(days, text, taken, words)


def _last_days(count: int, today: date, taken: int) -> _Named:
    if not 1 <= count <= LONGEST_DAYS:
        raise NoSuchPeriod(f"Ask for 1 to {LONGEST_DAYS} days", None)
    words = "today so far" if count == 1 else f"the last {count} days"
    return _Named(Period(today - DAY * (count - 1), today + DAY), f"{count}d", taken, words)


def _calendar(text: str, today: date) -> _Named:
    """The days of one date or one month."""
    day, month = _DATE.fullmatch(text), _MONTH.fullmatch(text)
    try:
        if day:
            return _Named(Period.of_day(date(int(day[1]), int(day[2]), int(day[3]))), text, 1)
        if month:
            days = Period.of_month(date(int(month[1]), int(month[2]), 1))
            words = f"{MONTH_NAMES[days.start.month - 1]} {days.start.year}"
            return _Named(days, text, 1, words if days.end <= today else f"{words} so far")
    except (ValueError, OverflowError):
        pass
    raise NoSuchPeriod(f"“{text}” isn't in the calendar", None)


def _joined(first: _Named, last: _Named) -> Period:
    if last.days.end <= first.days.start:
        swapped = f"{last.text}..{first.text}"
        is_short = ".." not in first.text + last.text and " " not in swapped
        raise NoSuchPeriod(
            f"“{first.text}” is later than “{last.text}”", swapped if is_short else None
        )
    return Period(first.days.start, last.days.end)


def _range(first: _Named, last: _Named, today: date) -> Asked:
    text = f"{first.text} to {last.text}"
    if ".." in text:
        raise NoSuchPeriod(f"“{text}” names more than two days", None)
    return _clamped(_Named(_joined(first, last), text, 0), today)


def _check(named: _Named, today: date) -> None:
    """Raises `NoSuchPeriod` where nothing of it can be known."""
    if named.days.start > today:
        raise NoSuchPeriod(f"“{named.text}” is still to come: today is {today} (UTC)", None)
    if named.days.start < EARLIEST:
        raise NoSuchPeriod(
            f"“{named.text}” starts before {EARLIEST.year}, earlier than any figures", None
        )


def _clamped(named: _Named, today: date) -> Asked:
    _check(named, today)
    days = Period(named.days.start, min(named.days.end, today + DAY))
    return Asked(days, named.words or dates_in_words(days), named.text)


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
    return MONTH_NAMES[day.month - 1][:3]
