"""Hours that were made dear, found by the product and by rules of thumb at equal false alarms: in
made-up rhythms, and in the real series of `tests/bench/real_hours.py`."""

import math
import random
import statistics
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

from bot.analysis.anomalies import MinimumExcess
from bot.analysis.hours import FALSE_ALARMS_A_MONTH, HOURS_BACK, SETTLES, hour_to_alert
from bot.ledger.models import HourFigure
from providers.hours import HOUR
from tests.bench.catch import Catch
from tests.bench.row import Row
from tests.bench.rules import RULES, Rule, score

NO_FLOOR = MinimumExcess(dollars=Decimal(0))
"""Made-up teams spend little or much; the percent floor stays."""
FIRST = datetime(2026, 2, 2, tzinfo=UTC)
"""A Monday, eight weeks before clocks are put forward in Europe."""
FORWARD = datetime(2026, 3, 29, 1, tzinfo=UTC)
DAYS = 70
JUDGED = DAYS - HOURS_BACK.days
APART = 10
"""Days in which there is one spell."""
WEEKS = 4
"""That a rule looks back."""
_MONTH = 365 / 12
_STATED_WITHIN = 0.03
"""False alarms a month by which the measured rate may differ from the stated one."""
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
    return with_spells(costs, rng)


def with_spells(usual: Mapping[datetime, float], rng: random.Random) -> Hours:
    """Those hours with a spell in each ten days, four or more days apart: each is an anomaly of its
    own. An hour of it costs three to ten times as much as a busy one, in addition."""
    costs = dict(usual)
    busy = sorted(cost for cost in costs.values() if cost)
    busiest = busy[-len(busy) // 10]
    spells = {}
    for tenth in range(JUDGED // APART):
        first = FIRST + HOURS_BACK + timedelta(days=APART * tenth)
        at = first + HOUR * rng.randrange((APART - 4) * 24)
        spells[at] = rng.randint(1, 5)
        for n in range(spells[at]):
            costs[at + HOUR * n] = costs.get(at + HOUR * n, 0) + busiest * rng.uniform(3, 10)
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


@dataclass(frozen=True, slots=True)
class Watched:
    """A team's six weeks, and the hours with an alarm."""

    hours: Hours
    alarms: Sequence[datetime]

    @property
    def spans(self) -> Sequence[set[datetime]]:
        """The hours of each spell."""
        spells = self.hours.spells.items()
        return [{at + HOUR * n for n in range(length)} for at, length in spells]

    @property
    def false(self) -> int:
        """Alarms in no spell."""
        return sum(hour not in set().union(*self.spans) for hour in self.alarms)


def watch(teams: Iterable[Hours]) -> Sequence[Watched]:
    """Watch each team for six weeks."""
    return [Watched(hours, shown(hours)) for hours in teams]


def made_up(seeds: Iterable[int]) -> Sequence[Hours]:
    """A team of each rhythm and seed."""
    return [make(kind, seed) for kind in RHYTHMS for seed in seeds]


def caught(teams: Sequence[Watched]) -> Catch:
    """How many spells have an alarm, and how many alarms are false."""
    found = [any(hour in span for hour in each.alarms) for each in teams for span in each.spans]
    false = sum(each.false for each in teams)
    return Catch(sum(found), found.count(False), false, len(teams) * JUDGED / _MONTH)


def delay(teams: Sequence[Watched]) -> float:
    """Mean hours from a spell's first hour to its alarm; all its hours where there is none."""
    late = [
        min(
            (int((hour - min(span)) / HOUR) for hour in each.alarms if hour in span),
            default=len(span),
        )
        for each in teams
        for span in each.spans
    ]
    return statistics.fmean(late)


def by_rule(rule: Rule, teams: Sequence[Watched]) -> Sequence[Watched]:
    """A rule's alarms, with the threshold at which it is wrong as often as the product. An hour
    is compared with the same hour of the four weeks before. Hours in a row are one alarm."""
    scores = [_scores(rule, each.hours) for each in teams]
    spans = [set().union(*each.spans) for each in teams]
    usual = sorted(
        ((value, n, at) for n, of in enumerate(scores) for at, value in of.items()
         if at not in spans[n]),
        reverse=True,
    )  # fmt: skip
    false, wrong = sum(each.false for each in teams), 0
    seen: set[tuple[int, datetime]] = set()
    threshold = math.inf
    for value, n, at in usual:
        wrong += not {(n, at - HOUR), (n, at + HOUR)} & seen
        if wrong > false:
            threshold = value
            break
        seen.add((n, at))
    return [
        Watched(each.hours, [at for at, value in of.items() if value > threshold])
        for of, each in zip(scores, teams, strict=True)
    ]


def _scores(rule: Rule, hours: Hours) -> Mapping[datetime, float]:
    """Score each judged hour. Its scatter is that of all hours if that of the same hour is less:
    else whatever happens in an idle hour would be without measure, and no rule would find much."""
    costs = {at: float(figure.used) for at, figure in hours.known.items()}
    recent: deque[float] = deque(maxlen=int(HOURS_BACK / HOUR))
    found = {}
    for at in (FIRST + HOUR * n for n in range(DAYS * 24)):
        if at in costs and at >= FIRST + HOURS_BACK:
            days = (at - HOUR * 24 * back for back in range(WEEKS * 7, 0, -1))
            same = [costs[day] for day in days if day in costs]
            mean = statistics.fmean(recent)
            scatter = math.sqrt(statistics.fmean((each - mean) ** 2 for each in recent))
            found[at] = score(rule, same, costs[at], scatter)
        recent.append(costs.get(at, 0.0))
    return found


def hour_rows(
    groups: Iterable[Sequence[Hours]], about: str, *, is_stated: bool = False
) -> Iterable[Row]:
    """Everything measured of one kind of series. Each group has its own chances; the names have the
    least and the most that was found in one of them. `is_stated`: the docs give the rate of false
    alarms of these."""
    made = [watch(group) for group in groups]
    mine = [each for group in made for each in group]
    sizes = f"{len(made)} × {len(made[0])} series"
    found, often = caught(mine).recall, caught(mine).false_a_month
    name = f"spells found ({_spread(made, mine)}), {sizes}, {about}"
    yield Row(name, found, None, "≥ 85", found >= 85)
    most = FALSE_ALARMS_A_MONTH + _STATED_WITHIN
    least = FALSE_ALARMS_A_MONTH - _STATED_WITHIN if is_stated else 0
    limit = f"{least:.2f}–{most:.2f}"
    yield Row(f"false alarms a month, {about}", often, None, limit, least <= often <= most)
    late = delay(mine)
    for name, rule in RULES.items():
        theirs = by_rule(rule, mine)
        beside = f"beside {name} ({_spread(made, theirs)}), {about}"
        recall, later = caught(theirs).recall, delay(theirs)
        yield Row(f"spells found {beside}", found, recall, "better", found > recall)
        yield Row(f"hours until found {beside}", late, later, "sooner", late < later)


def _spread(groups: Sequence[Sequence[Watched]], watched: Sequence[Watched]) -> str:
    """Return the least and the most that was found in one of the groups, in percent."""
    ends = list(accumulate(map(len, groups), initial=0))
    found = [caught(watched[first:end]).recall for first, end in pairwise(ends)]
    return f"{min(found):.0f}–{max(found):.0f}"
