"""A run of the tests leaves no process, no socket and no folder, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.keeper import processes_of, remove_leftovers, server_url

INTERRUPTED = """
import os, subprocess, tempfile, time
from pathlib import Path

def test_interrupted(postgres_server, tmp_path):
    tempfile.mkdtemp()
    subprocess.Popen(["sleep", "600"])
    subprocess.Popen(["sleep", "600"], cwd=tmp_path, env={{"PATH": "/usr/bin:/bin"}})
    Path({ready!r}).write_text(os.environ["AICOST_TEST_RUN"])
    time.sleep(600)
"""


@contextmanager
def _run(folder: Path, temporary: Path) -> Iterator[tuple[psutil.Process, Path]]:
    """A run as `make` starts it, in the middle of its test: `make`, and the run's folder."""
    ready, test = folder / "ready", folder / "test_interrupted.py"
    test.write_text(INTERRUPTED.format(ready=str(ready)))
    command = [sys.executable, "-m", "pytest", "-n1", "-p", "tests.conftest", str(test)]
    shell = f"export AICOST_MAKE=$$; {' '.join(command)} --rootdir {folder}; true"
    with subprocess.Popen(
        ["sh", "-c", shell],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # A run in the background of a script ignores Ctrl-C, and so would this one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as make:
        try:
            _until(lambda: ready.exists() and ready.read_text() != "")
            yield psutil.Process(make.pid), Path(ready.read_text())
        finally:
            for process in psutil.Process(make.pid).children(recursive=True):
                process.kill()
            make.kill()


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _interrupt(make: psutil.Process) -> None:
    """As Ctrl-C at a terminal does, which every process of the group receives."""
    os.killpg(make.pid, signal.SIGINT)


def _kill(make: psutil.Process) -> None:
    (run,) = make.children()
    run.kill()


def _kill_make(make: psutil.Process) -> None:
    make.kill()


def _kill_keeper(make: psutil.Process) -> None:
    """The next run then does the keeper's work."""
    (run,) = make.children()
    (keeper,) = (child for child in run.children() if "keeper.py" in " ".join(child.cmdline()))
    keeper.kill()
    _until(lambda: keeper.status() == psutil.STATUS_ZOMBIE)
    run.kill()
    remove_leftovers()


@pytest.mark.slow
@pytest.mark.parametrize(
    "end",
    [_kill, _interrupt, _kill_make, _kill_keeper],
)
def test_nothing_is_left_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: Callable[[psutil.Process], None]
) -> None:
    """Its server, what its tests started and its folder are gone, and the temporary folder that it
    was started with is empty."""
    temporary = Path(tempfile.mkdtemp())  # a short path: sockets have no long ones
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with _run(tmp_path, temporary) as (make, home):
        started = processes_of(home)
        assert {"postgres", "sleep"} <= {process.name() for process in started}
        assert [process.name() for process in started].count("sleep") == 2
        end(make)
        _until(lambda: not home.exists())
        assert not [process for process in started if process.is_running()]
        assert list(temporary.iterdir()) == []


def test_a_keeper_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    """A test that asks it fails at once, and waits for nothing."""
    with pytest.raises(OSError, match="No such file"):
        server_url(tmp_path, patience=0.0)
