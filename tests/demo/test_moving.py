"""The demo's clock, moved: it stops where something is due, and nowhere else."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.demo import BOT
from simulators.clock import DemoClock
from simulators.demo.app import App, RunningApp
from simulators.demo.start import stage_in
from simulators.demo.steps import Expect, Happen, Move, Say
from simulators.slack.office import COSTS, MANAGER
from tests.demo.conftest import MONDAY

DIGEST = "aicost.digest."


@pytest.mark.slow
async def test_a_digest_that_waits_for_settled_figures_costs_few_stops(
    year: Path, tmp_path: Path
) -> None:
    """A day that can't settle is looked at after each sync, not every minute, and its digest is
    posted when its wait ends."""
    shutil.copy(year, tmp_path)
    stops: list[datetime] = []

    @asynccontextmanager
    async def start(
        environment: Mapping[str, str], folder: Path, clock: DemoClock
    ) -> AsyncIterator[RunningApp]:
        async with BOT.start(environment, folder, clock) as running:

            async def do_due() -> None:
                stops.append(clock())
                await running.do_due()

            yield replace(running, do_due=do_due)

    async with stage_in(tmp_path, App(start, BOT.render), MONDAY) as stage:
        await stage.do(Happen("outage"))
        await stage.do(Say("/aicost digest on 09:00 daily Europe/London when settled by 12:00"))
        for _ in range(3):
            await stage.do(Move("hour"))
        waiting = [stop for stop in stops if stop.hour in (9, 10)]
        assert 2 <= len(waiting) <= 6
        assert "on Sun 1 Nov" not in stage.visible(stage.person(MANAGER), Expect(""))
        await stage.do(Move("hour"))
        assert "on Sun 1 Nov" in stage.visible(stage.person(MANAGER), Expect(""))
        (digest,) = [m for m in stage.office.channel(COSTS).messages if DIGEST in str(m.blocks)]
    assert datetime.fromtimestamp(float(digest.ts), UTC).strftime("%H:%M") == "12:00"
