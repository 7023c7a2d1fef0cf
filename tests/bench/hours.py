"""How good the reading of single hours is, against made-up hours whose truth is known."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.analysis.anomalies import MinimumExcess
from bot.analysis.hours import HOURS_BACK, SETTLES, hour_to_alert
from bot.ledger.models import HourFigure
from providers.hours import HOUR
from tests.bench.catch import Catch
from tests.bench.row import Row

NO_FLOOR = MinimumExcess(dollars=Decimal(0))
"""Made-up teams spend little or much; the percent floor stays."""
FIRST = datetime(2026, 2, 2, tzinfo=UTC)
"""A Monday, eight weeks before clocks are put forward in Europe."""
FORWARD = datetime(2026, 3, 29, 1, tzinfo=UTC)
DAYS = 70
JUDGED = DAYS - HOURS_BACK.days
_MONTH = 365 / 12
Rhythm = Callable[[random.Random], Callable[[datetime], float]]


@dataclass(frozen=True, slots=True)
class Hours:
    """One made-up team's hours, and the first of each spell in which something ran away."""

    known: dict[datetime, HourFigure]
    spells: dict[datetime, int]
    """How many hours each lasts."""


def _office(at: datetime, weekend: float) -> float:
    local = at + (HOUR if at >= FORWARD else timedelta())
    busy = math.exp(-(((local.hour - 13.5) / 4) ** 2)) + 0.02
    return busy * (weekend if at.weekday() >= 5 else 1)


def office(rng: random.Random) -> Callable[[datetime], float]:
    """Working hours in a place that puts its clocks forward."""
    weekend = rng.uniform(0.05, 0.4)
    return lambda at: _office(at, weekend)


def always(_: random.Random) -> Callable[[datetime], float]:
    """A product with users all over the world."""
    return lambda at: 1 + 0.4 * math.sin(at.hour / 24 * 2 * math.pi)


def nightly(rng: random.Random) -> Callable[[datetime], float]:
    """Working hours, and a job that begins at about the same hour of each night."""
    at_hour, size = rng.randrange(24), rng.uniform(1, 6)

    def level(at: datetime) -> float:
        is_late = random.Random(f"{at.toordinal()}/{size}").random() < 0.2
        begins = (at_hour + is_late) % 24
        return _office(at, 0.2) + (size if at.hour == begins else 0)

    return level


def batches(rng: random.Random) -> Callable[[datetime], float]:
    """Working hours, and on some days a batch about the same hour."""
    at_hour, share, size = rng.randrange(24), rng.uniform(0.2, 0.6), rng.uniform(1, 6)

    def level(at: datetime) -> float:
        has_batch = random.Random(f"{at.toordinal()}/{share}").random() < share
        return _office(at, 0.2) + (size if has_batch and at.hour == at_hour else 0)

    return level


def growth(rng: random.Random) -> Callable[[datetime], float]:
    """Ten to forty percent more each month."""
    daily = math.log(rng.uniform(1.1, 1.4)) / 30
    return lambda at: _office(at, 0.3) * math.exp(daily * (at - FIRST).days)


def idle(rng: random.Random) -> Callable[[datetime], float]:
    """A few calls in working hours, none in most."""
    share = rng.uniform(0.1, 0.4)

    def level(at: datetime) -> float:
        is_used = random.Random(f"{at.isoformat()}/{share}").random() < share
        return _office(at, 0.05) if is_used else 0.0

    return level


RHYTHMS: dict[str, Rhythm] = {
    each.__name__: each for each in (office, always, nightly, batches, growth, idle)
}


def make(kind: str, seed: int) -> Hours:
    """The hours of that kind and seed, always the same; about one spell in ten days."""
    rng = random.Random(f"{kind}/{seed}")
    level = RHYTHMS[kind](rng)
    dollars, noise = math.exp(rng.uniform(0, 5)), rng.uniform(0.1, 0.5)
    every = [FIRST + HOUR * n for n in range(DAYS * 24)]
    costs = {at: dollars * level(at) * math.exp(rng.gauss(0, noise)) for at in every}
    busy = sorted(cost for cost in costs.values() if cost)
    busiest = busy[-len(busy) // 10]
    spells = {}
    for at in rng.sample(every[HOURS_BACK.days * 24 : -24], JUDGED // 10):
        spells[at] = rng.randint(1, 5)
        for n in range(spells[at]):
            costs[at + HOUR * n] += busiest * rng.uniform(3, 10)
    known = {
        at: HourFigure("openai", at, Decimal(str(round(cost, 6))), is_estimated=True)
        for at, cost in costs.items()
    }
    return Hours(known, spells)


def shown(hours: Hours, floors: MinimumExcess = NO_FLOOR) -> list[datetime]:
    """The hours that the product would tell of, looking every five hours."""
    found: list[datetime] = []
    for n in range(HOURS_BACK.days * 24, DAYS * 24, 5):
        now = FIRST + HOUR * (n + 1) + SETTLES
        last = found[-1] if found else None
        news = hour_to_alert(_until(hours, now), now, last, floors)
        if news is not None:
            found.append(news[0])
    return found


def _until(hours: Hours, now: datetime) -> dict[datetime, HourFigure]:
    first = now.replace(minute=0) - HOURS_BACK - timedelta(days=4)
    count = int((now - SETTLES - first) / HOUR)
    span = (first + HOUR * n for n in range(count))
    return {at: hours.known[at] for at in span if at in hours.known}


def watch(kinds: Iterable[str], seeds: Sequence[int]) -> Catch:
    """Watch each team for six weeks."""
    caught = missed = false = teams = 0
    for hours in (make(kind, seed) for kind in kinds for seed in seeds):
        teams += 1
        said = shown(hours)
        spans = {at: {at + HOUR * n for n in range(length)} for at, length in hours.spells.items()}
        caught += sum(any(hour in span for hour in said) for span in spans.values())
        missed += sum(not any(hour in span for hour in said) for span in spans.values())
        every = set().union(*spans.values())
        false += sum(hour not in every for hour in said)
    return Catch(caught, missed, false, teams * JUDGED / _MONTH)


def hour_rows(seeds: Sequence[int]) -> Iterable[Row]:
    """Everything measured."""
    found = watch(RHYTHMS, seeds)
    yield Row("hours: spells told", found.recall, None, "≥ 75", found.recall >= 75)
    often = found.false_a_month
    yield Row("hours: false alarms a month", often, None, "≤ 0.2", often <= 0.2)
