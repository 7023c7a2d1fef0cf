"""The history for burn rates and forecasts, and the runway of a prepaid balance."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.burn_rate import Runway, daily_burn, runway
from bot.analysis.forecast import Spending
from bot.analysis.seasonality import HABIT_DAYS, History
from bot.ledger.models import BalanceReading, Connection, DayFigure
from providers.money import total
from providers.period import DAY, midnight, utc_day


def complete(days: Sequence[DayFigure], now: datetime) -> list[DayFigure]:
    """Return the days that had ended when they were last read, oldest first."""
    today = utc_day(now)
    ended = [each for each in days if each.last_read_at >= midnight(each.day + DAY)]
    return sorted((each for each in ended if each.day < today), key=lambda each: each.day)


def spending(
    connections: Sequence[Connection], days: Sequence[DayFigure], now: datetime
) -> list[Spending]:
    """Return the history of each connection for forecasts: the complete days that the model uses,
    and today so far. All forecasts use the same. Empty if nothing is known."""
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


def combined(
    connections: Sequence[Connection], days: Sequence[DayFigure], now: datetime
) -> tuple[Sequence[Connection], History]:
    """Return the connections with complete days, and their total on each day that all of them
    cover."""
    by_connection: dict[str, dict[date, Decimal]] = {}
    for figure in complete(days, now):
        by_connection.setdefault(figure.connection, {})[figure.day] = figure.used
    taken = [connection for connection in connections if connection.name in by_connection]
    if not taken:
        return (), ()
    known = [by_connection[connection.name] for connection in taken]
    shared = sorted(set.intersection(*(set(each) for each in known)))
    return taken, tuple((day, total(each[day] for each in known)) for day in shared)


def settled(
    connections: Sequence[Connection], days: Sequence[DayFigure], history: History
) -> History:
    """Return what these connections used together, on the days that no provider should change."""
    settling = {each.name: DAY * each.settling_days for each in connections}
    unsettled = {
        each.day
        for each in days
        if each.connection in settling
        and each.last_read_at < midnight(each.day + DAY) + settling[each.connection]
    }
    return tuple(each for each in history if each[0] not in unsettled)


def estimate_runway(
    readings: Sequence[BalanceReading],
    days: Sequence[DayFigure],
    now: datetime,
    cap_per_day: Decimal | None = None,
    expiring: Sequence[tuple[date, Decimal]] = (),
) -> Runway:
    """Return how long the last reading's balance lasts. For missing days, the account's own usage
    between readings shows the burn.

    `cap_per_day` and `expiring` as for `bot.analysis.burn_rate.runway`.
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
