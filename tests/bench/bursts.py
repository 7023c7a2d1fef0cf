"""Six hundred commands at once: how soon each is answered, and whether deliveries still run.

Once everybody asks the same, and once everybody asks something else. An answer that can't be there
in time says so in time: that counts as an answer, and the share of figures is shown next to it.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from simulators.slack.office import COSTS, MEMBER
from tests.bench.processes import Running, the_bot, until_synced
from tests.bench.row import Row, at_least, below, percentile, shown
from tests.keeper import postgres_server
from tests.postgres import new_database

AT_ONCE = int(os.environ.get("BENCH_BURST", "600"))
PATIENCE = 8.0
"""Seconds that people wait."""
LONGEST_GAP = 2.0
"""Seconds from one run of the deliveries to the next; they run every half second."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of the commands; times in seconds."""

    acked: list[float]
    answered: list[float]
    """Infinite for a command that was never answered."""
    figures: int
    """How many of the first answers hold an amount."""
    gap: float
    """The longest from one run of the deliveries to the next."""


def report() -> list[Row]:
    """On SQLite and on PostgreSQL."""
    rows = asyncio.run(_measure("SQLite", {}))
    with postgres_server() as server:
        return rows + asyncio.run(_measure("PostgreSQL", {"DATABASE_URL": new_database(server)}))


async def _measure(database: str, variables: dict[str, str]) -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory(prefix="aicost-bench-") as folder:
        runs = Path(folder) / "runs"
        async with the_bot("socket", variables, watched=runs) as bot:
            await until_synced(bot)
            for kind, texts in (
                ("the same", ["/aicost mtd"] * AT_ONCE),
                ("different", [f"/aicost {1 + n}d by model" for n in range(AT_ONCE)]),
            ):
                rows += _rows(f"{database}, {kind}", await _burst(bot, texts, runs))
    return rows


def _rows(name: str, burst: Burst) -> list[Row]:
    count = len(burst.answered)
    in_time = sum(seconds < PATIENCE for seconds in burst.answered)
    return [
        below(3, f"{name}: the last acknowledgement, s", max(burst.acked)),
        shown(f"{name}: p50 to answer, s", percentile(burst.answered, 50)),
        shown(f"{name}: p99 to answer, s", percentile(burst.answered, 99)),
        shown(f"{name}: the last answer, s", max(burst.answered)),
        at_least(1, f"{name}: answered within {PATIENCE:g} s, of all", in_time, count),
        shown(f"{name}: first answer holds a figure, of all", burst.figures, count),
        below(LONGEST_GAP, f"{name}: longest gap between deliveries, s", burst.gap),
    ]


async def _burst(bot: Running, texts: Sequence[str], runs: Path) -> Burst:
    say = bot.slack.workspace.say
    begun = time.monotonic()
    answers = await asyncio.gather(*(say(MEMBER, COSTS, text, patience=60) for text in texts))
    ended = time.monotonic()
    never = float("inf")
    return Burst(
        [never if each.acked_after is None else each.acked_after for each in answers],
        [never if each.answered_after is None else each.answered_after for each in answers],
        sum("$" in each.plain for each in answers),
        await _longest_gap(runs, begun, ended),
    )


async def _longest_gap(runs: Path, begun: float, ended: float) -> float:
    """Between the runs during that time, the last before it and the first after it."""
    async with asyncio.timeout(60):
        while (found := _times(runs))[-1] < ended:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.1)
    return max(end - start for start, end in pairwise(found) if end >= begun and start <= ended)


def _times(runs: Path) -> list[float]:
    return [float(line) for line in runs.read_text().splitlines()]
