"""The expected range of a day, and which days are anomalies. Robust statistics with few false
alarms.

A day is compared with what its weekday, its date and the current level lead to expect. The
comparison is on the log scale, in units of the series' own robust scatter. The excess must also
reach a minimum in dollars and in percent: a team that spends cents isn't alerted about cents.
"""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.analysis.model import fit_spend_model
from bot.analysis.seasonality import History, places, since_first_use
from providers.money import from_float
from providers.period import DAY

FALSE_ALARMS_A_MONTH = 0.3
"""Per month and watched series, for days and without a minimum in dollars. Measured on the public
series of ``tests/bench``. Generated series have fewer than a tenth of them."""
_LEAST_DAYS = 10
"""Complete days since the first use that are needed before a day is called usual or unusual."""
_BAND = 1.2816
_ALIKE = 4
_FAR = 4.3
"""Multiple of the scatter above the usual from which a day is unusual."""
_FROM_NOTHING = 5
"""Multiple of the minimum in dollars that a day must cost if usually nothing is used."""
_SAME_LEVEL = Decimal("1.4")
"""Largest ratio to the day before at which an unusual day counts as a continuation."""


@dataclass(frozen=True, slots=True)
class MinimumExcess:
    """Minimum excess of an anomaly, in addition to being beyond chance."""

    dollars: Decimal = Decimal(5)
    """Above the usual."""
    percent: Decimal = Decimal(50)
    """Above the usual."""


@dataclass(frozen=True, slots=True)
class ExpectedRange:
    """What a day or hour usually costs: 80% of them lie between `low` and `high`."""

    low: Decimal
    middle: Decimal
    high: Decimal
    basis: int
    """Number of days, or similar hours, that it is computed from."""
    place: int | None = None
    """Set for a date that costs more each month: 1 is the first day of the month, −1 the last."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A day or hour that cost more than chance and habit explain."""

    used: Decimal
    usual: ExpectedRange
    excess: Decimal
    """Cost above the middle of the expected range."""
    is_continuing: bool
    """True if the day before was as unusual: the same run, which isn't alerted again."""


def usual(history: History, day: date) -> ExpectedRange | None:
    """Return what a day was expected to cost, computed from the days before it.

    Considers the weekday, the date of the month and the current level. None if there are too few
    days since the first use.
    """
    past = since_first_use([each for each in history if each[0] < day])
    if len(past) < _LEAST_DAYS:
        return None
    model = fit_spend_model(past)
    middle = model.day(day) if model else 0.0
    if model is None or middle <= 0:
        return ExpectedRange(Decimal(0), Decimal(0), Decimal(0), basis=len(past))
    width = math.exp(_BAND * model.scatter)
    low, high = middle / width, middle * width
    place = next((each for each in places(day) if model.dates.get(each)), None)
    if place is None:  # else the last of its weekday were other days
        low, high = _with_last(past, day, low, high)
    return ExpectedRange(*_three(low, middle, high), basis=len(past), place=place)


def _with_last(past: History, day: date, low: float, high: float) -> tuple[float, float]:
    """Return the range, wide enough for the middle two of the last four days of that weekday.

    A pattern from a few weeks is uncertain, and a cost that recent days had must not be unusual.
    """
    alike = [float(used) for seen, used in past if seen.weekday() == day.weekday()][-_ALIKE:]
    if len(alike) < _ALIKE:
        return low, high
    _, second, third, _ = sorted(alike)
    return min(low, second), max(high, third)


def find_anomaly(
    history: History, day: date, used: Decimal, minimum: MinimumExcess | None = None
) -> Anomaly | None:
    """Return the anomaly if the day's cost is unusually high, for the running day if it is so
    already."""
    found = _unusual(history, day, used, minimum or MinimumExcess())
    if found is None:
        return None
    before = dict(history).get(day - DAY)
    is_continuing = (
        before is not None
        and used <= before * _SAME_LEVEL
        and _unusual(history, day - DAY, before, minimum or MinimumExcess()) is not None
    )
    return Anomaly(used, found, used - found.middle, is_continuing)


def is_switch_from_byok(anomaly: Anomaly, byok: History, day: date, byok_that_day: Decimal) -> bool:
    """Return True if use that others billed (BYOK) is now paid from the balance.

    This is so if the day's BYOK fell below half its usual, and the drop is at least half of the
    excess. An upstream key was then exhausted or withdrawn.
    """
    expected = usual(byok, day)
    if expected is None or byok_that_day * 2 >= expected.middle:
        return False
    return (expected.middle - byok_that_day) * 2 >= anomaly.excess


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
    """Return True if `used` is above the usual by the minimum dollars and percent."""
    excess = used - expected.middle
    return (
        excess > 0
        and excess >= minimum.dollars
        and excess * 100 >= minimum.percent * expected.middle
    )


def _three(low: float, middle: float, high: float) -> tuple[Decimal, Decimal, Decimal]:
    return (from_float(low), from_float(middle), from_float(high))
