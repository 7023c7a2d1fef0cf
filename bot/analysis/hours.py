"""The expected range of an hour, and which hours are anomalies, with few false alarms.

An hour is compared with the same hour of similar days (working days or weekends) of the last four
weeks. It must also stand out from the hours before and after it. Otherwise the change to summer
time, when all work begins an hour earlier, would be one long alarm.

A run of anomalies is reported once. It ends after a few usual hours in a row.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import fmean, median

from bot.analysis.anomalies import Anomaly, ExpectedRange, MinimumExcess, is_above
from bot.ledger.models import HourFigure
from providers.hours import HOUR
from providers.money import from_float

FALSE_ALARMS_A_MONTH = 0.11
"""Per month and connection, for hours and without a minimum in dollars: one in nine months.
Measured on the public series of ``tests/bench`` that the rule was not chosen on. All were of two of
the eight, a programmer's commits and a shop's sales in one country."""
HOURS_BACK = timedelta(days=28)
ALERTED_WITHIN = timedelta(hours=6)
"""Hours that began longer ago aren't alerted: their day is evaluated instead."""
SETTLES = timedelta(minutes=15)
"""How long after its end an hour is complete, according to the providers' docs."""
QUIET_HOURS = 3
"""Number of usual hours in a row that end a run of anomalies."""
LONGEST_RUN = timedelta(days=3)
"""Longest time between an anomaly and another one at about the same hour that still counts as the
same run."""
_DAY = timedelta(days=1)
_FAR = 2.3
"""Multiple of the scatter above the usual from which an hour is unusual."""
_ENOUGH = 6
_SAME_LEVEL = Decimal("1.4")
_FROM_NOTHING = 5
"""Multiple of the minimum in dollars that an hour must cost if usually nothing is used."""
_BEFORE = 2
"""If this many days of the last four weeks had a similar cost at about that hour, it isn't unusual.
"""

_ABOUT = (0, -1, 1)

KnownHours = Mapping[datetime, HourFigure]
"""The hours of one connection, by their start."""
Costs = Mapping[datetime, Decimal]


def alike(hour: datetime) -> Iterator[datetime]:
    """Yield the same hour of the last four weeks' working days, or weekend days, newest first."""
    days = (hour - _DAY * n for n in range(1, HOURS_BACK.days + 1))
    return (day for day in days if (day.weekday() >= 5) == (hour.weekday() >= 5))


def find_hour_anomaly(
    hours: Costs, hour: datetime, used: Decimal, minimum: MinimumExcess | None = None
) -> Anomaly | None:
    """Return the anomaly if an hour's cost is unusually high. `hours` are the costs of whole UTC
    hours, by their start. None if fewer than six similar hours are known, or if two of those days
    cost as much at about that hour."""
    expected = _stands_out(hours, hour, used, minimum or MinimumExcess())
    if expected is None:
        return None
    days_like = _days_like(hours, hour, used)
    if len(days_like) >= _BEFORE:
        return None
    goes_on = _goes_on(hours, hour, used, minimum or MinimumExcess())
    comes_back = any(hour - at <= LONGEST_RUN for at in days_like)
    return Anomaly(used, expected, used - expected.middle, goes_on or comes_back)


def _goes_on(hours: Costs, hour: datetime, used: Decimal, minimum: MinimumExcess) -> bool:
    """Return True if the hour before was unusual too, and cost about as much or more."""
    before = hours.get(hour - HOUR)
    if before is None or used > before * _SAME_LEVEL:
        return False
    earlier = {at: cost for at, cost in hours.items() if at < hour - HOUR}
    return _stands_out(earlier, hour - HOUR, before, minimum) is not None


def anomaly_in_hour(
    known: KnownHours, hour: datetime, minimum: MinimumExcess | None = None
) -> Anomaly | None:
    """Return the anomaly of a known hour, compared with hours that are known equally well."""
    return find_hour_anomaly(_comparable(known, hour), hour, known[hour].used, minimum)


def hour_to_alert(
    known: KnownHours, now: datetime, alerted: datetime | None, minimum: MinimumExcess | None = None
) -> tuple[datetime, Anomaly] | None:
    """Return the first unusual hour of the last few that belongs to no earlier or alerted run.
    `alerted` is the last hour that was alerted."""
    after = None if alerted is None else run_end(known, alerted, now, minimum)
    if alerted is not None and after is None and now - alerted < LONGEST_RUN:
        return None
    for hour in sorted(at for at in known if now - ALERTED_WITHIN <= at <= now - HOUR - SETTLES):
        if after is not None and hour < after:
            continue
        found = anomaly_in_hour(known, hour, minimum)
        if found is not None and not found.is_continuing:
            return hour, found
    return None


