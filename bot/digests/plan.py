"""The next slot of a digest, and the days that a slot reports."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.db.models import DigestSettings, DigestSubscription
from bot.schedule import Due, Schedule, Slot, instant, slots, sort_due
from providers.period import DAY, WEEK, Period, settles_at, utc_day


def next_slots(settings: DigestSettings, settling_days: int, after: datetime) -> Iterator[Slot]:
    """Yield every slot due after `after`, without end. A monthly digest has one per month, once its
    days have settled."""
    if settings.cadence != "monthly":
        yield from slots(settings.schedule, after)
        return
    month = last_settled_month(after, settling_days)
    while True:
        for slot in slots(
            settings.schedule, settles_at(month, settling_days) - timedelta(seconds=1)
        ):
            if slot.due_at > after:
                yield slot
            break
        month = Period.of_month(month.end)


def sort_slots(
    plan: DigestSubscription,
    pending: Slot,
    settling_days: int,
    now: datetime,
    useful_for: timedelta,
) -> Due:
    """Return what to do about the pending slot, which is due, and about those missed after it."""
    later = next_slots(plan.settings, settling_days, pending.due_at)
    return sort_due(pending, later, now, useful_for)


def latest_wait(settings: DigestSettings, slot: Slot) -> datetime | None:
    """Return until when a digest waits for settled figures; None if it doesn't wait."""
    if settings.settled_by is None:
        return None
    return instant(slot.local_date, settings.settled_by, settings.schedule.zone)


def reported_period(
    settings: DigestSettings, slot: Slot, settling_days: int
) -> tuple[Period, Period]:
    """Return the finished UTC days that a slot's digest reports, and those they are compared with.

    Daily: the days since the slot before, compared with the same weekdays a week earlier. Weekly:
    seven days, compared with the seven before. Monthly: the last settled month and the one before
    it.
    """
    end = utc_day(slot.due_at)
    if settings.cadence == "monthly":
        month = last_settled_month(slot.due_at, settling_days)
        return month, Period.of_month(month.start - DAY)
    days = (
        WEEK if settings.cadence == "weekly" else _days_since_slot_before(settings.schedule, slot)
    )
    period = Period(end - DAY * days, end)
    return period, Period(period.start - DAY * WEEK, period.end - DAY * WEEK)


def _days_since_slot_before(schedule: Schedule, slot: Slot) -> int:
    """Return the days since the slot before: 1 for daily, 3 on Mondays of a digest for weekdays, at
    most a week."""
    return next(
        (
            back
            for back in range(1, WEEK)
            if (slot.local_date - DAY * back).weekday() in schedule.days
        ),
        WEEK,
    )


def last_settled_month(now: datetime, settling_days: int) -> Period:
    """Return the latest month whose days have all settled."""
    month = Period.of_month(utc_day(now))
    while settles_at(month, settling_days) > now:
        month = Period.of_month(month.start - DAY)
    return month
