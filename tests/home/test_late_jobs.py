"""A job that no longer runs: `/readyz` and `/aicost status` say so, and which."""

import asyncio
from pathlib import Path

import aiohttp

from tests.harness import Harness
from tests.harness.fixtures import Start
from tests.home.test_database import held
from tests.loop_clock import LoopClock

LATE = "Posting to Slack has not run for"


async def readiness(harness: Harness) -> tuple[int, dict[str, bool]]:
    """The status of `/readyz`, and its checks."""
    url = f"http://127.0.0.1:{harness.bot.port}/readyz"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, (await answer.json())["checks"]


async def test_a_job_that_no_longer_runs_is_named(
    start_bot: Start, loop_clock: LoopClock, tmp_path: Path
) -> None:
    """While another process holds the database, posting waits for longer than it may: the bot is
    not ready, by that job's name. Once the database is free, it is ready again."""
    async with start_bot(jobs=True) as harness:
        assert (await readiness(harness))[0] == 200
        async with held(f"sqlite:///{tmp_path}/ledger.db"):
            while (await readiness(harness))[1]["job.deliveries"]:
                await loop_clock.run(5)
            status, checks = await readiness(harness)
            assert (status, checks["job.deliveries"], checks["job.sync"]) == (503, False, True)
            assert LATE in await harness.ask("status")
        while (await readiness(harness))[0] != 200:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.05)
        assert LATE not in await harness.ask("status")