def run_end(
    known: KnownHours, began: datetime, now: datetime, minimum: MinimumExcess | None = None
) -> datetime | None:
    """Return the hour from which a run of anomalies has ended: a few hours in a row were usual.
    None if it hasn't ended, or if that is unknown: an unknown hour isn't usual. Costs that stay
    high for days are a new level, which doesn't end."""
    quiet = 0
    hour = began + HOUR
    while hour <= min(now - HOUR - SETTLES, began + LONGEST_RUN):
        quiet = quiet + 1 if hour in known and _is_quiet(known, began, hour, minimum) else 0
        hour += HOUR
        if quiet == QUIET_HOURS:
            return hour
    return None


def _is_quiet(
    known: KnownHours, began: datetime, hour: datetime, minimum: MinimumExcess | None
) -> bool:
    """Return True if a known hour does not stand out from those before the run: what is high for
    long is not usual because of that."""
    hours = {at: cost for at, cost in _comparable(known, hour).items() if at < began}
    return _stands_out(hours, hour, known[hour].used, minimum or MinimumExcess()) is None


def _comparable(known: KnownHours, hour: datetime) -> Costs:
    """Return the hours of the four weeks before that lack no price this hour has."""
    unpriced = set(known[hour].unpriced)
    first = hour - HOURS_BACK - HOUR
    return {
        at: other.used
        for at, other in known.items()
        if first <= at < hour and unpriced.issuperset(other.unpriced)
    }


def _stands_out(
    hours: Costs, hour: datetime, used: Decimal, minimum: MinimumExcess
) -> ExpectedRange | None:
    """Return the usual range of an hour if its cost is far above it."""
    expected = _usual(hours, hour)
    if expected is None or not is_above(used, expected, minimum):
        return None
    if not expected.high and used < minimum.dollars * _FROM_NOTHING:
        return None
    return expected if _is_far(hours, hour, used) else None


def _days_like(hours: Costs, hour: datetime, used: Decimal) -> set[datetime]:
    """Return the similar days on which an hour at about that time cost about as much or more."""
    return {at for at in alike(hour) if _dearest(hours, at) * _SAME_LEVEL >= used}


def _dearest(hours: Costs, hour: datetime) -> Decimal:
    """Return the cost of the dearest of an hour and those before and after; 0 if none is known."""
    return max(hours.get(hour + HOUR * n, Decimal(0)) for n in _ABOUT)


def _costs(hours: Costs, hour: datetime) -> list[float]:
    return [float(hours[at]) for at in alike(hour) if at in hours]


def _usual(hours: Costs, hour: datetime) -> ExpectedRange | None:
    ordered = sorted(_costs(hours, hour))
    if len(ordered) < _ENOUGH:
        return None
    tenth = len(ordered) // 10
    low, high = ordered[tenth], ordered[-1 - tenth]
    middle = max(median(ordered), 1e-9)
    return ExpectedRange(from_float(low), from_float(middle), from_float(high), basis=len(ordered))


def _is_far(hours: Costs, hour: datetime, used: Decimal) -> bool:
    """Return True if the cost is many scatters above the usual of its hour, and of the hours before
    and after.

    The scatter is how far the second dearest of the similar days was above that usual, plus the
    standard deviation of all hours. The dearest day doesn't count: it may have been an anomaly.
    What other times of day cost is less unusual, and hours that are seldom used have no scatter of
    their own.
    """
    around = [_costs(hours, hour + HOUR * n) for n in _ABOUT]
    usual = max(median(costs) for costs in around if costs)
    second = sorted(_dearest(hours, at) for at in alike(hour))[-_BEFORE]
    scatter = max(0.0, float(second) - usual) + _deviation([float(each) for each in hours.values()])
    return float(used) - usual >= _FAR * scatter


def _deviation(costs: Sequence[float]) -> float:
    """Return the standard deviation; refunds are no cost. It isn't robust: after an anomaly, the
    next one must be larger."""
    used = [max(0.0, cost) for cost in costs]
    mean = fmean(used)
    return math.sqrt(fmean((cost - mean) ** 2 for cost in used))
