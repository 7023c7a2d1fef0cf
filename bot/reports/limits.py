"""The providers' own limits: what remains of each, when it is used up, and what they slow."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.analysis.model import shape
from bot.analysis.seasonality import History
from bot.db.models import LimitReading
from bot.ledger.models import ItemFigure
from bot.reports.facts import LATELY_DAYS, LimitUse
from providers.money import total
from providers.period import DAY, Period, midnight, utc_day

Interval = Literal["day", "week", "month"]
FARTHEST = 62
"""Days ahead that are looked through: the running month and the next."""
_A_DAY: dict[Interval, Decimal] = {
    "day": Decimal(1),
    "week": 1 / Decimal(7),
    "month": 12 / Decimal(365),
}


def window(interval: Interval, day: date) -> Period:
    """The UTC day, Monday week or calendar month that a cap counts in."""
    if interval == "day":
        return Period.of_day(day)
    return Period.of_week(day) if interval == "week" else Period.of_month(day)


def is_of_now(limit: LimitReading, now: datetime) -> bool:
    """Whether it was read in the cap's present window: else what it says of use is over."""
    interval = limit.interval
    if interval is None:
        return True
    return utc_day(limit.read_at) in window(interval, utc_day(now))


def reached_on(
    limit: LimitReading,
    history: History,
    today_so_far: Decimal | None,
    use: LimitUse,
    now: datetime,
) -> date | None:
    """Return the UTC day on which a limit is likely to be used up, in its present window or later.

    `history` holds what the limit's connection used on complete days, ascending. Return None if
    that isn't within two months, or if it is unknown how fast the limit is used.
    """
    today = utc_day(now)
    pace = _pace(limit, history, use, now)
    room = _room(limit, history, today_so_far, use, now)
    if pace is None or room is None:
        return None
    rest_of_today = (midnight(today + DAY) - now) / DAY
    for n in range(FARTHEST):
        day = today + DAY * n
        if n and limit.interval and day == window(limit.interval, day).start:
            room = float(limit.amount)
        room -= pace(day) * (rest_of_today if n == 0 else 1)
        if room <= 0:
            return day
    return None


def cap_per_day(connection: str, limits: Iterable[LimitReading], use: LimitUse) -> Decimal | None:
    """Return the most that hard limits let through in a day on average; None where there is none.

    A limit of the organization holds for all of it. Limits of keys bound the total only if every
    key that was used recently has one.
    """
    hard = [r for r in limits if r.connection == connection and r.is_hard]
    caps = [
        limit.amount * _A_DAY[limit.interval]
        for limit in hard
        if limit.kind == "organization_spend_limit" and limit.interval
    ]
    keys = [limit for limit in hard if limit.kind == "key_limit" and limit.interval]
    used = [item for item in use.keys_lately if item.connection == connection and item.used > 0]
    if used and all(any(_is_about(limit, item) for limit in keys) for item in used):
        caps.append(
            total(limit.amount * _A_DAY[limit.interval] for limit in keys if limit.interval)
        )
    return min(caps, default=None)


def _pace(
    limit: LimitReading, history: History, use: LimitUse, now: datetime
) -> Callable[[date], float] | None:
    """What counts against it on a day to come."""
    habit = shape(history)
    if limit.kind == "organization_spend_limit":
        return habit.day if habit else None
    items = use.keys_lately if limit.kind == "key_limit" else use.projects_lately
    lately = _sum_of(items, limit)
    start = utc_day(now) - DAY * LATELY_DAYS
    whole = total(cost for day, cost in history if day >= start)
    if limit.kind in ("key_limit", "project_spend_limit") and lately and whole > 0 and habit:
        share = float(lately / whole)
        return lambda day: share * habit.day(day)
    a_day = _so_far_a_day(limit, now)
    if a_day <= 0:
        return None
    return lambda day: a_day * (habit.factors[day.weekday()] if habit else 1.0)


def _so_far_a_day(limit: LimitReading, now: datetime) -> float:
    """From what was used in the window so far, where at least a day of it is over."""
    if limit.used is None or limit.interval is None or not is_of_now(limit, now):
        return 0.0
    elapsed = (limit.read_at - midnight(window(limit.interval, utc_day(now)).start)) / DAY
    return float(limit.used) / elapsed if elapsed >= 1 else 0.0


def _room(
    limit: LimitReading,
    history: History,
    today_so_far: Decimal | None,
    use: LimitUse,
    now: datetime,
) -> float | None:
    if not is_of_now(limit, now):
        return float(limit.amount)
    if limit.remaining is not None:
        return float(limit.remaining)
    used: Decimal | None = limit.used
    if limit.kind == "organization_spend_limit" and limit.interval:
        span = window(limit.interval, utc_day(now))
        used = total([*(cost for day, cost in history if day in span), today_so_far or Decimal(0)])
    if limit.kind == "project_spend_limit":
        used = _sum_of(use.projects, limit) or Decimal(0)
    return None if used is None else float(limit.amount - used)


def _sum_of(items: Sequence[ItemFigure], limit: LimitReading) -> Decimal | None:
    found = [
        item.used
        for item in items
        if item.connection == limit.connection and _is_about(limit, item)
    ]
    return total(found) if found else None


def _is_about(limit: LimitReading, item: ItemFigure) -> bool:
    """Return whether the limit is about the item. Providers name keys by id in one place and by
    name in another."""
    known = {limit.scope_id, limit.scope_name} - {None}
    return item.item_id in known or (item.name is not None and item.name in known)
