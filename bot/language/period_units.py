"""Periods counted in units of time: running, before, and so many of them; in UTC days."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.language.period_words import CALENDAR_UNITS, DAYS_AGO, THIS, TO_DATE, UNITS, TimeUnit
from providers.period import DAY, MONTHS_IN, WEEK, Like, Period, months_before

LONGEST_DAYS = 3660


class NoSuchPeriod(ValueError):
    """Words that look like a period but aren't one: `str()` says why, `nearest` is the one that was
    obviously meant, `readings` are several that may be."""

    def __init__(
        self, message: str, nearest: str | None = None, readings: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.nearest = nearest
        self.readings = readings


@dataclass(frozen=True, slots=True)
class NamedDays:
    """Days that were named, which may be in the future."""

    days: Period
    text: str
    words: str = ""
    """In words; empty: by its dates."""
    is_yearless: bool = False
    """The year was not given, so the latest match was taken."""
    taken: int = 0


def _containing(unit: TimeUnit, day: date) -> Period:
    return Period.containing("day" if unit.like == "days" else unit.like, day)


def _days_in(unit: TimeUnit) -> int | None:
    """Return the days of a unit that always has as many; None for months and what has months."""
    return {"days": 1, "week": WEEK}.get(unit.like)


def to_date(unit: TimeUnit, today: date) -> NamedDays:
    """Return the running week, month, quarter or year up to today."""
    days = Period(_containing(unit, today).start, today + DAY)
    return NamedDays(days, unit.to_date, f"this {unit.name} so far")


def relative(match: re.Match[str], today: date) -> NamedDays:
    """Read ``today``, ``wtd``, ``month to date``."""
    text = match[0]
    if text in DAYS_AGO:
        day = today - DAY * DAYS_AGO[text]
        return NamedDays(Period.of_day(day), text, "today so far" if day == today else text)
    return to_date(TO_DATE[text], today)


def of_unit(match: re.Match[str], today: date) -> NamedDays:
    """Read ``this week``, ``last quarter``, ``past month``, ``month before last``."""
    which, unit = match["which"] or "before", UNITS[match["unit"] or match["before"]]
    if which in THIS:
        return to_date(unit, today)
    if which == "past":
        return _back(1, unit, today)
    if which == "before":
        return _calendar_ago(2, unit, today)
    return NamedDays(_ago(unit, 1, today), f"last {unit.name}", f"last {unit.name}")


def counted(match: re.Match[str], today: date) -> NamedDays:
    """Read ``7d``, ``last 3 weeks``, ``2 months ago``."""
    count, unit = 1 if match["count"] in ("a", "an") else int(match["count"]), UNITS[match["unit"]]
    return (_calendar_ago if match["ago"] else _back)(count, unit, today)


def like_unit(text: str) -> Like | None:
    """Return the unit that a period's text names as one whole or running one; None for others."""
    for unit in CALENDAR_UNITS:
        if re.fullmatch(rf"{unit.to_date}|last {unit.name}|[0-9]{{1,4}} {unit.name}s? ago", text):
            return unit.like
    return None


def _ago(unit: TimeUnit, count: int, today: date) -> Period:
    if days := _days_in(unit):
        return _containing(unit, today - DAY * days * count)
    months = MONTHS_IN[unit.like]
    return _containing(unit, months_before(today.replace(day=1), count * months))


def _check(count: int, unit: TimeUnit) -> None:
    days = _days_in(unit) or MONTHS_IN[unit.like] * 30
    if not 1 <= count <= LONGEST_DAYS // days:
        raise NoSuchPeriod(f"Ask for 1 to {LONGEST_DAYS} days")


def _back(count: int, unit: TimeUnit, today: date) -> NamedDays:
    """Return the days up to today with that length."""
    _check(count, unit)
    if days := _days_in(unit):
        start = today - DAY * (count * days - 1)
    else:
        start = months_before(today, count * MONTHS_IN[unit.like]) + DAY
    period = Period(start, today + DAY)
    if unit.like == "days":
        words = "today so far" if count == 1 else f"the last {count} days"
        return NamedDays(period, f"{count}d", words)
    plural = "s" if count > 1 else ""
    words = f"the last {count} {unit.name}s" if count > 1 else f"the past {unit.name}"
    return NamedDays(period, f"{count} {unit.name}{plural}", words)


def _calendar_ago(count: int, unit: TimeUnit, today: date) -> NamedDays:
    _check(count, unit)
    text = f"{count} {unit.name}{'s' if count > 1 else ''} ago"
    return NamedDays(_ago(unit, count, today), text)
