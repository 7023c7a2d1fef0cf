"""How good forecasts over this ledger would have been: every past month, from a few of its days."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.answers.outlook import combined
from bot.ports import Reading
from bot.spend.reading.backtest import AS_OF, Score, backtest, score
from providers.period import DAY, Period, utc_day

HISTORY_DAYS = 800


@dataclass(frozen=True, slots=True)
class Hindsight:
    """How forecasts of one connection's, or of everything's, months would have done."""

    name: str
    by_point: tuple[tuple[int, Score | None], ...]
    """After so many complete days of the month; None: no month could be tried from there."""


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
        _, history = combined(members, [day for day in days if day.connection in own], now)
        trials = await asyncio.to_thread(backtest, history)
        by_point = tuple(
            (point, score([trial for trial in trials if trial.known_days == point]))
            for point in AS_OF
        )
        found.append(Hindsight(name, by_point))
    return found


def hindsight_lines(found: Hindsight) -> list[str]:
    """As people read it: errors are means, relative to what the months came to."""
    lines = [found.name]
    for point, scored in found.by_point:
        if scored is None:
            lines.append(f"  after day {point:2}: no past month is known well enough to try")
            continue
        plain = "–" if scored.run_rate_error is None else f"{scored.run_rate_error:.1%}"
        lines.append(
            f"  after day {point:2}: {scored.error:6.1%} off, plain run rate {plain:>6}; the band "
            f"held {scored.held:.0%} of {scored.trials} (meant to be 80%)"
        )
    return lines


def hindsight_json(found: Hindsight) -> dict[str, Any]:
    """The same for programs; shares and relative errors as decimal strings."""
    return {
        "name": found.name,
        "points": [
            {
                "known_days": point,
                "trials": scored.trials if scored else 0,
                "error": str(scored.error) if scored else None,
                "run_rate_error": str(scored.run_rate_error)
                if scored and scored.run_rate_error is not None
                else None,
                "held": str(scored.held) if scored else None,
            }
            for point, scored in found.by_point
        ],
    }
