"""Forms of periods: from a few words to UTC days, which may be in the future."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from bot.language.period_units import (
    NamedDays,
    NoSuchPeriod,
    counted,
    of_unit,
    relative,
)
from bot.language.period_words import (
    BEFORE,
    CALENDAR_UNITS,
    MONTHS,
    NUMBERS,
    OTHER_WORDS,
    THIS,
    TO_DATE,
    UNITS,
    WEEKDAYS,
    WORDS,
)
from providers.period import DAY, DAY_NAMES, MONTH_NAMES, Period

LONGEST_PHRASE = 8
"""Most words of a period without a range."""


def days_named(words: Sequence[str], today: date) -> NamedDays | None:
    """Return the days that the phrase at the start names; the longest form wins."""
    return _named_by(tuple(words[:LONGEST_PHRASE]), today) if words else None


@lru_cache(maxsize=1024)
def _named_by(words: tuple[str, ...], today: date) -> NamedDays | None:
    kept = [NUMBERS.get(word, word) for word in words]
    if not (kept[0][:1].isdigit() or kept[0] in _FIRST or re.match(r"q[1-4]|.{1,10}\.\.", kept[0])):
        return None
    text = " ".join(kept[: kept.index("")] if "" in kept else kept)
    if other := _OTHER.match(text):
        rest = text[other.end() :].split()
        named = _named_by((*OTHER_WORDS[other[0]].split(), *rest), today)
        longer = len(other[0].split()) - len(OTHER_WORDS[other[0]].split())
        return named and replace(named, taken=named.taken + longer)
    if week := _WEEK_OF.match(text):
        named = _named_by(tuple(text[week.end() :].split()), today)
        return named and _week_of(named, len(week[0].split()))
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


def _week_of(named: NamedDays, words: int) -> NamedDays:
    """Return the week from Monday with that day."""
    days = Period.of_week(named.days.start)
    text = f"{days.start}..{days.end - DAY}"
    return NamedDays(days, text, "", named.is_yearless, named.taken + words)


def _weekday(match: re.Match[str], today: date) -> NamedDays:
    """Return the latest such weekday, including today unless ``last`` precedes it."""
    back = (today.weekday() - WEEKDAYS[match["weekday"]]) % 7
    if match["last"]:
        back = back or 7
    name = DAY_NAMES[WEEKDAYS[match["weekday"]]].casefold()
    is_open = not match["last"]  # “monday to wednesday” is of one week
    text = name if is_open else f"last {name}"
    return NamedDays(Period.of_day(today - DAY * back), text, "", is_open)


def _dates(match: re.Match[str], today: date) -> NamedDays:
    """Return a day, a range of days within a month, or a month; without a year, the latest one."""
    found = match.groupdict()
    month = MONTHS.get(found["month"]) or int(found["month"])
    year = int(found["year"]) if found.get("year") else None
    day, last = found.get("day"), found.get("last")

    def of_year(year: int) -> Period:
        if not day:
            return Period.of_month(date(year, month, 1))
        first = date(year, month, int(day))
        return Period(first, (date(year, month, int(last)) if last else first) + DAY)

    is_past = (month, int(day or 1)) <= (today.month, today.day)
    if whose := found.get("whose"):
        year = today.year - (whose == "last")
    is_yearless = year is None
    days = of_year(today.year - (not is_past) if year is None else year)
    if not day:
        words = f"{MONTH_NAMES[month - 1]} {days.start.year}"
        words = words if days.end <= today else f"{words} so far"
        return NamedDays(days, f"{days.start:%Y-%m}", words, is_yearless)
    text = f"{days.start}..{days.end - DAY}" if last else f"{days.start}"
    return NamedDays(days, text, "", is_yearless)


def _day_of_month(match: re.Match[str], today: date) -> NamedDays:
    """Return the latest day with that number: “the 20th”."""
    number, month = int(match["day"]), today.replace(day=1)
    if number > today.day:
        month = (month - DAY).replace(day=1)
    day = month.replace(day=number)
    return NamedDays(Period.of_day(day), f"{day}", "", is_yearless=True)


def _day_of_this(match: re.Match[str], today: date) -> NamedDays:
    """Return a day of the running or the last month, or a range of its days."""
    month = today.replace(day=1)
    if match["whose"] in BEFORE:
        month = (month - DAY).replace(day=1)
    first = month.replace(day=int(match["day"]))
    last = month.replace(day=int(match["last"])) if match["last"] else first
    text = f"{first}..{last}" if match["last"] else f"{first}"
    return NamedDays(Period(first, last + DAY), text)


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


def _slashed_range(match: re.Match[str], today: date) -> NamedDays:
    """Read ``11/13-11/19``. If both numbers of both days could be the month, it is refused."""
    found: dict[Period, NamedDays] = {}
    for month, day in (("one", "other"), ("other", "one")):
        try:
            last = _iso_or_latest(
                match["year"], int(match[f"last_{month}"]), int(match[f"last_{day}"]), today
            )
            first = _iso_or_latest(
                match["year"], int(match[month]), int(match[day]), last.days.start
            )
            found.setdefault(_joined(first, last), range_of(first, last))
        except ValueError:
            continue
    if not found:
        raise ValueError(match[0])
    readings = [each.text for each in found.values()]
    if len(readings) > 1:
        raise NoSuchPeriod(f"“{match[0]}” may be {readings[0]} or {readings[1]}", readings=readings)
    return next(iter(found.values()))


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
    days = Period.containing("quarter", date(year, number * 3, 1))
    words = f"Q{number} {year}" + ("" if days.end <= today else " so far")
    return NamedDays(days, f"{year}-q{number}", words, not said)


def _year(match: re.Match[str], today: date) -> NamedDays:
    days = Period.containing("year", date(int(match[0]), 1, 1))
    return NamedDays(days, match[0], match[0] if days.end <= today else f"{match[0]} so far")


def _hours(match: re.Match[str], _today: date) -> NamedDays:
    raise NoSuchPeriod(f"Costs are kept by UTC day, so I can't answer for “{match[0]}”")


def _to_come(match: re.Match[str], _today: date) -> NamedDays:
    raise NoSuchPeriod(f"“{match[0]}” is still to come. “forecast” shows where this month ends")


def _two_dates(match: re.Match[str], today: date) -> NamedDays:
    first, last = days_named([match[1]], today), days_named([match[2]], today)
    if first is None or last is None:
        raise NoSuchPeriod(f"“{match[0]}” is not two days like 2026-11-01..2026-11-15")
    return range_of(first, last)


_Form = tuple[re.Pattern[str], Callable[[re.Match[str], date], NamedDays]]


def _form(pattern: str, read: Callable[[re.Match[str], date], NamedDays]) -> _Form:
    return re.compile(rf"(?:{pattern})(?= |$)"), read


_MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<year>[0-9]{4}))?"
_CALENDAR = "|".join(unit.name for unit in CALENDAR_UNITS)
_UNITS = (spelled for unit in CALENDAR_UNITS for spelled in unit.spellings if len(spelled) > 1)
_UNIT = rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
_ANY_UNIT = rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})"
_DASH = r" ?(?:-|to|until|till|through|and) ?"
_SLASHED = r"(?P<one>[0-9]{1,2})/(?P<other>[0-9]{1,2})"
_LAST_SLASHED = r"(?P<last_one>[0-9]{1,2})/(?P<last_other>[0-9]{1,2})"
_FORMS: tuple[_Form, ...] = (
    _form("|".join((*WORDS, *TO_DATE)), relative),
    _form(r"(?:last |past |previous )?[0-9]+ ?(?:h|hours?|hrs?|min|minutes?)", _hours),
    _form(
        rf"(?:(?P<before>{_CALENDAR}) before last)|(?P<which>{'|'.join((*THIS, *BEFORE))}) {_UNIT}",
        of_unit,
    ),
    _form(
        rf"(?:last |past |previous )?(?P<count>[0-9]{{1,40}}|an?) ?{_ANY_UNIT}(?P<ago> ago)",
        counted,
    ),
    _form(rf"(?:last |past |previous )?(?P<count>[0-9]{{1,40}}) ?{_ANY_UNIT}(?P<ago>)", counted),
    _form(rf"(?P<last>last |previous )?(?:this |on )?(?P<weekday>{'|'.join(WEEKDAYS)})", _weekday),
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
    _form(rf"tomorrow|(?:next|coming|upcoming) (?:[0-9]{{1,4}} )?{_ANY_UNIT}", _to_come),
    _form(r"([^ ]+?)(?:\.\.)([^ ]+)", _two_dates),
    _form(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})", _dates),
    _form(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})", _dates),
    _form(
        rf"(?:the )?{_DAY}{_DASH}(?:the )?(?P<last>[0-9]{{1,2}})(?:st|nd|rd|th)? "
        rf"(?:of )?{_MONTH}{_YEAR}",
        _dates,
    ),
    _form(rf"(?:the )?{_DAY} (?:of )?{_MONTH}{_YEAR}", _dates),
    _form(rf"{_MONTH} {_DAY}{_DASH}(?P<last>[0-9]{{1,2}})(?:st|nd|rd|th)?{_YEAR}", _dates),
    _form(rf"{_MONTH} (?:the )?{_DAY}{_YEAR}", _dates),
    _form(rf"(?:in )?{_MONTH}(?: of| in)? (?P<whose>this|last) year", _dates),
    _form(rf"(?P<whose>this) {_MONTH}", _dates),
    _form(rf"(?:(?:the )?(?:whole )?month of )?{_MONTH}{_YEAR}", _dates),
    _form(
        rf"(?:the )?{_DAY}(?:{_DASH}(?:the )?(?P<last>[0-9]{{1,2}})(?:st|nd|rd|th)?)? of "
        rf"(?:the )?(?P<whose>{'|'.join((*THIS, *BEFORE))}) month",
        _day_of_this,
    ),
    _form(r"(?:on )?(?:the )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)", _day_of_month),
    _form(r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\.?(?P<year>[0-9]{4})?", _dates),
    _form(rf"(?P<day>[0-9]{{1,2}})\. {_MONTH}{_YEAR}", _dates),
    _form(
        rf"{_SLASHED} ?(?:-|–|to) ?{_LAST_SLASHED}(?:/(?P<year>[0-9]{{4}}))?",
        _slashed_range,
    ),
    _form(r"(?P<one>[0-9]{1,2})/(?P<other>[0-9]{1,2})(?:/(?P<year>[0-9]{4}))?", _slashes),
    _form(
        r"(?:(?P<before>[0-9]{4})[- ]?)q(?P<of>[1-4])|q(?P<q>[1-4])(?:[- ]?(?P<year>[0-9]{4}))?",
        _quarter,
    ),
    _form(r"20[0-9]{2}", _year),
)
"""Every form of one period, longer ones before their own prefixes."""


_WEEK_OF = re.compile(r"(?:the )?week (?:of|starting|beginning|commencing)(?: on)? ")
_OTHER = re.compile(rf"(?:{'|'.join(sorted(OTHER_WORDS, key=len, reverse=True))})(?= |$)")
_FIRST = {*WORDS, *MONTHS, *WEEKDAYS, *UNITS, "a", "an", "the", "on"} | {
    *(
        *THIS,
        *BEFORE,
        "tomorrow",
        "next",
        "coming",
        "upcoming",
        "weekend",
        "h1",
        "h2",
        *(word.split()[0] for word in OTHER_WORDS),
    ),
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
