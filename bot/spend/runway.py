"""How fast a prepaid balance is being used, and the day on which it runs out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.spend.ledger import BalanceReading, DayFigure
from providers.money import from_nano, to_nano, total
from providers.period import DAY, midnight, utc_day

BURN_DAYS = 7
"""Recent days that burn is reckoned from."""
PATTERN_DAYS = 28
"""Recent days that the pattern of the week is reckoned from, where at least half are known."""
FARTHEST = timedelta(days=3660)


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


def weekday_pattern(days: Sequence[DayFigure], now: datetime) -> Mapping[int, float]:
    """How much a weekday (0 is Monday) uses against the mean day; all 1 where too little is known.

    They add up to seven.
    """
    recent = complete(days, now)[-PATTERN_DAYS:]
    by_weekday: dict[int, list[float]] = {weekday: [] for weekday in range(7)}
    for day in recent:
        by_weekday[day.day.weekday()].append(float(day.used))
    if len(recent) < PATTERN_DAYS // 2 or not all(by_weekday.values()):
        return dict.fromkeys(range(7), 1.0)
    means = {weekday: sum(used) / len(used) for weekday, used in by_weekday.items()}
    mean = sum(means.values()) / 7
    if mean <= 0 or min(means.values()) < 0:
        return dict.fromkeys(range(7), 1.0)
    return {weekday: value / mean for weekday, value in means.items()}


def runs_out_on(
    reading: BalanceReading,
    burn: Decimal | None,
    pattern: Mapping[int, float],
    now: datetime,
) -> date | None:
    """The UTC day on which the balance is used up at this burn; today where it already is.

    None where nothing is being used, burn is unknown, or it lasts for more than ten years.
    """
    today = utc_day(now)
    if reading.remaining <= 0:
        return today
    if burn is None or burn <= 0:
        return None
    days_left = float(reading.remaining) / float(burn)
    if days_left > FARTHEST.days:
        return None
    day = utc_day(reading.read_at)
    share = (midnight(day + DAY) - reading.read_at) / DAY
    while True:
        days_left -= share * pattern[day.weekday()]
        if days_left <= 0 or day - today > FARTHEST:
            return max(day, today)
        day, share = day + DAY, 1.0
