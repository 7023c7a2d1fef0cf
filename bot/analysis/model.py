"""A model of daily spend: level, weekdays, scatter and dates of the month.

Statistics, so floats, never an exact amount. A history is a sequence of (UTC day, dollars) of
complete days, ascending. A missing day is unknown, not zero.
"""

import math
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from itertools import pairwise
from statistics import fmean, median
from typing import Generic, TypeVar

from bot.analysis.seasonality import History, extra, extras, mean_factors, weekday_factors
from providers.period import WEEK

T = TypeVar("T")

_RECENT = 56
"""Days that a weekday's usual is computed from; older ones say little about today."""
_FORTNIGHT = 14
_DAMPING = 0.8
"""Share of the growth that is projected, because growth seldom lasts."""
_FORESEEABLE = 31
"""Days for which growth is projected."""
_SMOOTHING_FACTORS = (0.85, 0.75, 0.92)
"""Candidate smoothing factors of the level; the first is the default."""
_FAR = 3.0
"""Multiple of the scatter beyond which a single day does not change the level."""
_LEAST_SCATTER = 0.05
"""Minimum scatter on the log scale: no series counts as steadier than about 5%."""
_GUESSED_SCATTER = 0.30
_LONGEST_RUN = 4
"""Longest temporary deviation, in days, if the days after it are as before."""
_OUTAGE = 0.15
"""Share of the usual below which a day was an outage, not a quiet day."""
_MOST_DAYS = 0.6
"""Share of days with use below which use is sporadic. Five days of seven are not."""
_SEPARATE_RUNS = 3
"""Number of separate idle times in recent days from which idle days are part of the pattern."""
_WEEKDAY_WITH_USE = 0.1
_IRREGULAR_SMOOTHING = 0.96
_IRREGULAR_SCATTER = 1.0
_SURE = 3.5
"""Standard errors by which the last days' median must differ to be a new level."""
_MEDIAN_DOUBT = 1.25
"""Scatter of a median relative to that of a mean."""
MAD_TO_DEVIATION = 1.4826
"""Factor from the median absolute deviation to the standard deviation of a normal distribution."""


@dataclass(frozen=True, slots=True)
class SpendModel:
    """A model of a history. A day is expected to cost `level` times its weekday's factor, plus the
    extra cost of its date."""

    level: float
    factors: tuple[float, ...]
    """Monday first; they average 1."""
    scatter: float
    """Standard deviation of a day around its usual cost, on the log scale, without spikes."""
    basis_days: int
    last: date
    growth: float
    """Growth of the level per day on the log scale; 0 unless it has lasted for weeks."""
    dates: Mapping[int, float]
    """Extra dollars by date: 1 is the first day of the month, −1 the last."""

    def day(self, day: date) -> float:
        """Return the expected cost of a day."""
        ahead = min(_FORESEEABLE, max(0, (day - self.last).days))
        level = self.level * math.exp(self.growth * ahead)
        return level * self.factors[day.weekday()] + extra(self.dates, day)


