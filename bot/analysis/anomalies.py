"""The expected range of a day, and which days are anomalies: robust statistics, quiet by design.

A day is compared with what its weekday, its date and the present level lead to expect, on the log
scale, in terms of the series' own robust scatter. It must also be a minimum of dollars and percent
above: a team that spends cents isn't alerted for cents.
"""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.analysis.forecast import since_first_use
from bot.analysis.model import shape
from bot.analysis.seasonality import History, places
from providers.money import from_float
from providers.period import DAY

FALSE_ALARMS_A_MONTH = 0.3
"""For days, for each series watched, without a minimum of dollars: measured on the public series of
``tests/bench``. Made-up series have fewer than a tenth of them."""
_LEAST_DAYS = 10
"""Complete days since the first use without which nothing is called usual or unusual."""
_BAND = 1.2816
_ALIKE = 4
_FAR = 4.3
"""Scatters above the usual from which a day is unusual."""
_FROM_NOTHING = 5
"""Times the minimum of dollars that a day must cost where usually nothing is used."""
_SAME_LEVEL = Decimal("1.4")
"""Times the day before, up to which an unusual day goes on with what began then."""


@dataclass(frozen=True, slots=True)
class MinimumExcess:
    """The least excess of an anomaly, in addition to being beyond what chance explains."""

    dollars: Decimal = Decimal(5)
    """Above the usual."""
    percent: Decimal = Decimal(50)
    """Above the usual."""


@dataclass(frozen=True, slots=True)
class ExpectedRange:
    """What a day or hour usually costs: between `low` and `high` four times in five."""

    low: Decimal
    middle: Decimal
    high: Decimal
    basis: int
    """Days, or hours alike, that it rests on."""
    place: int | None = None
    """Of a day that costs more for its date: 1 is the month's first day, −1 its last."""


@dataclass(frozen=True, slots=True)
class Spike:
    """A day (or hour) that cost more than chance and habit explain."""

    used: Decimal
    usual: ExpectedRange
    excess: Decimal
    """Above the middle of the usual."""
    is_continuing: bool
    """The day before was as unusual: the same episode, not worth a second word."""


def usual(history: History, day: date) -> ExpectedRange | None:
    """What that day was to be expected to cost from the days before it.

    Weekday, date of the month and the present level taken into account. None where there are too
    few days since the first use.
    """
    past = since_first_use([each for each in history if each[0] < day])
    if len(past) < _LEAST_DAYS:
        return None
    habit = shape(past)
    middle = habit.day(day) if habit else 0.0
    if habit is None or middle <= 0:
        return ExpectedRange(Decimal(0), Decimal(0), Decimal(0), basis=len(past))
    width = math.exp(_BAND * habit.scatter)
    low, high = middle / width, middle * width
    place = next((each for each in places(day) if habit.dates.get(each)), None)
    if place is None:  # else the last of its weekday were other days
        low, high = _with_last(past, day, low, high)
    return ExpectedRange(*_three(low, middle, high), basis=len(past), place=place)


def _with_last(past: History, day: date, low: float, high: float) -> tuple[float, float]:
    """Return the band, wide enough for the middle two of the last four days of that weekday.

    A few weeks make an uncertain pattern, but a cost that these days had must not be unusual."""
    alike = [float(used) for seen, used in past if seen.weekday() == day.weekday()][-_ALIKE:]
    if len(alike) < _ALIKE:
        return low, high
    _, second, third, _ = sorted(alike)
    return min(low, second), max(high, third)


def spike(
    history: History, day: date, used: Decimal, minimum: MinimumExcess | None = None
) -> Spike | None:
    """Whether that day's cost is unusually high; for the running day, whether it is so already."""
    found = _unusual(history, day, used, minimum or MinimumExcess())
    if found is None:
        return None
    before = dict(history).get(day - DAY)
    is_continuing = (
        before is not None
        and used <= before * _SAME_LEVEL
        and _unusual(history, day - DAY, before, minimum or MinimumExcess()) is not None
    )
    return Spike(used, found, used - found.middle, is_continuing)


def is_switch_from_byok(found: Spike, byok: History, day: date, byok_that_day: Decimal) -> bool:
    """Whether what others used to bill (BYOK) now comes out of the balance.

    So where that day's BYOK fell below half its usual and what is missing there makes up at least
    half of the excess: an upstream key was exhausted or withdrawn.
    """
    expected = usual(byok, day)
    if expected is None or byok_that_day * 2 >= expected.middle:
        return False
    return (expected.middle - byok_that_day) * 2 >= found.excess


def _unusual(
    history: History, day: date, used: Decimal, minimum: MinimumExcess
) -> ExpectedRange | None:
    expected = usual(history, day)
    if expected is None or not is_above(used, expected, minimum):
        return None
    if not expected.middle:
        return expected if used >= minimum.dollars * _FROM_NOTHING else None
    scatter = math.log(expected.high / expected.middle) / _BAND
    return expected if math.log(used / expected.middle) >= _FAR * scatter else None


def is_above(used: Decimal, expected: ExpectedRange, minimum: MinimumExcess) -> bool:
    """Whether it is dollars and percent above the usual."""
    excess = used - expected.middle
    return (
        excess > 0
        and excess >= minimum.dollars
        and excess * 100 >= minimum.percent * expected.middle
    )


def _three(low: float, middle: float, high: float) -> tuple[Decimal, Decimal, Decimal]:
    return (from_float(low), from_float(middle), from_float(high))
