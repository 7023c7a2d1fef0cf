"""A job that no longer runs: `/readyz` and `/aicost status` say so, and which."""

from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from tests.harness import Harness
from tests.harness.fixtures import Start
from tests.home.test_database import held
from tests.loop_clock import LoopClock
from tests.quick import LONGEST, QUICK

LATE = "The heartbeat for other copies hasn't run for"


async def readiness(harness: Harness) -> tuple[int, dict[str, bool]]:
    """The status of `/readyz`, and its checks."""
    url = f"http://127.0.0.1:{harness.bot.port}/readyz"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, (await answer.json())["checks"]


@pytest.mark.parametrize("intervals", [replace(QUICK, job_database=LONGEST)], ids=["patient"])
async def test_a_job_that_no_longer_runs_is_named(
    start_bot: Start, loop_clock: LoopClock, tmp_path: Path
) -> None:
    """While another process holds the database, a job waits for longer than it may: the bot is not
    ready, by that job's name alone. Once the database is free, it is ready again."""
    async with start_bot(jobs=True) as harness:

        async def is_ready() -> bool:
            return (await readiness(harness))[0] == 200

        async def only_that_one_is_late() -> bool:
            status, checks = await readiness(harness)
            return status == 503 and [name for name in checks if not checks[name]] == ["job.alive"]

        await harness.until(is_ready)
        async with harness.bot.scheduler.paused():
            pass  # the first run of each job, which has something to write, has ended
        async with held(f"sqlite:///{tmp_path}/ledger.db"):
            loop_clock.step(125)  # its next run begins, and waits for the database
            await harness.until(only_that_one_is_late)
            assert LATE in await harness.ask("status")
        await harness.until(is_ready)
        assert LATE not in await harness.ask("status")
