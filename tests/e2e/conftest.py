"""Commands of the terminal, in this process or as processes of their own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from simulators.clock import DemoClock
from tests.commands import run_here
from tests.harness import NOW, TWO_MONTHS
from tests.quick import LONGEST, QUICK_AICOST


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Awaitable[Finished]]


def checked(done: Finished, variables: dict[str, str]) -> Finished:
    """Check that neither a traceback nor a key is shown, whatever happened."""
    shown = done.out + done.err
    assert "Traceback" not in shown, shown
    for name, value in variables.items():
        if name.endswith(("_KEY", "_TOKEN", "_SECRET")) and len(value) > 12:
            assert value not in shown, name
    return done


@pytest.fixture
def lookback(clock: DemoClock) -> timedelta:
    """This month, where a test doesn't need more: reading is what takes long here. The last month
    too where the clock shows the machine's time, which may be the first of a month."""
    return timedelta(days=31) if clock() == NOW else TWO_MONTHS


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Run `aicost` in this process, in an empty folder and with these variables alone."""

    async def run(*words: str, **variables: str) -> Finished:
        done = await asyncio.to_thread(partial(run_here, tmp_path, *words, **variables))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return checked(Finished(done.exit_code, done.stdout, done.stderr), variables)

    return run


@pytest.fixture
def cli_process(tmp_path: Path) -> Cli:
    """Run `aicost` as a process of its own, which takes a second of the processor to start: where
    the test is about the process, and for a few commands as people run them."""

    async def run(*words: str, stdin: str = "", **variables: str) -> Finished:
        process = await asyncio.create_subprocess_exec(
            *QUICK_AICOST,
            *words,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", **variables},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), LONGEST)
        done = Finished(process.returncode or 0, out.decode(), err.decode())
        return checked(done, variables)

    return run
