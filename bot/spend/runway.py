"""How fast a prepaid balance is being used, and the day on which it runs out."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.spend.ledger import BalanceReading, DayFigure
from bot.spend.reading.burn import Runway, daily_burn, runway
from providers.period import DAY, midnight, utc_day

READINGS_DAYS = 8
"""So far back balance readings are used, for the days whose charges are not known."""


def complete(days: Sequence[DayFigure], now: datetime) -> list[DayFigure]:
    """The days that were over when they were last read, oldest first."""
    over = [day for day in days if day.day < utc_day(now) and _is_whole(day)]
    return sorted(over, key=lambda day: day.day)


def _is_whole(day: DayFigure) -> bool:
    return day.last_read_at >= midnight(day.day + DAY)


def lasting(
    readings: Sequence[BalanceReading],
    days: Sequence[DayFigure],
    now: datetime,
    cap_per_day: Decimal | None = None,
    expiring: Sequence[tuple[date, Decimal]] = (),
) -> Runway:
    """How long the last reading's balance lasts, as days went so far; of days that are not there
    the account's own usage between readings tells what was drawn.

    `cap_per_day` and `expiring` as `bot.spend.reading.burn.runway` takes them.
    """
    drawn = dict(daily_burn(readings)) | {day.day: day.used for day in complete(days, now)}
    last = readings[-1] if readings else None
    return runway(
        last.remaining if last else None,
        last.read_at if last else now,
        sorted(drawn.items()),
        now,
        cap_per_day,
        expiring,
    )
