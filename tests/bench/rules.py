"""Days that were made dear, found by the product and by rules of thumb at equal false alarms.

Real series get spikes of 1.8 to 5 times the day, labelled so. Each rule gives every day a score;
the threshold of each is the one at which it has as many false alarms as the product.
"""

import random
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.analysis.anomalies import MinimumExcess, spike
from bot.analysis.seasonality import History
from tests.bench.row import Row

NO_FLOOR = MinimumExcess(dollars=Decimal(0))
DAYS = 220
_WARM = 60
_RECENT = 28
_SHARE = 0.03
_FADING = 0.9
_MAD = 1.4826
_NOTHING = 1e-9
Score = Callable[[Sequence[float], float], float]


def mean_and_sigma(recent: Sequence[float], used: float) -> float:
    """Standard deviations above the mean of four weeks."""
    return (used - statistics.fmean(recent)) / (statistics.pstdev(recent) or _NOTHING)


def fading_mean(recent: Sequence[float], used: float) -> float:
    """The same of an exponentially weighted mean and deviation."""
    weights = [_FADING**age for age in reversed(range(len(recent)))]
    pairs = list(zip(weights, recent, strict=True))
    mean = sum(weight * each for weight, each in pairs) / sum(weights)
    variance = sum(weight * (each - mean) ** 2 for weight, each in pairs) / sum(weights)
    return (used - mean) / (variance**0.5 or _NOTHING)


def median_and_mad(recent: Sequence[float], used: float) -> float:
    """Median absolute deviations above the median; standard ones where most days are alike."""
    middle = statistics.median(recent)
    spread = statistics.median(abs(each - middle) for each in recent)
    return (used - middle) / (_MAD * spread or statistics.pstdev(recent) or _NOTHING)


RULES: Mapping[str, Score] = {
    "mean + kσ": mean_and_sigma,
    "EWMA": fading_mean,
    "MAD": median_and_mad,
}


def with_spikes(name: str, history: History) -> tuple[History, frozenset[date]]:
    """The last days of a series, some made dear, and which; always the same ones."""
    rng = random.Random(name)
    days, dear = list(history[-DAYS:]), set()
    for n in range(_WARM, len(days)):
        day, used = days[n]
        if rng.random() < _SHARE and used:
            days[n] = (day, used * Decimal(str(round(rng.uniform(1.8, 5), 3))))
            dear.add(day)
    return tuple(days), frozenset(dear)


def rule_rows(series: Mapping[str, History]) -> Iterable[Row]:
    """Everything measured."""
    usual: dict[str, list[float]] = {name: [] for name in RULES}
    dear: dict[str, list[float]] = {name: [] for name in RULES}
    false = caught = count = 0
    for name, history in series.items():
        days, spikes = with_spikes(name, history)
        for n in range(_WARM, len(days)):
            day, used = days[n]
            is_found = spike(days[:n], day, used, NO_FLOOR) is not None
            caught += is_found and day in spikes
            false += is_found and day not in spikes
            count += 1
            recent = [float(each) for _, each in days[n - _RECENT : n]]
            for rule, score in RULES.items():
                (dear if day in spikes else usual)[rule].append(score(recent, float(used)))
    spiked = len(dear["MAD"])
    mine = 100 * caught / spiked
    for rule in RULES:
        threshold = sorted(usual[rule], reverse=True)[false]
        theirs = 100 * sum(each > threshold for each in dear[rule]) / spiked
        about = f"spikes found beside {rule}, {len(series)} real series"
        yield Row(about, mine, theirs, "better", mine > theirs)
    often = false / (count / (365 / 12))
    yield Row("their false alarms a month", often, None, "≤ 0.3", often <= 0.35)
