"""How good forecasts over this ledger were and would have been: every past month, from a few of its
days."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.answers.outlook import combined, settled
from bot.ports import Reading
from bot.spend.reading.backtest import AS_OF, Score, backtest, hold, months, score
from bot.spend.reading.foretold import Foretold
from bot.spend.reading.habits import History
from providers.period import DAY, Period, utc_day

HISTORY_DAYS = 800


@dataclass(frozen=True, slots=True)
class Point:
    """How forecasts did that were made after so many complete days of a month."""

    known_days: int
    reckoned: Score | None
    """By what the ledger holds today; None: no month could be tried from there."""
    said: Score | None
    """As they were said at the time; None: none was said of a month that is over."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """How forecasts of one connection's, or of everything's, months did."""

    name: str
    by_point: tuple[Point, ...]


async def look_back(ledger: Reading, now: datetime) -> Sequence[Hindsight]:
    """Everything together first, then each connection."""
    today = utc_day(now)
    connections = await ledger.connections()
    days = await ledger.days(Period(today - DAY * HISTORY_DAYS, today))
    groups = [("all", connections)] if len(connections) > 1 else []
    groups += [(connection.name, [connection]) for connection in connections]
    found = []
    for name, members in groups:
        own = {member.name for member in members}
        taken, history = combined(members, [day for day in days if day.connection in own], now)
        history = settled(taken, days, history)
        parts = [combined([each], days, now)[1] for each in taken]
        asked = {month.start + DAY * point for month in months(history) for point in AS_OF}
        foretold = await ledger.foretold(asked, [each.name for each in taken])
        found.append(Hindsight(name, await asyncio.to_thread(_points, history, parts, foretold)))
    return found


def _points(
    history: History, parts: Sequence[History], foretold: Sequence[Foretold]
) -> tuple[Point, ...]:
    reckoned = backtest(history, parts)
    kept = [each for each in foretold if each.period in set(months(history))]
    said = [trial for each in kept if (trial := hold(history, each))]
    return tuple(
        Point(
            point,
            score([trial for trial in reckoned if trial.known_days == point]),
            score([trial for trial in said if trial.known_days == point]),
        )
        for point in AS_OF
    )


def hindsight_lines(found: Hindsight) -> list[str]:
    """As people read it: errors are means, relative to what the months came to."""
    lines = [found.name]
    for point in found.by_point:
        after = f"  after day {point.known_days:2}"
        if point.reckoned is None:
            lines.append(f"{after}: no past month is known well enough to try")
        else:
            lines.append(f"{after}: {_words(point.reckoned)}")
        if point.said is not None:
            lines.append(f"{'as said then':>14}: {_words(point.said)}")
    return lines


def _words(scored: Score) -> str:
    plain = "–" if scored.run_rate_error is None else f"{scored.run_rate_error:.1%}"
    return (
        f"{scored.error:6.1%} off, plain run rate {plain:>6}; the band held {scored.held:.0%} of "
        f"{scored.trials} (meant to be 80%)"
    )


def hindsight_json(found: Hindsight) -> dict[str, Any]:
    """The same for programs; shares and relative errors as decimal strings."""
    return {
        "name": found.name,
        "points": [
            {
                "known_days": point.known_days,
                **_score(point.reckoned),
                "as_said": _score(point.said),
            }
            for point in found.by_point
        ],
    }


def _score(scored: Score | None) -> dict[str, Any]:
    if scored is None:
        return {"trials": 0, "error": None, "run_rate_error": None, "held": None}
    plain = scored.run_rate_error
    return {
        "trials": scored.trials,
        "error": str(scored.error),
        "run_rate_error": None if plain is None else str(plain),
        "held": str(scored.held),
    }
