"""The words of periods: units of time, months, weekdays, numbers, and other ways to write a period.

Another spelling is a word in its row, another way to write a period a row of `OTHER_WORDS`. A new
unit is a row of `TIME_UNITS`, and in `providers.period` its name in `Like` and its months in
`MONTHS_IN`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from providers.period import DAY_NAMES, MONTH_NAMES, Like


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """A unit in which periods are counted."""

    like: Like
    """What its periods are compared with."""
    name: str
    """Singular; its plural adds an s."""
    short: str = ""
    """Other spellings, separated by spaces."""
    to_date: str = ""
    """The word for the running one so far."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Return every spelling."""
        return (self.name, f"{self.name}s", *self.short.split())


TIME_UNITS = (
    TimeUnit("days", "day", "d"),
    TimeUnit("week", "week", "w wk wks", "wtd"),
    TimeUnit("month", "month", "m mo mos mth mths", "mtd"),
    TimeUnit("quarter", "quarter", "q qtr qtrs", "qtd"),
    TimeUnit("year", "year", "y yr yrs", "ytd"),
)
UNITS: Mapping[str, TimeUnit] = {each: unit for unit in TIME_UNITS for each in unit.spellings}
"""By spelling."""
CALENDAR_UNITS = tuple(unit for unit in TIME_UNITS if unit.to_date)
"""Those that have a running one and one before."""
TO_DATE: Mapping[str, TimeUnit] = {
    spelled: unit
    for unit in CALENDAR_UNITS
    for spelled in (
        unit.to_date,
        f"{unit.name} to date",
        f"{unit.name} so far",
        f"this {unit.name} so far",
    )
}
"""The running unit, by its spellings."""
DAYS_AGO = {"today": 0, "yesterday": 1}
OTHER_WORDS: Mapping[str, str] = {
    "yday": "yesterday",
    "yest": "yesterday",
    "last night": "yesterday",
    "last day": "yesterday",
    "previous day": "yesterday",
    "past day": "yesterday",
    "day before yesterday": "2 days ago",
    "the day before yesterday": "2 days ago",
    "tonight": "today",
    "this morning": "today",
    "this afternoon": "today",
    "this evening": "today",
    **{
        f"{the}{name} quarter": f"q{number}"
        for number, name in enumerate(("first", "second", "third", "fourth"), start=1)
        for the in ("", "the ")
    },
    "half year": "6 months",
    "last half year": "6 months",
    "past half year": "6 months",
    "fortnight": "2 weeks",
    "last fortnight": "2 weeks",
    "past fortnight": "2 weeks",
    **{
        f"{before} couple of {unit.name}s": f"2 {unit.name}s"
        for unit in TIME_UNITS
        for before in ("last", "past", "a")
    },
}
"""Other ways to write a period, each with the words it stands for."""
MONTHS = {name.casefold(): number for number, name in enumerate(MONTH_NAMES, start=1)}
MONTHS |= {name[:3].casefold(): number for number, name in enumerate(MONTH_NAMES, start=1)}
MONTHS["sept"] = 9
WEEKDAYS = {name[:length].casefold(): n for n, name in enumerate(DAY_NAMES) for length in (3, 9)}
WEEKDAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_NUMBER_NAMES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
NUMBERS: Mapping[str, str] = {
    **{name: f"{number}" for number, name in enumerate(_NUMBER_NAMES.split(), start=1)},
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
    "hundred": "100",
}
THIS = ("this", "current")
BEFORE = ("last", "previous", "prior", "past")
WORDS = (*DAYS_AGO, *(unit.to_date for unit in CALENDAR_UNITS))
"""Periods of one word."""
SPELLED = (
    *DAYS_AGO,
    *("last", "past", "this", "previous", "current", "since"),
    *("week", "weeks", "month", "months", "quarter", "year", "days"),
    *(name for name in (*MONTHS, *WEEKDAYS) if len(name) > 5),
)
"""Words that typos are corrected to. ``March`` is missing, because ``match`` is too similar."""
