"""The bot and the bare app as processes of their own, each beside a simulated Slack of its own."""

import asyncio
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import aiohttp
import psutil

from bot.slack.text_renderer import plain_text
from simulators.clock import DemoClock
from simulators.providers import simulated_providers
from simulators.slack import SimulatedSlack, serve_slack, small_office
from simulators.world import World

Mode = Literal["socket", "http"]
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Running:
    """A process that is ready for commands."""

    slack: SimulatedSlack
    process: asyncio.subprocess.Process
    port: int
    ready_after: float
    """Seconds from its start."""
    imported_after: float | None = None
    """Seconds until the bare app's imports were done."""

    @property
    def megabytes(self) -> float:
        """The memory that it holds now."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 2**20

    async def metrics(self) -> str:
        """What the bot counts."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.text()


@asynccontextmanager
async def the_bot(
    mode: Mode, variables: Mapping[str, str] | None = None, watched: Path | None = None
) -> AsyncIterator[Running]:
    """`aicost run` on an empty ledger, which then reads a year of both simulated providers.

    `variables` are further ones of its environment; `watched`: see `tests.bench.watched`.
    """
    world = World("bench", DemoClock(datetime.now(UTC)))
    async with (
        simulated_providers(world) as providers,
        serve_slack(small_office(lambda: datetime.now(UTC), render=plain_text)) as slack,
    ):
        command = [str(Path(sys.executable).parent / "aicost"), "run"]
        if watched is not None:
            command = [sys.executable, "-m", "tests.bench.watched", str(watched), "run"]
        environment = {**providers.environment, **(variables or {})}
        with tempfile.TemporaryDirectory(prefix="aicost-bench-") as folder:
            async with _started(command, mode, slack, environment, Path(folder)) as running:
                yield running


@asynccontextmanager
async def the_bare_app(mode: Mode) -> AsyncIterator[Running]:
    """See `tests.bench.bare`."""
    async with serve_slack(small_office(lambda: datetime.now(UTC), render=plain_text)) as slack:
        command = [sys.executable, "-m", "tests.bench.bare"]
        async with _started(command, mode, slack, {}, ROOT) as running:
            yield running


async def until_synced(bot: Running) -> None:
    """Until the bot's first sync has come to its end."""
    async with asyncio.timeout(120):
        while True:
            if "aicost_sync_round_seconds_count 1.0" in await bot.metrics():
                return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _started(
    command: list[str], mode: Mode, slack: SimulatedSlack, variables: dict[str, str], folder: Path
) -> AsyncIterator[Running]:
    port = _free_port()
    environment = {
        "PATH": "/usr/bin:/bin",
        "PORT": str(port),
        "AICOST_SYNC_EVERY": "1d",
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_URL": slack.api_url,
        **variables,
        "PYTHONPATH": str(ROOT),
    }
    if mode == "socket":
        environment["SLACK_APP_TOKEN"] = slack.app_token
    else:
        environment["SLACK_SIGNING_SECRET"] = slack.signing_secret
        slack.use_http(f"http://127.0.0.1:{port}/slack/events")
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        imported = None
        if command[-1] != "run":
            assert process.stdout is not None
            await process.stdout.readline()
            imported = time.perf_counter() - begun
        await (slack.connected(30) if mode == "socket" else _answering(port))
        yield Running(slack, process, port, time.perf_counter() - begun, imported)
    finally:
        process.terminate()
        await process.wait()


async def _answering(port: int) -> None:
    async with asyncio.timeout(30), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.post(f"http://127.0.0.1:{port}/slack/events") as answer:
                    if answer.status == 401:  # unsigned, and checked
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
