"""How fast a prepaid balance is being used, and the day on which it runs out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.spend.ledger import BalanceReading, DayFigure
from bot.spend.reading.burn import Runway, daily_burn, runway
from providers.money import from_nano, to_nano, total
from providers.period import DAY, midnight, utc_day

BURN_DAYS = 7
"""Recent days that burn is reckoned from."""


def burn_per_day(
    readings: Sequence[BalanceReading], days: Sequence[DayFigure], now: datetime
) -> Decimal | None:
    """What is used in a day, to the nano; None where there is too little to go by.

    Measured from the account's own usage between balance readings at least a day apart within the
    last week, whatever was bought meanwhile; else the mean of the last complete covered days.
    """
    measured = _measured(readings)
    if measured is not None:
        return measured
    recent = complete(days, now)[-BURN_DAYS:]
    return _mean([day.used for day in recent]) if recent else None


def complete(days: Sequence[DayFigure], now: datetime) -> list[DayFigure]:
    """The days that were over when they were last read, oldest first."""
    over = [day for day in days if day.day < utc_day(now) and _is_whole(day)]
    return sorted(over, key=lambda day: day.day)


def _is_whole(day: DayFigure) -> bool:
    return day.last_read_at >= midnight(day.day + DAY)


def _measured(readings: Sequence[BalanceReading]) -> Decimal | None:
    if not readings:
        return None
    last = readings[-1]
    since = last.read_at - timedelta(days=BURN_DAYS)
    first = next((reading for reading in readings if reading.read_at >= since), last)
    span, used = last.read_at - first.read_at, last.total_usage - first.total_usage
    if span < timedelta(days=1) or used < 0:
        return None
    return _per_day(used, span)


def _per_day(used: Decimal, span: timedelta) -> Decimal:
    seconds = max(1, round(span.total_seconds()))
    return from_nano(to_nano(used) * 86_400 // seconds)


def _mean(amounts: Sequence[Decimal]) -> Decimal:
    return from_nano(to_nano(total(amounts)) // len(amounts))


@dataclass(frozen=True, slots=True)
class Lasting:
    """How fast a balance is used, and until when it lasts."""

    burn_per_day: Decimal | None
    """None: too little to go by."""
    runway: Runway | None
    """None: too little to go by."""


def lasting(
    readings: Sequence[BalanceReading],
    days: Sequence[DayFigure],
    now: datetime,
    cap_per_day: Decimal | None = None,
    expiring: Sequence[tuple[date, Decimal]] = (),
) -> Lasting:
    """How long the last reading's balance lasts, at the burn of late with the weekdays of `days`;
    of days that are not there the account's own usage between readings tells what was drawn.

    `cap_per_day` and `expiring` as `bot.spend.reading.burn.runway` takes them.
    """
    burn = burn_per_day(readings, days, now)
    if not readings:
        return Lasting(burn, None)
    last = readings[-1]
    drawn = dict(daily_burn(readings)) | {day.day: day.used for day in complete(days, now)}
    history = sorted(drawn.items())
    found = runway(last.remaining, last.read_at, history, now, cap_per_day, burn, expiring)
    return Lasting(burn, found)
