"""`python -m tests.deploy.try_image IMAGE`: run the bot from an image as compose.yaml does, on
simulated providers and a simulated Slack. It becomes healthy, answers with what the provider
charged, and stops with 0.

AICOST_ENGINE is the command of the container engine, with its options: `docker`, if it isn't set.
AICOST_RUN_OPTIONS are more options of its `run`.
"""

import asyncio
import os
import shlex
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.wording import money
from providers.period import DAY, Period
from simulators.clock import DemoClock
from simulators.slack.office import COSTS, MEMBER
from tests.e2e.test_clock_steps import free_port
from tests.harness import Harness, start

ENGINE = shlex.split(os.environ.get("AICOST_ENGINE", "docker"))
RUN_OPTIONS = shlex.split(os.environ.get("AICOST_RUN_OPTIONS", ""))
NAME = f"aicost-{os.getpid()}"
HARDENED = (
    *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"),  # noqa: S108
    *("--security-opt", "no-new-privileges"),
)
LONGEST = 180.0
"""Seconds until the container must be healthy; its own check runs every 15."""


async def engine(*words: str) -> str:
    """Run a command of the engine, and return its output. Raises `SystemExit` if it fails."""
    process = await asyncio.create_subprocess_exec(
        *ENGINE, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(words[:2])}: {out.decode()}")
    return out.decode().strip()


async def healthy() -> None:
    """Wait until the image's own check says so."""
    async with asyncio.timeout(LONGEST):
        while await engine("inspect", "--format", "{{.State.Health.Status}}", NAME) != "healthy":
            if "podman" in ENGINE[0]:  # it runs checks by systemd, if that is there
                with suppress(SystemExit):  # not healthy yet
                    await engine("healthcheck", "run", NAME)
            await asyncio.sleep(1)


async def knows_a_day(harness: Harness) -> None:
    """Ask for a day that is settled until the answer has what the provider charged for it."""
    day = harness.clock().date() - DAY * 4
    charged = money(harness.providers.world.truth.used("openai", Period(day, day + DAY)))
    answer = None
    try:
        async with asyncio.timeout(LONGEST):
            while answer is None or charged not in answer.plain:  # the first sync goes on
                await asyncio.sleep(1)
                answer = await harness.slack.say(MEMBER, COSTS, f"/aicost openai {day}")
    except TimeoutError:
        raise SystemExit(f"no {charged} for {day}: {answer and answer.plain}") from None


async def try_image(image: str) -> None:
    """Run it on this machine's network, where the simulators are."""
    clock = DemoClock(datetime.now(UTC))
    clock.run()
    with tempfile.TemporaryDirectory() as folder:
        async with start(Path(folder), clock) as harness:
            given = {**harness.variables, "DATABASE_URL": "sqlite:////data/aicost.db"}
            given["PORT"] = str(free_port())
            variables = [f"--env={name}={value}" for name, value in given.items()]
            options = ["--detach", "--name", NAME, "--network", "host", *HARDENED, *RUN_OPTIONS]
            await engine("run", *options, *variables, image)
            try:
                await healthy()
                await harness.slack_server.connected(LONGEST)
                await knows_a_day(harness)
                await engine("stop", "--time", "30", NAME)
                code = await engine("inspect", "--format", "{{.State.ExitCode}}", NAME)
                assert code == "0", code
            finally:
                sys.stdout.write(await engine("logs", NAME) + "\n")
                await engine("rm", "--force", "--volumes", NAME)
    sys.stdout.write(f"{image} became healthy, answered with a figure, and stopped with 0\n")


if __name__ == "__main__":
    asyncio.run(try_image(sys.argv[1]))
