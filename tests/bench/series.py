"""Daily spending whose truth is known: seeded generators of what teams' bills look like."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

MONTHS = 5
"""Whole months in a series; the last is the one that is forecast."""


@dataclass(frozen=True, slots=True)
class Series:
    """One made-up team's days, and what was done to them."""

    kind: str
    seed: int
    history: tuple[tuple[date, Decimal], ...]
    spikes: frozenset[date]
    """Isolated days that are a multiple of what they would have been."""
    breaks: frozenset[date]
    """First days of another level, and days around an outage: unusual, yet no spike."""

    @property
    def month(self) -> date:
        """The first day of the last month."""
        return self.history[-1][0].replace(day=1)

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.history[-1][0] + timedelta(1)


SpendModel = Callable[[random.Random, Sequence[date]], list[float]]


def _weekly(rng: random.Random, days: Sequence[date], weekend: float) -> list[float]:
    factors = [rng.uniform(0.85, 1.15) for _ in range(5)] + [weekend * rng.uniform(0.7, 1.3)] * 2
    return [factors[day.weekday()] for day in days]


def weekday(rng: random.Random, days: Sequence[date]) -> list[float]:
    """An office: quiet weekends, nothing else."""
    return _weekly(rng, days, rng.uniform(0.1, 0.5))


def mild(rng: random.Random, days: Sequence[date]) -> list[float]:
    """A product with users: weekends a little below."""
    return _weekly(rng, days, rng.uniform(0.65, 0.9))


def flat(_: random.Random, days: Sequence[date]) -> list[float]:
    """Machines that know no week."""
    return [1.0] * len(days)


def growth(rng: random.Random, days: Sequence[date]) -> list[float]:
    """Ten to forty percent more each month."""
    daily = math.log(rng.uniform(1.1, 1.4)) / 30
    return [
        level * math.exp(daily * n)
        for n, level in enumerate(_weekly(rng, days, rng.uniform(0.2, 0.8)))
    ]


def launch(rng: random.Random, days: Sequence[date]) -> list[float]:
    """Something new that takes a week to reach its level, in any month."""
    at, gain = rng.randrange(20, len(days) - 10), rng.uniform(0.5, 2)
    return [
        level * (1 + gain * min(1.0, max(0, n - at) / 7))
        for n, level in enumerate(_weekly(rng, days, rng.uniform(0.2, 0.8)))
    ]


def step(rng: random.Random, days: Sequence[date]) -> list[float]:
    """Another level from one day on, up or down, in any month."""
    at, gain = rng.randrange(20, len(days) - 10), rng.choice([0.4, 0.6, 1.6, 2.2])
    return [
        level * (gain if n >= at else 1)
        for n, level in enumerate(_weekly(rng, days, rng.uniform(0.2, 0.8)))
    ]


def month_end(rng: random.Random, days: Sequence[date]) -> list[float]:
    """A job that costs several days' money on the month's last, or first, day."""
    size, on_first = rng.uniform(2, 6), rng.random() < 0.3
    levels = _weekly(rng, days, rng.uniform(0.2, 0.8))
    return [
        level + (size if (day.day if on_first else (day + timedelta(1)).day) == 1 else 0)
        for day, level in zip(days, levels, strict=True)
    ]


def sporadic(rng: random.Random, days: Sequence[date]) -> list[float]:
    """A batch now and then, with nothing on most days."""
    share = rng.uniform(0.15, 0.5)
    return [float(rng.random() < share) for _ in days]


def weekly_job(rng: random.Random, days: Sequence[date]) -> list[float]:
    """Nothing but one day of the week."""
    weekday = rng.randrange(7)
    return [float(day.weekday() == weekday) for day in days]


SHAPES: dict[str, SpendModel] = {
    "weekday": weekday,
    "mild": mild,
    "flat": flat,
    "growth": growth,
    "launch": launch,
    "step": step,
    "spikes": weekday,
    "spells": weekday,
    "outage": weekday,
    "month_end": month_end,
    "thin": weekday,
    "sporadic": sporadic,
    "weekly_job": weekly_job,
}
HAS_WEEKDAYS = ("weekday", "growth", "spikes", "spells", "outage", "thin", "weekly_job")


def make(kind: str, seed: int) -> Series:
    """The series of that kind and seed, always the same."""
    rng = random.Random(f"{kind}/{seed}")
    start = date(2025, 1 + seed % 12, 1)
    end = date(
        start.year + (start.month + MONTHS - 1) // 12, (start.month + MONTHS - 1) % 12 + 1, 1
    )
    days = [start + timedelta(n) for n in range((end - start).days)]
    levels = SHAPES[kind](rng, days)
    spikes: set[date] = set()
    breaks = {
        day
        for day, level, last in zip(days[7:], levels[7:], levels, strict=False)
        if kind in ("launch", "step", "month_end") and not 0.8 < level / last < 1.25
    }
    if kind == "spikes":
        for n in range(len(days)):
            if rng.random() < 0.06:
                levels[n] *= rng.uniform(2.5, 8)
                spikes.add(days[n])
    if kind == "spells":
        for begin in range(rng.randrange(6, 60), len(days), rng.randint(45, 90)):
            spell = range(begin, min(begin + rng.randint(2, 4), len(days)))
            for n in spell:
                levels[n] *= rng.uniform(2, 4)
            breaks |= {days[n] for n in spell}
    if kind == "outage":
        for _ in range(4):
            at, length = rng.randrange(10, len(days) - 8), rng.randint(1, 4)
            for n in range(at, at + length):
                levels[n] *= rng.choice([0.0, 0.1])
            breaks |= {days[n] for n in range(at, at + length)}
    dollars, noise = math.exp(rng.uniform(1, 6)), rng.uniform(0.06, 0.3)
    history = tuple(
        (day, Decimal(str(round(dollars * level * math.exp(rng.gauss(0, noise)), 6))))
        for day, level in zip(days, levels, strict=True)
    )
    if kind == "thin":
        first = (end - timedelta(1)).replace(day=1) - timedelta(rng.randint(0, 9))
        history = tuple(each for each in history if each[0] >= first)
    return Series(kind, seed, history, frozenset(spikes), frozenset(breaks))
