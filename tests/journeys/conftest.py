"""Commands of the terminal as processes of their own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.quick import QUICK_AICOST


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Awaitable[Finished]]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Run `aicost` as a process of its own in an empty folder, with short intervals and with these
    variables alone; it must not show a traceback or a key, whatever happens."""

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
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 120)
        shown = out.decode() + err.decode()
        assert "Traceback" not in shown, shown
        for name, value in variables.items():
            if name.endswith(("_KEY", "_TOKEN", "_SECRET")) and len(value) > 12:
                assert value not in shown, name
        return Finished(process.returncode or 0, out.decode(), err.decode())

    return run