class RecentResults(Generic[T]):
    """The latest results of one calculation, without the histories that they were computed from:
    a year of days takes 70 KB, and each sync reads its own, its digest 16 bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[tuple[int, bytes], T] = OrderedDict()

    def get(self, history: History, compute: Callable[[], T], days: int = 0) -> T:
        """Return the result for this history and the number of `days` that it depends on."""
        key = (days, _digest(history))
        if key not in self._found:
            self._found[key] = compute()
            if len(self._found) > self._most:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        return self._found[key]


def _digest(history: History) -> bytes:
    days = array("l", [day.toordinal() for day, _ in history])
    used = " ".join([str(used) for _, used in history])
    return blake2b(days.tobytes() + used.encode(), digest_size=16).digest()


def fit_spend_model(history: History) -> SpendModel | None:
    """Fit a model to a history. None if it is empty, or if refunds exceed its use."""
    return _models.get(history, lambda: _fit(history))


_models: RecentResults[SpendModel | None] = RecentResults(2048)


def _fit(history: History) -> SpendModel | None:
    recent = [(day, float(used)) for day, used in history[-_RECENT:]]
    if not recent or fmean(used for _, used in recent) <= 0:
        return None
    factors = weekday_factors(recent)
    has_use = _has_use_on_most_days(recent)
    if has_use and _idle_runs(recent, factors) < _SEPARATE_RUNS:
        return _steady(history, recent, factors)
    return _irregular(recent, extras(history, factors) if has_use else {})


def _has_use_on_most_days(recent: Sequence[tuple[date, float]]) -> bool:
    """Return False if medians by weekday would be zero."""
    last = [used for _, used in recent[-4 * WEEK :]]
    return sum(used > 0 for used in last) >= _MOST_DAYS * len(last)


def _idle_runs(recent: Sequence[tuple[date, float]], factors: Sequence[float]) -> int:
    """Return how many separate times next to nothing was used, ignoring weekdays that are always
    idle. Once is an outage, several times are a habit."""
    busy = median(used for _, used in recent if used > 0)
    idle = [
        used < _OUTAGE * busy * min(1.0, factors[day.weekday()])
        for day, used in recent
        if factors[day.weekday()] > _WEEKDAY_WITH_USE
    ]
    return sum(now and not before for before, now in pairwise([False, *idle]))


def _irregular(recent: Sequence[tuple[date, float]], dates: Mapping[int, float]) -> SpendModel:
    """Return a model of fading means that includes idle days: sporadic use has no level and no
    scatter of its own."""
    factors = mean_factors(recent)
    weights = [_IRREGULAR_SMOOTHING**age for age in reversed(range(len(recent)))]
    used = math.fsum(
        weight * (used - extra(dates, day))
        for weight, (day, used) in zip(weights, recent, strict=True)
    )
    usual = math.fsum(
        weight * factors[day.weekday()] for weight, (day, _) in zip(weights, recent, strict=True)
    )
    return SpendModel(
        level=max(0.0, used / usual),
        factors=factors,
        scatter=_IRREGULAR_SCATTER,
        basis_days=len(recent),
        last=recent[-1][0],
        growth=0.0,
        dates=dates,
    )


def _steady(
    history: History, recent: Sequence[tuple[date, float]], factors: tuple[float, ...]
) -> SpendModel:
    dates = extras(history, factors)
    even = [max(0.0, used - extra(dates, day)) / factors[day.weekday()] for day, used in recent]
    even = _without_outages(even)
    scatter = _scatter(even)
    growth = _growth(even)
    return SpendModel(
        level=_level(even, scatter, growth),
        factors=factors,
        scatter=scatter,
        basis_days=len(history),
        last=history[-1][0],
        growth=growth,
        dates=dates,
    )


def _without_outages(even: Sequence[float]) -> list[float]:
    """Remove days on which next to nothing was used, unless most recent days are like that."""
    least = _OUTAGE * median(even[-2 * WEEK :])
    return [used for used in even if used >= least]


def _growth(even: Sequence[float]) -> float:
    """Return the median growth of the last fortnights if all grew in the same direction, which a
    single step doesn't.

    With three fortnights, return the smaller of the two changes.
    """
    starts = range(len(even) % _FORTNIGHT, len(even), _FORTNIGHT)
    levels = [median(even[start : start + _FORTNIGHT]) for start in starts]
    if len(levels) < 3 or min(levels) <= 0:
        return 0.0
    steps = [math.log(b / a) / _FORTNIGHT for a, b in pairwise(levels)]
    steps.sort(key=abs)
    same_way = min(steps) > 0 or max(steps) < 0
    return _DAMPING * steps[(len(steps) - 1) // 2] if same_way else 0.0


def _scatter(even: Sequence[float]) -> float:
    """Return the scatter, from day to day differences, which a slow change of level does not
    widen."""
    logs = [math.log(used) for used in even if used > 0]
    steps = [abs(after - before) for before, after in pairwise(logs)]
    if len(steps) < 5:
        return _GUESSED_SCATTER
    own = max(_LEAST_SCATTER, MAD_TO_DEVIATION * median(steps) / math.sqrt(2))
    weight = len(steps) / (len(steps) + 4)
    return weight * own + (1 - weight) * _GUESSED_SCATTER


def _level(even: Sequence[float], scatter: float, growth: float) -> float:
    """Return the level at the end, with the smoothing that predicted this series best so far."""
    paths = {memory: _levels(even, scatter, memory) for memory in _SMOOTHING_FACTORS}
    best = min(paths, key=lambda memory: _missed(paths[memory], even))
    level = paths[best][-1]
    if level <= 0:
        return fmean(even)
    changed = _since_change(even, level, scatter)
    if changed is not None:
        return changed
    lag = best / (1 - best)
    return level * math.exp(growth * lag)


def _since_change(even: Sequence[float], level: float, scatter: float) -> float | None:
    """Return the level of the last days if it differs from `level` by more than chance allows.

    None if the last of them is back at `level`: the difference was temporary.
    """
    best, found = _SURE, None
    for days in range(3, min(_FORTNIGHT, len(even))):
        recent = median(even[-days:])
        if recent <= 0:
            continue
        doubt = abs(math.log(recent / level)) * math.sqrt(days) / (_MEDIAN_DOUBT * scatter)
        if doubt > best:
            best, found = doubt, recent
    return None if found is not None and _is_back(even[-1], level, found) else found


def _is_back(last: float, level: float, found: float) -> bool:
    """Return True if the last day is nearer to the old level than to the new one."""
    return (last < math.sqrt(level * found)) == (level < found)


def _levels(even: Sequence[float], scatter: float, memory: float) -> list[float]:
    """Return a fading mean after each day; an extreme day counts only as far as `_FAR` scatters."""
    level = median(even[:WEEK])
    levels = []
    width = math.exp(_FAR * scatter)
    for n, used in enumerate(even):
        low, high = level / width, level * width
        neighbours = (*even[max(0, n - 1) : n], *even[n + 1 : n + 2])
        has_company = any(each > high if used > high else each < low for each in neighbours)
        is_full = has_company and not _is_over(even[n + 1 : n + _LONGEST_RUN + 2], low, high)
        kept = used if is_full else min(max(used, low), high)
        level = memory * level + (1 - memory) * kept
        levels.append(level)
    return levels


def _is_over(following: Sequence[float], low: float, high: float) -> bool:
    """Return True if two days in a row are soon back in the previous range."""
    return any(low <= a <= high and low <= b <= high for a, b in pairwise(following))


def _missed(levels: Sequence[float], even: Sequence[float]) -> float:
    """Return the mean distance between the level and the median of the week after it."""
    misses = [
        abs(median(even[n + 1 : n + 1 + WEEK]) - level)
        for n, level in enumerate(levels[WEEK:-WEEK], WEEK)
    ]
    return math.fsum(misses) / len(misses) if misses else 0.0
