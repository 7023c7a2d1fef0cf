"""How well the end of a prepaid balance is predicted, on made-up histories whose end is known,
beside balance ÷ the mean of the last 7 and 28 days."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from bot.analysis.burn_rate import Runway, runway
from bot.analysis.seasonality import History
from providers.period import DAY, midnight
from tests.bench.row import Row
from tests.bench.series import SHAPES, make

KINDS = tuple(kind for kind in SHAPES if kind != "thin")
AHEAD = (30, 14, 7, 3)
"""Days before the end at which it is predicted."""
SERIES = 25
"""Of each kind: 300 histories."""
_FAR = 60
"""Days that any prediction may be off at most: one far beyond would outweigh all the others."""


@dataclass(frozen=True, slots=True)
class End:
    """A balance that comes to its end on a known day."""

    past: History
    today: date
    remaining: Decimal
    truth: date

    def predicted(self) -> Runway:
        """The product's prediction."""
        return runway(self.remaining, midnight(self.today), self.past, midnight(self.today))

    def by_mean(self, days: int) -> date | None:
        """Balance ÷ the mean of so many last days."""
        mean = statistics.fmean(float(used) for _, used in self.past[-days:])
        if mean <= 0:
            return None
        return self.today + DAY * min(_FAR * 2, ceil(float(self.remaining) / mean) - 1)

    def error(self, day: date | None) -> float:
        """Days that it is off."""
        return min(_FAR, abs((day - self.truth).days)) if day else _FAR


def end(kind: str, seed: int, ahead: int) -> End:
    """A balance of that team's that lasts for so many days: half of its last day is not there."""
    history = make(kind, seed).history
    first = len(history) - AHEAD[0] - seed % 10
    coming = history[first : first + ahead]
    last = max((n for n, (_, used) in enumerate(coming) if used > 0), default=0)
    remaining = sum((used for _, used in coming[:last]), Decimal(0)) + coming[last][1] / 2
    return End(history[:first], coming[0][0], max(remaining, Decimal("0.01")), coming[last][0])


def report(seeds: Sequence[int] = range(7000, 7000 + SERIES)) -> Iterable[Row]:
    """Everything measured."""
    for ahead in AHEAD:
        ends = [end(kind, seed, ahead) for kind in KINDS for seed in seeds]
        found = [each.predicted() for each in ends]
        pairs = list(zip(ends, found, strict=True))
        mine = statistics.fmean(each.error(said.likely) for each, said in pairs)
        about = f"{ahead} days before, {len(ends)} balances"
        for days in (7, 28):
            theirs = statistics.fmean(each.error(each.by_mean(days)) for each in ends)
            yield Row(
                f"days off beside {days}-day mean, {about}", mine, theirs, "better", mine < theirs
            )
        held = 100 * statistics.fmean(_is_held(each, said) for each, said in pairs)
        yield Row(f"range holds, {about}", held, None, "75–85", 75 <= held <= 85)


def _is_held(each: End, said: Runway) -> bool:
    is_not_before = said.earliest is not None and said.earliest <= each.truth
    return is_not_before and (said.latest is None or each.truth <= said.latest)
