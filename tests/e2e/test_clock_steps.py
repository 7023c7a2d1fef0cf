"""The running bot as a process of its own, whose wall clock is set back or ahead and returned."""

import asyncio
import json
import signal
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from simulators.clock import DemoClock
from simulators.providers import simulated_providers
from simulators.slack import serve_slack, small_office
from simulators.world import World
from tests.quick import LONGEST

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def get(port: int, path: str) -> tuple[int, str]:
    """Status and body; 0 while nothing listens."""
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            return answer.status, await answer.text()
    except aiohttp.ClientError:
        return 0, ""


async def until_rounds(port: int, count: int) -> int:
    """Wait until so many more syncs have ended than at the first look; returns how many have."""
    first: int | None = None
    while True:
        _, metrics = await get(port, "/metrics")
        for line in metrics.splitlines():
            if line.startswith("aicost_sync_round_seconds_count "):
                now = int(float(line.split()[1]))
                first = now if first is None else first
                if now >= first + count:
                    return now
        await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(days=400)])
async def test_every_job_goes_on_when_the_wall_clock_is_set(
    step: timedelta, tmp_path: Path
) -> None:
    """By an hour back or by more than a year ahead, and right again: it syncs as often as before,
    stays ready, and says while the clock is wrong."""
    port = free_port()
    async with (
        simulated_providers(World("steps", DemoClock(datetime.now(UTC)))) as providers,
        serve_slack(small_office(lambda: datetime.now(UTC))) as slack,
    ):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.e2e.stepping_clock",
            str(step.total_seconds()),
            "run",
            cwd=tmp_path,
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(ROOT),
                "PORT": str(port),
                **providers.environment,
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "AICOST_SYNC_EVERY": "1s",
            },
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(LONGEST):
                await until_rounds(port, 1)
                for clock in (signal.SIGUSR1, signal.SIGUSR2):
                    process.send_signal(clock)
                    await until_rounds(port, 3)
                    status, body = await get(port, "/readyz")
                    assert status == 200, body
        finally:
            process.terminate()
            _, log = await process.communicate()
    lines = [json.loads(line) for line in log.decode().splitlines()]
    assert [each["phase"] for each in lines if each["event"] == "clock.wrong"] == ["began", "ended"]
    assert not [each for each in lines if each["level"] == "error"]
