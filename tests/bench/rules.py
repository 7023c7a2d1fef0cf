"""Days that were made dear, found by the product and by rules of thumb at equal false alarms.

Real series get labelled anomalies: single days of 1.8 to 5 times their cost, or spells of three to
seven days that grow to as much. Each rule gives every day a score; the threshold of each is the one
at which it has as many false alarms as the product.
"""

import random
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.analysis.anomalies import FALSE_ALARMS_A_MONTH, MinimumExcess, find_anomaly
from bot.analysis.seasonality import History
from tests.bench.row import Row

NO_FLOOR = MinimumExcess(dollars=Decimal(0))
DAYS = 220
_WARM = 60
_RECENT = 28
_SHARE = 0.03
_SPELLS = 0.02
_GROWS = 3
"""Days after which a spell has its full size: its first day is a third of the way there."""
_FADING = 0.9
_MAD = 1.4826
_NOTHING = 1e-9
Labelled = tuple[History, Sequence[Sequence[date]]]
"""A series, and the days of each anomaly in it."""
Rule = Callable[[Sequence[float]], tuple[float, float]]
"""What is usual, and how far apart recent ones are. A cost's score is its distance from the one,
in units of the other."""


def mean_and_sigma(recent: Sequence[float]) -> tuple[float, float]:
    """The mean and the standard deviation."""
    return statistics.fmean(recent), statistics.pstdev(recent)


def fading_mean(recent: Sequence[float]) -> tuple[float, float]:
    """The same, exponentially weighted."""
    weights = [_FADING**age for age in reversed(range(len(recent)))]
    pairs = list(zip(weights, recent, strict=True))
    mean = sum(weight * each for weight, each in pairs) / sum(weights)
    return mean, (sum(weight * (each - mean) ** 2 for weight, each in pairs) / sum(weights)) ** 0.5


def median_and_mad(recent: Sequence[float]) -> tuple[float, float]:
    """The median and the median distance from it; the standard deviation where most are alike."""
    middle = statistics.median(recent)
    spread = statistics.median(abs(each - middle) for each in recent)
    return middle, _MAD * spread or statistics.pstdev(recent)


RULES: Mapping[str, Rule] = {
    "mean + kσ": mean_and_sigma,
    "EWMA": fading_mean,
    "MAD": median_and_mad,
}


def score(rule: Rule, recent: Sequence[float], used: float, least: float = _NOTHING) -> float:
    """How unusual a cost is by that rule, next to recent ones that are at least so far apart."""
    middle, spread = rule(recent)
    return (used - middle) / max(spread, least)


def with_spikes(name: str, history: History) -> Labelled:
    """The last days of a series, some made dear, and which; always the same ones."""
    rng = random.Random(name)
    days, dear = list(history[-DAYS:]), []
    for n in range(_WARM, len(days)):
        day, used = days[n]
        if rng.random() < _SHARE and used:
            days[n] = (day, used * _times(rng.uniform(1.8, 5)))
            dear.append([day])
    return tuple(days), dear


def with_spells(name: str, history: History) -> Labelled:
    """The last days of a series with spells that grow, and the days of each."""
    rng = random.Random(f"{name}, spells")
    days, spells = list(history[-DAYS:]), []
    n = _WARM
    while n < len(days) - 7:
        n += 1
        if rng.random() >= _SPELLS or not days[n][1]:
            continue
        length, times = rng.randint(3, 7), rng.uniform(1.8, 5)
        for k in range(length):
            day, used = days[n + k]
            days[n + k] = (day, used * _times(1 + (times - 1) * min(1, (k + 1) / _GROWS)))
        spells.append([day for day, _ in days[n : n + length]])
        n += 2 * length  # what follows it is judged too, and then the next may begin
    return tuple(days), spells


def _times(factor: float) -> Decimal:
    return Decimal(str(round(factor, 3)))


