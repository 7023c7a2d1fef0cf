"""The demo leaves nothing in the folder for temporary files, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulators.demo.folder import PREFIX
from simulators.demo.start import DATABASE

AICOST = str(Path(sys.executable).with_name("aicost"))
PATIENCE = 120.0
"""Seconds: another process may hold every core meanwhile."""
HOLD = (
    "from simulators.demo.folder import temporary_folder\n"
    "with temporary_folder() as folder: print(folder, flush=True); input()"
)


@contextmanager
def started(folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A process whose temporary files go to that folder; killed at the end, if it still runs."""
    process = subprocess.Popen(
        command,
        env=os.environ | {"TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def folders(folder: Path) -> list[Path]:
    """The demos' folders there."""
    return sorted(folder.glob(f"{PREFIX}*"))


def wait_for(condition: Callable[[], object]) -> None:
    """Return as soon as it holds."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (signal.SIGINT, ""),
        (signal.SIGTERM, DATABASE),
        pytest.param(signal.SIGHUP, f"{DATABASE}-wal", marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_start_leaves_nothing(
    sent: signal.Signals, name: str, tmp_path: Path
) -> None:
    """Interrupted as soon as its folder, database or journal is there, it ends and removes it."""
    with started(tmp_path, AICOST, "demo", "--say", "help") as demo:
        wait_for(lambda: [each for each in folders(tmp_path) if (each / name).exists()])
        demo.send_signal(sent)
        _, errors = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 0, errors
    assert "Traceback" not in errors
    assert not list(tmp_path.iterdir())


def test_what_a_killed_demo_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """The next demo removes its folder, and none of a demo that still runs."""
    with started(tmp_path, AICOST, "demo", "--say", "help") as demo:
        wait_for(lambda: [each for each in folders(tmp_path) if (each / DATABASE).exists()])
        demo.kill()
        demo.wait()
    (left,) = folders(tmp_path)
    with started(tmp_path, sys.executable, "-c", HOLD) as running:
        assert running.stdout
        first = Path(running.stdout.readline().strip())
        assert folders(tmp_path) == [first] != [left]
        with started(tmp_path, sys.executable, "-c", HOLD) as another:
            assert another.stdout
            second = Path(another.stdout.readline().strip())
            assert folders(tmp_path) == sorted([first, second])
            another.communicate("\n")
        assert folders(tmp_path) == [first]
        running.communicate("\n")
    assert not list(tmp_path.iterdir())
