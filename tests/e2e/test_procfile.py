"""The Procfile, run by a Procfile runner."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from simulators.clock import DemoClock
from simulators.slack.office import COSTS, MEMBER
from tests.harness import start
from tests.quick import LONGEST

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@asynccontextmanager
async def honcho(
    *words: str, folder: Path, path: str = f"{BIN}:/usr/bin:/bin", **variables: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A run of honcho on our Procfile, in a group of its own, killed at the end if still there."""
    process = await asyncio.create_subprocess_exec(
        BIN / "honcho",
        *("-f", str(ROOT / "Procfile"), "-d", str(folder), *words),
        cwd=folder,
        env={"PATH": path, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()


async def test_it_is_valid(tmp_path: Path) -> None:
    """`honcho check` finds one process type, web: the one that is given a `PORT`."""
    async with honcho("check", folder=tmp_path) as process:
        out, _ = await process.communicate()
    assert process.returncode == 0, out
    assert b"web" in out


@pytest.mark.slow
async def test_it_runs_the_bot_and_ends_well(tmp_path: Path) -> None:
    """Started by the runner on its port, the bot answers, also where platforms route to it from
    outside; at SIGTERM it ends with 0."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    clock = DemoClock(datetime.now(UTC))
    clock.run()
    async with start(tmp_path, clock) as simulators:
        variables = simulators.variables
        async with honcho("start", "-p", str(port), folder=tmp_path, **variables) as process:
            await simulators.slack_server.connected(LONGEST)
            answer = await simulators.slack.say(MEMBER, COSTS, "/aicost help")
            assert "What you can ask" in answer.plain
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.2:{port}/healthz") as health,  # on every network
            ):
                assert health.status == 200
            process.send_signal(signal.SIGTERM)
            out, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    assert b"web.1 stopped (rc=0)" in out, out.decode()
    assert b"xoxb" not in out


async def test_it_finds_the_command_of_a_fresh_clone(tmp_path: Path) -> None:
    """What `make` put into `.venv` is enough: it need not be on the path."""
    (tmp_path / ".venv").symlink_to(BIN.parent)
    async with honcho("start", folder=tmp_path, path="/usr/bin:/bin") as process:
        out, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    assert b"No provider is configured" in out, out.decode()
    assert b"web.1 stopped (rc=2)" in out