@dataclass(frozen=True, slots=True)
class Judged:
    """Each day of a series, as the product and the rules see it."""

    alarms: frozenset[date]
    scores: Mapping[str, Mapping[date, float]]
    """By rule."""
    anomalies: Sequence[Sequence[date]]

    @property
    def usual_days(self) -> Iterator[date]:
        """The days that no anomaly has."""
        dear = {day for each in self.anomalies for day in each}
        return (day for day in self.scores["MAD"] if day not in dear)


def judged(labelled: Labelled) -> Judged:
    """Look at each day with what was known before it."""
    days, anomalies = labelled
    alarms: set[date] = set()
    scores: dict[str, dict[date, float]] = {name: {} for name in RULES}
    for n in range(_WARM, len(days)):
        day, used = days[n]
        if find_anomaly(days[:n], day, used, NO_FLOOR) is not None:
            alarms.add(day)
        recent = [float(each) for _, each in days[n - _RECENT : n]]
        for name, rule in RULES.items():
            scores[name][day] = score(rule, recent, float(used))
    return Judged(frozenset(alarms), scores, anomalies)


def recall(alarms: Sequence[Iterable[date]], series: Sequence[Judged]) -> float:
    """Percent of the anomalies with an alarm."""
    found = [not each.isdisjoint(of) for of, each in _pairs(alarms, series)]
    return 100 * statistics.fmean(found)


def delay(alarms: Sequence[Iterable[date]], series: Sequence[Judged]) -> float:
    """Mean days from an anomaly's first day to its alarm; all its days where there is none."""
    late = [
        next((n for n, day in enumerate(of) if day in each), len(of))
        for of, each in _pairs(alarms, series)
    ]
    return statistics.fmean(late)


def _pairs(
    alarms: Sequence[Iterable[date]], series: Sequence[Judged]
) -> Iterator[tuple[Sequence[date], set[date]]]:
    for found, each in zip(alarms, series, strict=True):
        days = set(found)
        yield from ((anomaly, days) for anomaly in each.anomalies)


def false_alarms(series: Sequence[Judged]) -> int:
    """How often the product is wrong."""
    return sum(day in each.alarms for each in series for day in each.usual_days)


def as_often_wrong(rule: str, series: Sequence[Judged]) -> Sequence[Iterable[date]]:
    """A rule's alarms, with the threshold at which it is wrong as often as the product."""
    usual = sorted((each.scores[rule][d] for each in series for d in each.usual_days), reverse=True)
    threshold = usual[false_alarms(series)]
    return [
        [day for day, score in each.scores[rule].items() if score > threshold] for each in series
    ]


def rule_rows(series: Mapping[str, History]) -> Iterable[Row]:
    """Everything measured."""
    about = f"{len(series)} real series"
    spiked = [judged(with_spikes(name, history)) for name, history in series.items()]
    mine = [each.alarms for each in spiked]
    for rule in RULES:
        ours, theirs = (recall(each, spiked) for each in (mine, as_often_wrong(rule, spiked)))
        yield Row(f"spikes found beside {rule}, {about}", ours, theirs, "better", ours > theirs)
    months = sum(len(each.scores["MAD"]) for each in spiked) / (365 / 12)
    often = false_alarms(spiked) / months
    is_as_stated = abs(often - FALSE_ALARMS_A_MONTH) <= 0.05
    yield Row("their false alarms a month", often, None, "0.25–0.35", is_as_stated)
    grown = [judged(with_spells(name, history)) for name, history in series.items()]
    mine = [each.alarms for each in grown]
    for rule in RULES:
        theirs_found = as_often_wrong(rule, grown)
        ours, theirs = recall(mine, grown), recall(theirs_found, grown)
        yield Row(f"spells found beside {rule}, {about}", ours, theirs, "better", ours > theirs)
        ours, theirs = delay(mine, grown), delay(theirs_found, grown)
        yield Row(f"days until found beside {rule}", ours, theirs, "sooner", ours < theirs)
