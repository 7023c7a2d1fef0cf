"""Forms of periods: from a few words to UTC days, which may be in the future."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from providers.period import DAY, DAY_NAMES, MONTH_NAMES, MONTHS_IN, Like, Period, months_before

LONGEST_DAYS = 3660
LONGEST_PHRASE = 8
"""Most words of a period without a range."""

_MONTHS = {name.casefold(): number for number, name in enumerate(MONTH_NAMES, start=1)}
_MONTHS |= {name[:3].casefold(): number for number, name in enumerate(MONTH_NAMES, start=1)}
_MONTHS["sept"] = 9
_WEEKDAYS = {name[:length].casefold(): n for n, name in enumerate(DAY_NAMES) for length in (3, 9)}
_WEEKDAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
NUMBERS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "twelve": "12",
}
UNITS: Mapping[str, Like] = {
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "week"),
    **dict.fromkeys(("m", "mo", "mos", "month", "months"), "month"),
    **dict.fromkeys(("q", "quarter", "quarters"), "quarter"),
    **dict.fromkeys(("y", "year", "years"), "year"),
}
WORDS = ("today", "yesterday", "wtd", "mtd", "qtd", "ytd")
_TO_DATE: Mapping[Like, str] = {"week": "wtd", "month": "mtd", "quarter": "qtd", "year": "ytd"}
SPELLED = (
    *("today", "yesterday", "last", "past", "this", "previous", "current", "since"),
    *("week", "weeks", "month", "months", "quarter", "year", "days"),
    *(name for name in (*_MONTHS, *_WEEKDAYS) if len(name) > 5),
)
"""Words that typos are corrected to. ``March`` is missing, because ``match`` is too similar."""


class NoSuchPeriod(ValueError):
    """Words that look like a period but aren't one: `str()` says why, `nearest` is the one that was
    obviously meant."""

    def __init__(self, message: str, nearest: str | None = None) -> None:
        super().__init__(message)
        self.nearest = nearest


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


def days_named(words: Sequence[str], today: date) -> NamedDays | None:
    """Return the days that the phrase at the start names; the longest form wins."""
    return _named_by(tuple(words[:LONGEST_PHRASE]), today) if words else None


@lru_cache(maxsize=1024)
def _named_by(words: tuple[str, ...], today: date) -> NamedDays | None:
    kept = [NUMBERS.get(word, word) for word in words]
    if not (kept[0][:1].isdigit() or kept[0] in _FIRST or re.match(r"q[1-4]|.{1,10}\.\.", kept[0])):
        return None
    text = " ".join(kept[: kept.index("")] if "" in kept else kept)
    for form, read in _FORMS:
        if match := form.match(text):
            try:
                named = read(match, today)
            except (ValueError, OverflowError) as error:
                if isinstance(error, NoSuchPeriod):
                    raise
                raise NoSuchPeriod(f"“{match[0]}” isn't in the calendar") from None
            return replace(named, taken=match[0].count(" ") + 1)
    return None


def _unit(unit: Like, day: date) -> Period:
    return Period.containing("day" if unit == "days" else unit, day)


def _ago(unit: Like, count: int, today: date) -> Period:
    if unit in MONTHS_IN:
        return _unit(unit, months_before(today.replace(day=1), count * MONTHS_IN[unit]))
    return _unit(unit, today - DAY * (count * (7 if unit == "week" else 1)))


def to_date(unit: Like, today: date) -> NamedDays:
    days = Period(_unit(unit, today).start, today + DAY)
    return NamedDays(days, _TO_DATE[unit], f"this {unit} so far")


def _relative(match: re.Match[str], today: date) -> NamedDays:
    """``today``, ``wtd``, ``month to date``."""
    text = match[0]
    if text == "today":
        return NamedDays(Period.of_day(today), text, "today so far")
    if text == "yesterday":
        return NamedDays(Period.of_day(today - DAY), text, text)
    named = next((unit for unit, short in _TO_DATE.items() if short == text), None)
    return to_date(named or UNITS[text.partition(" ")[0]], today)


def _of_unit(match: re.Match[str], today: date) -> NamedDays:
    """``this week``, ``last quarter``, ``past month``, ``month before last``."""
    which, unit = match["which"] or "before", UNITS[match["unit"] or match["before"]]
    if which in ("this", "current"):
        return to_date(unit, today)
    if which == "past":
        return _back(1, unit, today)
    if which == "before":
        return _calendar_ago(2, unit, today)
    return NamedDays(_ago(unit, 1, today), f"last {unit}", f"last {unit}")


def _counted(match: re.Match[str], today: date) -> NamedDays:
    """``7d``, ``last 3 weeks``, ``2 months ago``."""
    count, unit = 1 if match["count"] in ("a", "an") else int(match["count"]), UNITS[match["unit"]]
    if match["ago"]:
        return _calendar_ago(_bounded(count, unit), unit, today)
    return _back(count, unit, today)


def _bounded(count: int, unit: Like) -> int:
    size = {"days": 1, "week": 7}.get(unit) or MONTHS_IN[unit] * 30
    if not 1 <= count <= LONGEST_DAYS // size:
        raise NoSuchPeriod(f"Ask for 1 to {LONGEST_DAYS} days")
    return count


def _back(count: int, unit: Like, today: date) -> NamedDays:
    """Return the days up to today with that length."""
    _bounded(count, unit)
    if unit in MONTHS_IN:
        days = Period(months_before(today, count * MONTHS_IN[unit]) + DAY, today + DAY)
    else:
        days = Period(today - DAY * (count * (7 if unit == "week" else 1) - 1), today + DAY)
    if unit == "days":
        words = "today so far" if count == 1 else f"the last {count} days"
        return NamedDays(days, f"{count}d", words)
    plural = "s" if count > 1 else ""
    words = f"the last {count} {unit}s" if count > 1 else f"the past {unit}"
    return NamedDays(days, f"{count} {unit}{plural}", words)


def _calendar_ago(count: int, unit: Like, today: date) -> NamedDays:
    name = "day" if unit == "days" else unit
    return NamedDays(_ago(unit, count, today), f"{count} {name}{'s' if count > 1 else ''} ago")


def _weekday(match: re.Match[str], today: date) -> NamedDays:
    """Return the latest such weekday, including today unless ``last`` precedes it."""
    back = (today.weekday() - _WEEKDAYS[match["weekday"]]) % 7
    if match["last"]:
        back = back or 7
    name = DAY_NAMES[_WEEKDAYS[match["weekday"]]].casefold()
    return NamedDays(Period.of_day(today - DAY * back), f"last {name}" if match["last"] else name)


def _dates(match: re.Match[str], today: date) -> NamedDays:
    """Return a day, a range of days within a month, or a month; without a year, the latest one."""
    found = match.groupdict()
    month = _MONTHS.get(found["month"]) or int(found["month"])
    year = int(found["year"]) if found["year"] else None
    day, last = found.get("day"), found.get("last")

    def of_year(year: int) -> Period:
        if not day:
            return Period.of_month(date(year, month, 1))
        first = date(year, month, int(day))
        return Period(first, (date(year, month, int(last)) if last else first) + DAY)

    is_past = (month, int(day or 1)) <= (today.month, today.day)
    is_yearless = year is None
    days = of_year(today.year - (not is_past) if year is None else year)
    if not day:
        words = f"{MONTH_NAMES[month - 1]} {days.start.year}"
        words = words if days.end <= today else f"{words} so far"
        return NamedDays(days, f"{days.start:%Y-%m}", words, is_yearless)
    text = f"{days.start}..{days.end - DAY}" if last else f"{days.start}"
    return NamedDays(days, text, "", is_yearless)


def _slashes(match: re.Match[str], today: date) -> NamedDays:
    """Read ``11/15`` and ``15/11``. If both numbers could be the month, the date is refused."""
    one, other = int(match["one"]), int(match["other"])
    if one != other and max(one, other) <= 12:
        year = match["year"] or today.year
        raise NoSuchPeriod(
            f"“{match[0]}” may be {one} {MONTH_NAMES[other - 1][:3]} or {other} "
            f"{MONTH_NAMES[one - 1][:3]}. Write {year}-{one:02}-{other:02} or "
            f"{year}-{other:02}-{one:02}"
        )
    month, day = (one, other) if one <= 12 else (other, one)
    return _iso_or_latest(match["year"], month, day, today)


def _iso_or_latest(year: str | None, month: int, day: int, today: date) -> NamedDays:
    is_past = (month, day) <= (today.month, today.day)
    first = date(int(year) if year else today.year - (not is_past), month, day)
    return NamedDays(Period.of_day(first), f"{first}", "", not year)


def _weekend(match: re.Match[str], today: date) -> NamedDays:
    """Return the latest Saturday and Sunday; with ``last``, the latest that is over."""
    back = (today.weekday() - 5) % 7
    back += 7 if match["last"] and back < 2 else 0
    saturday = today - DAY * back
    return NamedDays(Period(saturday, saturday + 2 * DAY), f"{saturday}..{saturday + DAY}")


def _half(match: re.Match[str], today: date) -> NamedDays:
    """``h1``, ``first half of 2026``: January to June; without a year, the latest."""
    half = int(match["h"] or 0) or (2 if match["half"] == "second" else 1)
    said = match["year"] or match["of"]
    year = int(said) if said else today.year - (half == 2 and today.month < 7)
    first, last = (date(year, 6 * half - 5, 1), date(year, 6 * half, 30 + half // 2))
    return NamedDays(Period(first, last + DAY), f"{first}..{last}", "", not said)


def _part_of_month(match: re.Match[str], today: date) -> NamedDays:
    """Read ``second half of october``. A week of a month has two meanings, so it is refused."""
    days = _dates(match, today).days
    if match["half"]:
        middle = days.start + DAY * 15
        first, last = (
            (middle, days.end - DAY) if match["half"] == "second" else (days.start, middle - DAY)
        )
        return NamedDays(Period(first, last + DAY), f"{first}..{last}")
    number = ("first", "second", "third", "fourth").index(match["nth"])
    since = days.start + DAY * 7 * number
    monday = days.start + DAY * (-days.start.weekday() % 7 + 7 * number)
    spans = " or ".join(f"{each}..{each + DAY * 6}" for each in dict.fromkeys((since, monday)))
    raise NoSuchPeriod(f"“{match[0]}” has no fixed days. Write {spans}")


def _quarter(match: re.Match[str], today: date) -> NamedDays:
    number = int(match["q"] or match["of"])
    said = match["year"] or match["before"]
    is_past = (number - 1) * 3 + 1 <= today.month
    year = int(said) if said else today.year - (not is_past)
    days = _unit("quarter", date(year, number * 3, 1))
    words = f"Q{number} {year}" + ("" if days.end <= today else " so far")
    return NamedDays(days, f"{year}-q{number}", words, not said)


def _year(match: re.Match[str], today: date) -> NamedDays:
    days = _unit("year", date(int(match[0]), 1, 1))
    return NamedDays(days, match[0], match[0] if days.end <= today else f"{match[0]} so far")


def _hours(match: re.Match[str], _today: date) -> NamedDays:
    raise NoSuchPeriod(f"Costs are kept by UTC day, so I can't answer for “{match[0]}”")


def _two_dates(match: re.Match[str], today: date) -> NamedDays:
    first, last = days_named([match[1]], today), days_named([match[2]], today)
    if first is None or last is None:
        raise NoSuchPeriod(f"“{match[0]}” is not two days like 2026-11-01..2026-11-15")
    return range_of(first, last)


_Form = tuple[re.Pattern[str], Callable[[re.Match[str], date], NamedDays]]


def _form(pattern: str, read: Callable[[re.Match[str], date], NamedDays]) -> _Form:
    return re.compile(rf"(?:{pattern})(?= |$)"), read


_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<year>[0-9]{4}))?"
_UNIT = r"(?P<unit>weeks?|months?|quarters?|years?)"
_ANY_UNIT = rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})"
_DASH = r" ?(?:-|to|until|till|through|and) ?"
_FORMS: tuple[_Form, ...] = (
    _form(rf"{'|'.join(WORDS)}|(?:week|month|quarter|year) to date", _relative),
    _form(r"(?:last |past |previous )?[0-9]+ ?(?:h|hours?|hrs?|min|minutes?)", _hours),
    _form(
        rf"(?:(?P<before>week|month|quarter|year) before last)|"
        rf"(?P<which>this|current|last|previous|prior|past) {_UNIT}",
        _of_unit,
    ),
    _form(
        rf"(?:last |past |previous )?(?P<count>[0-9]{{1,40}}|an?) ?{_ANY_UNIT}(?P<ago> ago)",
        _counted,
    ),
    _form(rf"(?:last |past |previous )?(?P<count>[0-9]{{1,40}}) ?{_ANY_UNIT}(?P<ago>)", _counted),
    _form(rf"(?P<last>last |previous )?(?:this |on )?(?P<weekday>{'|'.join(_WEEKDAYS)})", _weekday),
    _form(r"(?:(?P<last>last|past|previous) |this |the )?weekend", _weekend),
    _form(
        rf"(?:the )?(?:(?P<half>first|second) half|(?P<nth>first|second|third|fourth) week) "
        rf"(?:of |in )?{_MONTH}{_YEAR}",
        _part_of_month,
    ),
    _form(
        r"h(?P<h>[12])(?:[- ]?(?P<year>20[0-9]{2}))?|"
        r"(?:the )?(?P<half>first|second) half of (?P<of>20[0-9]{2})",
        _half,
    ),
    _form(r"([^ ]+?)(?:\.\.)([^ ]+)", _two_dates),
    _form(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})", _dates),
    _form(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})", _dates),
    _form(rf"{_DAY}{_DASH}(?P<last>[0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}{_YEAR}", _dates),
    _form(rf"(?:the )?{_DAY} (?:of )?{_MONTH}{_YEAR}", _dates),
    _form(rf"{_MONTH} {_DAY}{_DASH}(?P<last>[0-9]{{1,2}})(?:st|nd|rd|th)?{_YEAR}", _dates),
    _form(rf"{_MONTH} (?:the )?{_DAY}{_YEAR}", _dates),
    _form(rf"{_MONTH}{_YEAR}", _dates),
    _form(r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\.?(?P<year>[0-9]{4})?", _dates),
    _form(rf"(?P<day>[0-9]{{1,2}})\. {_MONTH}{_YEAR}", _dates),
    _form(r"(?P<one>[0-9]{1,2})/(?P<other>[0-9]{1,2})(?:/(?P<year>[0-9]{4}))?", _slashes),
    _form(
        r"(?:(?P<before>[0-9]{4})[- ]?)q(?P<of>[1-4])|q(?P<q>[1-4])(?:[- ]?(?P<year>[0-9]{4}))?",
        _quarter,
    ),
    _form(r"20[0-9]{2}", _year),
)
"""Every form of one period, longer ones before their own prefixes."""


_FIRST = {*WORDS, *_MONTHS, *_WEEKDAYS, *UNITS, "a", "an", "the", "on"} | {
    *("last", "past", "previous", "prior", "this", "current", "weekend", "h1", "h2"),
    *("first", "second", "third", "fourth"),
}
"""First words of periods without digits."""


def _joined(first: NamedDays, last: NamedDays) -> Period:
    if last.days.end <= first.days.start:
        swapped = f"{last.text}..{first.text}"
        is_short = ".." not in first.text + last.text and " " not in swapped
        raise NoSuchPeriod(
            f"“{first.text}” is later than “{last.text}”", swapped if is_short else None
        )
    return Period(first.days.start, last.days.end)


def range_of(first: NamedDays, last: NamedDays) -> NamedDays:
    text = f"{first.text} to {last.text}"
    if ".." in text:
        raise NoSuchPeriod(f"“{text}” names more than two days")
    if re.fullmatch(r"[0-9-]{1,10} to [0-9-]{1,10}", text):
        text = f"{first.text}..{last.text}"
    return NamedDays(_joined(first, last), text)


def union(first: NamedDays, last: NamedDays) -> NamedDays:
    """Return two adjacent periods, in either order, as one."""
    early, late = sorted((first, last), key=lambda named: named.days)
    if late.days.start > early.days.end:
        raise NoSuchPeriod(
            f"There are days between “{first.text}” and “{last.text}”. "
            f"Use {first.text} vs {last.text} to compare them"
        )
    return range_of(early, late)
