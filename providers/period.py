"""Half-open ranges of UTC days, the unit in which all providers account."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

DAY = timedelta(days=1)
WEEK = 7
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
Like = Literal["days", "week", "month", "quarter", "year"]
"""The kind of a period, which determines the one it is compared with."""
Interval = Literal["day", "week", "month"]
Unit = Literal["day", "week", "month", "quarter", "year"]
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}


def utc_day(moment: datetime) -> date:
    """Return the UTC day of an aware moment. Raises `ValueError` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no UTC day")
    return moment.astimezone(UTC).date()


def midnight(day: date) -> datetime:
    """Return the first instant of a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def months_before(day: date, months: int) -> date:
    """Return the same day that many months earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """UTC days from `start` up to `end` (exclusive).

    Raises `ValueError` if it ends before it starts.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period ends after it starts, not {self.start}..{self.end}")

    @classmethod
    def of_day(cls, day: date) -> "Period":
        """Return that single day."""
        return cls(day, day + DAY)

    @classmethod
    def of_week(cls, day: date) -> "Period":
        """Return the Monday week that contains the day."""
        monday = day - DAY * day.weekday()
        return cls(monday, monday + DAY * WEEK)

    @classmethod
    def of_month(cls, day: date) -> "Period":
        """Return the calendar month that contains the day."""
        first = day.replace(day=1)
        return cls(first, (first + DAY * 31).replace(day=1))

    @classmethod
    def containing(cls, unit: Unit, day: date) -> "Period":
        """Return the UTC day, Monday week, calendar month, quarter or year that contains `day`."""
        if unit == "day":
            return cls.of_day(day)
        if unit == "week":
            return cls.of_week(day)
        count = MONTHS_IN[unit]
        first = date(day.year, (day.month - 1) // count * count + 1, 1)
        return cls(first, months_before(first, -count))

    def __len__(self) -> int:
        return (self.end - self.start).days

    def __iter__(self) -> Iterator[date]:
        return (self.start + DAY * n for n in range(len(self)))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day < self.end

    def __str__(self) -> str:
        return f"{self.start}..{self.end - DAY}" if len(self) else f"nothing at {self.start}"

    def before(self, like: Like = "days") -> "Period":
        """Return the period that this one is compared with.

        Like `days`: as many days before it. Like a `week`: the same weekdays one week earlier. Like
        a `month`, `quarter` or `year`: the same days of the one before, as far as it has them; for
        a whole one, the whole one before.
        """
        if like == "week" and len(self) <= WEEK:
            return Period(self.start - DAY * WEEK, self.end - DAY * WEEK)
        if like not in MONTHS_IN or not len(self):
            return Period(self.start - (self.end - self.start), self.start)
        months = MONTHS_IN[like]
        start, last = (months_before(day, months) for day in (self.start, self.end - DAY))
        is_whole = self.start.day == self.end.day == 1
        return Period(start, months_before(self.end, months) if is_whole else last + DAY)

    def clip(self, other: "Period") -> "Period":
        """Return the days in both; an empty period if there are none."""
        start = max(self.start, other.start)
        return Period(start, max(start, min(self.end, other.end)))

    def until(self, day: date) -> "Period":
        """Return the days up to and including that one."""
        return self.clip(Period(date.min, day + DAY))

    def windows(self, days: int) -> list["Period"]:
        """Return pieces of at most `days` days that cover this period, newest first."""
        pieces = []
        end = self.end
        while end > self.start:
            start = max(self.start, end - DAY * days)
            pieces.append(Period(start, end))
            end = start
        return pieces


def settles_at(month: Period, settling_days: int) -> datetime:
    """Return the moment from which every day of a month has settled, which closes the month."""
    return midnight(month.end) + DAY * settling_days
