"""How often the range of a total over several connections holds: of generated series, and of real
ones that were measured on the same days."""

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.analysis.backtest import AS_OF, Trial, try_once
from bot.analysis.seasonality import HABIT_DAYS, History
from providers.period import DAY, Period
from tests.bench.real import FOLDER, months_of, real_series
from tests.bench.row import Row, not_measured
from tests.bench.series import SHAPES, make

TOTALS = 600
"""Generated ones, and as many real ones. With 120, chance moves a share by 3.7 points."""
MONTHS = 3
"""Of each group of real series, drawn from the last twelve."""
SAME_DAYS = ("views of", "sales in")
"""Names of real series that cover the same days begin with the same words."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A month of two to four connections."""

    month: Period
    parts: Sequence[History]

    def trial(self, known_days: int) -> Trial | None:
        """The product's forecast of the total; None where there is nothing to compare."""
        used: dict[date, Decimal] = defaultdict(Decimal)
        for day, cost in (each for part in self.parts for each in part):
            used[day] += cost
        return try_once(sorted(used.items()), self.month, known_days, self.parts)


def made_up(seeds: Iterable[int]) -> Iterator[Sum]:
    """Connections of different kinds and sizes."""
    for seed in seeds:
        chance = random.Random(f"total {seed}")
        series = [make(kind, seed) for kind in chance.sample(list(SHAPES), chance.randint(2, 4))]
        month = Period(series[0].month, series[0].end)
        yield Sum(month, [each.history for each in series])


def real(series: Mapping[str, History], seeds: Iterable[int]) -> Iterator[Sum]:
    """Two to four real series of the same days. Their sizes are drawn as those of generated ones:
    as they are, the largest would be nearly the whole total."""
    families = [
        {name: history for name, history in series.items() if name.startswith(words)}
        for words in SAME_DAYS
    ]
    for seed in seeds:
        chance = random.Random(f"real total {seed}")
        family = chance.choices(families, [len(each) for each in families])[0]
        names = chance.sample(sorted(family), chance.randint(2, min(4, len(family))))
        sized = [_sized(family[name], chance.uniform(1, 6)) for name in names]
        months = [month for month, _ in months_of(sized[0])]
        for month in chance.sample(months, min(MONTHS, len(months))):
            since = month.start - DAY * HABIT_DAYS
            yield Sum(month, [_between(each, since, month.end) for each in sized])


def _sized(history: History, log_dollars: float) -> History:
    mean = sum(float(used) for _, used in history) / len(history)
    factor = Decimal(str(round(math.exp(log_dollars) / mean, 9)))
    return tuple((day, round(used * factor, 9)) for day, used in history)


def _between(history: History, start: date, end: date) -> History:
    return tuple(each for each in history if start <= each[0] < end)


def report(folder: Path = FOLDER) -> Iterable[Row]:
    """Everything measured."""
    yield from _held(list(made_up(range(8000, 8000 + TOTALS))), "generated totals")
    try:
        series = real_series(folder)
    except FileNotFoundError:
        yield not_measured("totals of real series", "not installed; make bench does it")
        return
    yield from _held(list(real(series, range(TOTALS // MONTHS))), "real totals")


def _held(sums: Sequence[Sum], about: str) -> Iterable[Row]:
    for point in AS_OF:
        tried = [trial for each in sums if (trial := each.trial(point))]
        held = 100 * sum(each.is_held for each in tried) / len(tried)
        limit = "75–85"
        yield Row(
            f"range holds, day {point}, {len(tried)} {about}", held, None, limit, 75 <= held <= 85
        )
