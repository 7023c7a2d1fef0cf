"""Periods of questions, in UTC days: from words to days, and from days to words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.language.period_forms import (
    days_named,
    range_of,
    union,
)
from bot.language.period_units import NamedDays, NoSuchPeriod, like_unit, to_date
from bot.language.period_words import UNITS
from providers.period import DAY, MONTH_NAMES, Like, Period

EARLIEST = date(2015, 1, 1)
_FROM = ("since", "from", "between")
_TO = ("to", "until", "till", "through", "thru", "-", "..")
_NUMBERED: Mapping[Like, str] = {
    "month": r"[0-9]{4}-[0-9]{1,2}",
    "quarter": r"[0-9]{4}-q[1-4]",
    "year": r"[0-9]{4}",
}
"""How months, quarters and years are written."""
_OPEN = ("before", "until", "till")
_START = re.compile(r"(?:the )?(?:very )?(?:start|beginning|first day) of (?:the |this )?")


@dataclass(frozen=True, slots=True)
class NamedPeriod:
    """A period as the user asked for it."""

    period: Period
    """UTC days, up to the current day."""
    words: str
    """In words, without dates unless it is named by them."""
    text: str
    """As it is typed."""


def month_to_date(today: date) -> NamedPeriod:
    """Return the default period."""
    return _clamped(to_date(UNITS["month"], today), today)


def of_unit(unit: str, today: date) -> NamedPeriod:
    """Return the running day, week, month, quarter or year; without a unit, the default period."""
    if not unit:
        return month_to_date(today)
    return _named("today" if unit == "day" else f"this {unit}", today)


def like(text: str, period: Period) -> Like:
    """Return what a typed period is compared with. A month is compared with the month before, a
    week with the week before, a single day with the same weekday a week before. Other periods are
    compared with as many days before."""
    if unit := like_unit(text):
        return unit
    for unit, form in _NUMBERED.items():
        if re.fullmatch(form, text):
            return unit
    return "week" if len(period) == 1 and not re.fullmatch(r"[0-9]{1,4}d", text) else "days"


def running(named: NamedPeriod, today: date) -> NamedPeriod | None:
    """Return the running day, week, month, quarter or year that a period is compared with; None for
    other periods."""
    unit = like(named.text, named.period)
    if like_unit(named.text) is None and len(named.period) == 1:  # on a Monday, a week is no day
        return _named("today", today)
    return None if unit == "days" else _named(f"this {unit}", today)


def earlier(named: NamedPeriod, today: date) -> NamedPeriod:
    """Return the whole day, week, month, quarter or year before; else as many days before."""
    unit = like(named.text, named.period)
    is_day = like_unit(named.text) is None and len(named.period) == 1
    if unit == "days" or is_day:
        before = Period(named.period.start - DAY * len(named.period), named.period.start)
    else:
        before = Period.containing(unit, named.period.start - DAY)
    for text in ("yesterday", *(() if unit == "days" else (f"last {unit}", f"2 {unit}s ago"))):
        if (usual := _named(text, today)).period == before:
            return usual
    days = f"{before.start}..{before.end - DAY}" if len(before) > 1 else f"{before.start}"
    return _named(days, today)


def _named(text: str, today: date) -> NamedPeriod:
    found = asked_for(text.split(), today)
    if found is None:
        raise NoSuchPeriod(f"I don't understand “{text}”")
    return found[0]


def asked_for(words: Sequence[str], today: date) -> tuple[NamedPeriod, int] | None:
    """Return the period that the first of these lower-case words name, and how many words it took.

    ``since P``, ``from P`` and ``P onwards`` are from the start of P until today. ``P to Q`` is
    from the start of P to the end of Q; ``P and Q`` are adjacent periods. Return None if the words
    name no period. Raises `NoSuchPeriod` for one that can't exist.
    """
    if words[0] in _OPEN and days_named(words[1:], today):
        raise NoSuchPeriod(f"“{words[0]}” leaves out where the period starts or ends")
    if tuple(words[:2]) == ("up", "to") and days_named(words[2:], today):
        raise NoSuchPeriod("“up to” leaves out where the period starts")
    if words[0] == "after" and (before := _started(words[1:], today)):
        return _after(before, today), before.taken + 1
    opening = words[0] if words[0] in _FROM else ""
    first = _started(words[1:], today) if opening else days_named(words, today)
    if first is None:
        if opening in ("since", "between"):  # “from openai” is no period
            raise NoSuchPeriod(f"I don't understand which day “{opening}” begins with")
        return None
    taken = first.taken + bool(opening)
    join = words[taken] if taken < len(words) else ""
    last = days_named(words[taken + 1 :], today) if join in (*_TO, "and") else None
    if last is not None and first.is_yearless:
        first = days_named(words[bool(opening) :], last.days.end - DAY) or first
    if last is not None:
        make = union if join == "and" and opening != "between" else range_of
        return _clamped(make(first, last), today), taken + 1 + last.taken
    if join in ("onwards", "onward"):
        opening, taken = opening or "since", taken + 1
    is_range = ".." in first.text
    if not opening or (is_range and opening != "since"):
        return _clamped(first, today), taken
    if is_range or opening == "between":
        raise NoSuchPeriod(f"“{opening}” does not go with “{first.text}”")
    _check(first, today)
    days = Period(first.days.start, today + DAY)
    return NamedPeriod(days, dates_in_words(days), f"since {first.text}"), taken


def _after(before: NamedDays, today: date) -> NamedPeriod:
    """Return the days behind a period, until today."""
    start = NamedDays(Period.of_day(before.days.end), f"{before.days.end}")
    _check(start, today)
    days = Period(before.days.end, today + DAY)
    return NamedPeriod(days, dates_in_words(days), f"since {before.days.end}")


def _started(words: Sequence[str], today: date) -> NamedDays | None:
    """Return the period behind “since”: “the beginning of october”, “start of the year”."""
    start = _START.match(" ".join(words))
    skipped = start[0].count(" ") if start else int(bool(words) and words[0] == "the")
    rest = words[skipped:]
    whole = ("this", *rest) if start and rest and rest[0] in UNITS else rest
    found = days_named(whole, today) or (days_named(words, today) if not start else None)
    return found and replace(found, taken=found.taken - (len(whole) - len(rest)) + skipped)


def dates_in_words(period: Period) -> str:
    """Return the days of a non-empty period: ``1–15 Nov 2026``, ``30 Oct – 2 Nov 2026``."""
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


def _check(named: NamedDays, today: date) -> None:
    """Raise `NoSuchPeriod` if nothing of it can be known."""
    if named.days.start > today:
        raise NoSuchPeriod(f"“{named.text}” is still to come: today is {today} (UTC)")
    if named.days.start < EARLIEST:
        raise NoSuchPeriod(
            f"“{named.text}” starts before {EARLIEST.year}, earlier than any figures"
        )


def _clamped(named: NamedDays, today: date) -> NamedPeriod:
    """Return the days up to today."""
    _check(named, today)
    days = Period(named.days.start, min(named.days.end, today + DAY))
    return NamedPeriod(days, named.words or dates_in_words(days), named.text)
