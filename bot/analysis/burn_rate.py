"""Runway: how long a prepaid balance lasts, from recent burn by weekday. A range, not one day."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import fmean

from bot.analysis.band import band
from bot.analysis.forecast import LEAST_DAYS, THIN_DAYS
from bot.analysis.model import SpendModel, fit_spend_model
from bot.analysis.seasonality import History, since_first_use
from bot.ledger.models import BalanceReading
from providers.money import from_nano, to_nano
from providers.period import DAY, WEEK, midnight, utc_day

FARTHEST = 730
"""Days ahead beyond which no end is forecast."""
_MEAN_DAYS = 56
"""Days to average if there is too little history for the model."""
_LONGEST_BAND = 28
_NARROWEST = 0.4
_WIDER_EACH_DAY = 0.05
"""Both so that the range of 300 made-up histories holds 80% of the time at 3 to 30 days."""
_FAR = FARTHEST + 1
_NOTHING = 1e-9
_LITTLE_KNOWN = (0.5, 2.0)
"""Range of the burn rate, as multiples of it, if hardly a day is known."""


@dataclass(frozen=True, slots=True)
class Runway:
    """The burn rate of a balance, and the UTC day until which it lasts."""

    burn_per_day: Decimal | None
    """Mean of the coming week, with limits applied. None: too little history, or credits exceed the
    use."""
    earliest: date | None = None
    """With `latest`, a range of whole days: about 80% likely."""
    likely: date | None = None
    """None: it lasts more than two years, nothing is left, or there is too little history."""
    latest: date | None = None
    basis_days: int = 0
    is_thin: bool = False
    """True if there is too little history to name one day: show the range."""


def runway(
    remaining: Decimal | None,
    read_at: datetime,
    history: History,
    now: datetime,
    cap_per_day: Decimal | None = None,
    expiring: Sequence[tuple[date, Decimal]] = (),
) -> Runway:
    """Return how long `remaining`, as read at `read_at`, lasts by the forecast's model of days.

    `history`: what was drawn from the balance on complete UTC days, ascending. `cap_per_day`: the
    most that a provider's own limit allows per day. `expiring`: the parts of `remaining` that
    expire on a UTC day unless they are used before, soonest first. No day is named for a balance
    that is unknown, zero or less.
    """
    today = utc_day(now)
    known = [each for each in history if each[0] < today]
    past = since_first_use(known)
    model = fit_spend_model(past) if len(past) >= LEAST_DAYS else None
    mean = fmean(float(used) for _, used in past[-_MEAN_DAYS:]) if past else 0.0
    if not known or mean < 0:
        return Runway(None)
    if not mean:
        return Runway(Decimal(0))
    cap = float("inf") if cap_per_day is None else float(cap_per_day)

    def burn(day: date, ratio: float = 1.0) -> float:
        return min(cap, ratio * (model.day(day) if model else mean))

    def lasts(ratio: float) -> float | None:
        return _walk(float(remaining or 0), read_at, lambda d: burn(d, ratio), today, expiring)

    per_day = from_nano(round(fmean(burn(today + DAY * n) for n in range(WEEK)) * 10**9))
    is_thin = len(past) < THIN_DAYS
    if remaining is None or remaining <= 0:
        return Runway(per_day, basis_days=len(past), is_thin=is_thin)
    likely = lasts(1.0)
    ahead = _LONGEST_BAND if likely is None else _day_of(likely) + 1
    low, high = _ratios(past, model, min(_LONGEST_BAND, ahead))
    days = _days(today, lasts(high), likely, lasts(low))
    return Runway(per_day, *days, len(past), is_thin)


def _days(
    today: date, earliest: float | None, likely: float | None, latest: float | None
) -> tuple[date | None, date | None, date | None]:
    """Return the UTC days of these moments, which are in days from today's midnight.

    The range begins and ends at the nearest midnight: with every day that it touches it would hold
    more often than it says. The likely day is always in it.
    """
    day = _FAR if likely is None else _day_of(likely)
    first = _FAR if earliest is None else min(day, math.ceil(earliest - 0.5))
    last = _FAR if latest is None else max(day, math.floor(latest + 0.5) - 1)
    found = [None if each >= _FAR else today + DAY * each for each in (first, day, last)]
    return found[0], found[1], found[2]


def _day_of(moment: float) -> int:
    """Return the day of a moment. Midnight is the end of the day before it."""
    return max(0, math.ceil(moment - _NOTHING) - 1)


def _ratios(past: History, model: SpendModel | None, days_ahead: int) -> tuple[float, float]:
    """Return the ends of the range of the burn rate, as multiples of it. Close to the end they are
    narrower than the forecast's: the likely day as a whole adds more to a short range."""
    if model is None:
        return _LITTLE_KNOWN
    low, high = band(past, days_ahead)
    narrower = min(1.0, _NARROWEST + days_ahead * _WIDER_EACH_DAY)
    return low**narrower, high**narrower


def _walk(
    remaining: float,
    read_at: datetime,
    burn: Callable[[date], float],
    today: date,
    expiring: Sequence[tuple[date, Decimal]],
) -> float | None:
    """Return when nothing is left, in days from today's midnight. None: in more than two years."""
    day, used, gone = utc_day(read_at), 0.0, 0.0
    share = (midnight(day + DAY) - read_at) / DAY
    while (day - today).days <= FARTHEST:
        gone += _unused(expiring, day, used + gone)
        left, coming = remaining - used - gone, share * burn(day)
        if coming >= left:
            part = share * max(0.0, left) / coming if coming > 0 else 0.0
            return max(0.0, (day - today).days + 1 - share + part)
        used += coming
        day, share = day + DAY, 1.0
    return None


def _unused(expiring: Sequence[tuple[date, Decimal]], day: date, taken: float) -> float:
    """Return the dollars lost by that day: the expired parts, less what was used before."""
    expired = sum(float(amount) for on, amount in expiring if on <= day)
    return max(0.0, expired - taken)


def daily_burn(readings: Sequence[BalanceReading]) -> History:
    """Return the use of each complete UTC day between the first and the last reading.

    It is computed from the account's total usage, which top-ups don't change. Between two readings,
    usage is assumed to rise evenly. Days with a fall of total usage (a correction by the provider)
    are left out.
    """
    ordered = sorted(readings, key=lambda each: each.read_at)
    if len(ordered) < 2:
        return ()
    first, last = utc_day(ordered[0].read_at - timedelta(microseconds=1)) + DAY, ordered[-1].read_at
    days = []
    day = first
    while midnight(day + DAY) <= last:
        drawn = _usage_at(ordered, midnight(day + DAY)) - _usage_at(ordered, midnight(day))
        if drawn >= 0:
            days.append((day, from_nano(drawn)))
        day += DAY
    return tuple(days)


def _usage_at(ordered: Sequence[BalanceReading], moment: datetime) -> int:
    """Return total usage, in nano-dollars, at a moment between the first and the last reading."""
    after = next(n for n, each in enumerate(ordered) if each.read_at >= moment)
    right = ordered[after]
    if right.read_at == moment or not after:
        return to_nano(right.total_usage)
    left = ordered[after - 1]
    part = (moment - left.read_at) / (right.read_at - left.read_at)
    return round(
        to_nano(left.total_usage)
        + part * float(to_nano(right.total_usage) - to_nano(left.total_usage))
    )
