"""Each local date has one slot, at the right instant, in every zone."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule import EVERY_DAY, WEEKDAYS, Schedule, Slot, slots, sort_due

ZONES = [
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",  # half an hour off
    "Asia/Kolkata",
    "Asia/Kathmandu",  # three quarters
    "Australia/Lord_Howe",  # half-hour daylight saving
    "Pacific/Chatham",
    "Pacific/Kiritimati",  # the date line
    "Pacific/Niue",
    "Africa/Casablanca",  # changes its rules around Ramadan
    "America/Santiago",  # changes at midnight
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(9, 0)])
def test_a_year_has_one_slot_for_each_local_date(zone: str, at: time) -> None:
    """Walking a year minute-true: every local date once, in order, at that wall-clock time."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    year = list(islice(slots(Schedule(at, EVERY_DAY, zone), start), 365))

    assert all(a.due_at < b.due_at for a, b in pairwise(year))
    assert [b.local_date - a.local_date for a, b in pairwise(year)] == [timedelta(days=1)] * 364
    for slot in year:
        shown = slot.due_at.astimezone(ZoneInfo(zone))
        gap = timedelta(hours=shown.hour - at.hour, minutes=shown.minute - at.minute)
        assert shown.date() == slot.local_date
        assert gap in (timedelta(0), timedelta(minutes=30), timedelta(hours=1))
        if gap:
            before = (slot.due_at - gap - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
            assert before.utcoffset() != shown.utcoffset(), "moved only where the clocks skip"


@pytest.mark.parametrize(
    ("zone", "at", "day", "expected"),
    [
        ("Europe/London", time(1, 30), date(2026, 3, 29), "2026-03-29T01:30"),
        ("Europe/London", time(1, 30), date(2026, 10, 25), "2026-10-25T00:30"),
        ("America/New_York", time(2, 30), date(2026, 3, 8), "2026-03-08T07:30"),
        ("America/New_York", time(1, 30), date(2026, 11, 1), "2026-11-01T05:30"),
        ("America/New_York", time(9, 0), date(2026, 11, 1), "2026-11-01T14:00"),
        ("Asia/Kathmandu", time(9, 0), date(2026, 5, 1), "2026-05-01T03:15"),
    ],
)
def test_gaps_come_after_and_overlaps_first(zone: str, at: time, day: date, expected: str) -> None:
    """The known instants of the changes of 2026."""
    before = datetime.combine(day, time(0), ZoneInfo(zone)) - timedelta(seconds=1)

    slot = next(slots(Schedule(at, EVERY_DAY, zone), before))

    assert slot == Slot(datetime.fromisoformat(expected).replace(tzinfo=UTC), day)


def test_a_date_that_a_zone_left_out_has_no_slot() -> None:
    """Samoa went from 29 to 31 December 2011."""
    after = datetime(2011, 12, 29, 12, tzinfo=UTC)

    days = [
        s.local_date for s in islice(slots(Schedule(time(9), EVERY_DAY, "Pacific/Apia"), after), 3)
    ]

    assert days == [date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


def test_three_days_off_make_one_catch_up() -> None:
    """The latest slot is sent if it is still useful, the others are skipped."""
    schedule = Schedule(time(9), WEEKDAYS, "UTC")
    pending = next(slots(schedule, datetime(2026, 11, 23, 0, tzinfo=UTC)))

    found = sort_due(
        pending,
        slots(schedule, pending.due_at),
        datetime(2026, 11, 26, 11, tzinfo=UTC),
        timedelta(hours=4),
    )

    assert found.send is not None
    assert found.send.local_date == date(2026, 11, 26)
    assert [s.local_date.day for s in found.skipped] == [23, 24, 25]
    assert found.then.local_date == date(2026, 11, 27)


def test_a_slot_that_is_too_late_is_skipped() -> None:
    """Nobody wants the morning's digest in the evening."""
    schedule = Schedule(time(9), EVERY_DAY, "UTC")
    pending = next(slots(schedule, datetime(2026, 11, 23, 0, tzinfo=UTC)))

    found = sort_due(
        pending,
        slots(schedule, pending.due_at),
        datetime(2026, 11, 23, 14, tzinfo=UTC),
        timedelta(hours=4),
    )

    assert found.send is None
    assert found.skipped == (pending,)


@given(
    zone=st.sampled_from(ZONES),
    start=st.integers(0, 10 * 365 * 24 * 60).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    steps=st.lists(st.integers(1, 60 * 24 * 5), min_size=1, max_size=30),
    days=st.frozensets(st.integers(0, 6), min_size=1),
)
def test_no_walk_of_the_clock_loses_or_repeats_a_slot(
    zone: str, start: datetime, steps: list[int], days: frozenset[int]
) -> None:
    """Sent, skipped and next together are every slot, each once."""
    schedule = Schedule(time(2, 30), days, zone)
    pending = next(slots(schedule, start))
    handled: list[Slot] = []
    now = start
    for step in steps:
        now += timedelta(minutes=step)
        if pending.due_at <= now:
            found = sort_due(pending, slots(schedule, pending.due_at), now, timedelta(hours=4))
            handled += [*found.skipped, *([found.send] if found.send else [])]
            pending = found.then

    expected = [s for s in islice(slots(schedule, start), len(handled) + 1) if s.due_at <= now]
    assert handled == expected
