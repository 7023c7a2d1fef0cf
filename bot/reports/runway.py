"""The days that burn rates and forecasts are made from, and how long a prepaid balance lasts."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.burn_rate import Runway, daily_burn, runway
from bot.analysis.forecast import Spending
from bot.analysis.seasonality import HABIT_DAYS
from bot.ledger.models import BalanceReading, Connection, DayFigure
from providers.period import DAY, midnight, utc_day

READINGS_DAYS = 8
"""So far back balance readings are used, for the days whose charges are not known."""


def complete(days: Sequence[DayFigure], now: datetime) -> list[DayFigure]:
    """The days that were over when they were last read, oldest first."""
    over = [day for day in days if day.day < utc_day(now) and _is_whole(day)]
    return sorted(over, key=lambda day: day.day)


def spending(
    connections: Sequence[Connection], days: Sequence[DayFigure], now: datetime
) -> list[Spending]:
    """Return what each connection's forecast is made from, in every place that shows one: the
    complete days that the model looks at, and today so far. Empty where nothing is known of one."""
    today, first = utc_day(now), utc_day(now) - DAY * HABIT_DAYS
    known = complete(days, now)
    so_far = {each.connection: each.used for each in days if each.day == today}
    return [
        Spending(
            tuple((d.day, d.used) for d in known if d.connection == each.name and d.day >= first),
            so_far.get(each.name),
        )
        for each in connections
    ]


def _is_whole(day: DayFigure) -> bool:
    return day.last_read_at >= midnight(day.day + DAY)


def lasting(
    readings: Sequence[BalanceReading],
    days: Sequence[DayFigure],
    now: datetime,
    cap_per_day: Decimal | None = None,
    expiring: Sequence[tuple[date, Decimal]] = (),
) -> Runway:
    """Return how long the last reading's balance lasts, by the days so far. For missing days, the
    account's own usage between readings shows what was drawn.

    `cap_per_day` and `expiring` as `bot.analysis.burn_rate.runway` takes them.
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
