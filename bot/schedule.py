"""When a digest is due: local wall-clock times, with daylight saving, as UTC instants.

A time that the clocks skip is due after the gap; a time that occurs twice is due the first time. So
each local date of a schedule has exactly one slot, in every zone and year. A local date that a zone
skipped (Samoa's 30 December 2011) has none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from providers.period import DAY

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
MONDAYS = frozenset({0})


@dataclass(frozen=True, slots=True)
class Schedule:
    """A local time on some days of the week (0 is Monday) in an IANA zone."""

    at: time
    days: frozenset[int]
    zone: str

    def __post_init__(self) -> None:
        if not self.days <= EVERY_DAY or not self.days:
            raise ValueError("a schedule names at least one day of the week")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One occurrence: the instant it is due, and the local date that names it."""

    due_at: datetime
    local_date: date


def instant(day: date, at: time, zone: str) -> datetime:
    """Return the UTC instant at which the clocks of `zone` first show `at` on `day`. If they skip
    it, return the instant after the gap by as many minutes as `at` is past its start."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def _exists(day: date, zone: str) -> bool:
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    return noon.astimezone(UTC).astimezone(ZoneInfo(zone)).date() == day


def slots(schedule: Schedule, after: datetime) -> Iterator[Slot]:
    """Yield every slot due later than the aware moment `after`, in order, without end."""
    day = after.astimezone(ZoneInfo(schedule.zone)).date() - DAY
    while True:
        if day.weekday() in schedule.days and _exists(day, schedule.zone):
            due_at = instant(day, schedule.at, schedule.zone)
            if due_at > after:
                yield Slot(due_at, day)
        day += DAY


@dataclass(frozen=True, slots=True)
class Due:
    """What to do about the due slots."""

    send: Slot | None
    """The latest one, if it is still useful."""
    skipped: tuple[Slot, ...]
    """The ones that are not sent, oldest first."""
    then: Slot
    """The next one in the future."""


def sort_due(pending: Slot, later: Iterator[Slot], now: datetime, useful_for: timedelta) -> Due:
    """Sort a pending slot and those after it.

    However long the bot was off, at most one slot is sent: the latest, and only if it is late by
    `useful_for` or less.
    """
    missed = [pending]
    for slot in later:
        if slot.due_at > now:
            then = slot
            break
        missed.append(slot)
    latest = missed[-1]
    if now - latest.due_at <= useful_for:
        return Due(latest, tuple(missed[:-1]), then)
    return Due(None, tuple(missed), then)
