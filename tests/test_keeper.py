"""The PostgreSQL server of a test run ends with the run, however that ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.keeper import remove_leftovers, server_url

RUN = """
import time
from tests.keeper import Keeper, server_url
keeper = Keeper()
server_url(keeper.home)
print(keeper.home, keeper._process.pid, flush=True)
time.sleep(60)
"""


@contextmanager
def _run() -> Iterator[tuple[subprocess.Popen[str], Path, int, int]]:
    """A run that has its server: itself, the folder, its keeper and the server's process."""
    run = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    try:
        home, keeper = run.stdout.readline().split()
        postmaster = (Path(home) / "data" / "postmaster.pid").read_text().split()[0]
        yield run, Path(home), int(keeper), int(postmaster)
    finally:
        run.kill()
        run.communicate()


def _until_gone(home: Path, postmaster: int) -> None:
    until = time.monotonic() + 20
    while home.exists() or psutil.pid_exists(postmaster):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_server_and_no_folder(ending: signal.Signals) -> None:
    """The pipe that the run held open ends with it, and the keeper with the pipe."""
    with _run() as (run, home, _, postmaster):
        run.send_signal(ending)
        _until_gone(home, postmaster)


def test_the_next_run_removes_what_a_killed_keeper_left() -> None:
    """The server of a keeper that no longer exists is ended, and its folder removed."""
    with _run() as (_, home, keeper, postmaster):
        psutil.Process(keeper).kill()
        _until_gone_after_cleaning(home, postmaster)


def _until_gone_after_cleaning(home: Path, postmaster: int) -> None:
    until = time.monotonic() + 20
    while home.exists():
        assert time.monotonic() < until
        remove_leftovers()
    _until_gone(home, postmaster)


def test_a_keeper_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    """A test that asks it fails at once, and waits for nothing."""
    with pytest.raises(OSError, match="No such file"):
        server_url(tmp_path, patience=0.0)
