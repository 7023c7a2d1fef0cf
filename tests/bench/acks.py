"""From a slash command to its acknowledgement, fifty at once, beside a bare Bolt app.

Bursts in turn, the median burst of each: what else the machine does then weighs on both alike.
"""

import asyncio
import os
import time
from dataclasses import dataclass, field

from simulators.slack.office import COSTS, MEMBER
from tests.bench.processes import Mode, Running, the_bare_app, the_bot, until_synced
from tests.bench.row import Row, at_least, at_most, percentile, shown

AT_ONCE = 50
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "20"))
TEXT = "/aicost by model"


@dataclass(slots=True)
class Bursts:
    """What came of several bursts."""

    acks: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    """Seconds that ninety-nine of a hundred took at most, of each burst."""
    rates: list[float] = field(default_factory=list)
    """Acknowledgements a second, of each burst."""


def report() -> list[Row]:
    """In Socket Mode and in HTTP mode."""
    return [*asyncio.run(_measure("socket")), *asyncio.run(_measure("http"))]


async def _measure(mode: Mode) -> list[Row]:
    mine, bare = Bursts(), Bursts()
    async with the_bot(mode) as bot, the_bare_app(mode) as app:
        await until_synced(bot)
        for warm_up in (True, *(False for _ in range(ROUNDS))):
            for running, bursts in ((bot, mine), (app, bare)):
                await _burst(running, Bursts() if warm_up else bursts)
    return [
        at_least(0.8, f"{mode}: acknowledgements a second", _median(mine), _median(bare)),
        at_most(
            1.5,
            f"{mode}: p99 to acknowledgement, ms",
            percentile(mine.acks, 50) * 1000,
            percentile(bare.acks, 50) * 1000,
        ),
        shown(
            f"{mode}: p99 to answer, ms",
            percentile(mine.answers, 50) * 1000,
            percentile(bare.answers, 50) * 1000,
        ),
    ]


async def _burst(running: Running, bursts: Bursts) -> None:
    begun = time.perf_counter()
    say = running.slack.workspace.say
    answers = await asyncio.gather(*(say(MEMBER, COSTS, TEXT) for _ in range(AT_ONCE)))
    acks = [answer.acked_after for answer in answers if answer.acked_after is not None]
    assert len(acks) == AT_ONCE
    assert all(answer.answered_after is not None for answer in answers)
    bursts.acks.append(percentile(acks, 99))
    bursts.answers.append(percentile([answer.answered_after or 0 for answer in answers], 99))
    bursts.rates.append(AT_ONCE / max(acks))
    assert time.perf_counter() - begun < 8


def _median(bursts: Bursts) -> float:
    return percentile(bursts.rates, 50)
