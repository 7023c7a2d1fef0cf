"""Interrupt `make test` at random moments, and check that nothing is left of it.

    .venv/bin/python -m tests.interrupt [--times N] [--longest SECONDS]

Ctrl-C at a terminal is SIGINT to the whole process group. SIGKILL is sent to `make`, or to the run.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.keeper import PREFIX, processes_of

ROOT = Path(__file__).parents[1]
LONGEST_CLEANING = 120.0


def _interrupt(make: psutil.Process) -> None:
    os.killpg(make.pid, signal.SIGINT)


def _kill_make(make: psutil.Process) -> None:
    make.kill()


def _kill_run(make: psutil.Process) -> None:
    for child in make.children():
        child.kill()


ENDS: tuple[Callable[[psutil.Process], None], ...] = (_interrupt, _kill_make, _kill_run)


def _left(group: int, folder: Path, home: Path | None) -> list[object]:
    """What there still is of a run: processes of its group or its folder, and files."""
    processes = [process for process in psutil.process_iter() if _is_of(process, group)]
    return [*processes, *(processes_of(home) if home else []), *folder.iterdir()]


def _is_of(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.NoSuchProcess):
        return False


def main() -> None:
    """Interrupt runs, and say what was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--longest", type=float, default=60.0, help="seconds until the signal")
    given = parser.parse_args()
    # A shell starts what runs in the background with SIGINT ignored, and so would be each run here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    failed = False
    for number in range(given.times):
        end, after = ENDS[number % len(ENDS)], random.uniform(0, given.longest)
        with tempfile.TemporaryDirectory(prefix="aicost-interrupt-") as temporary:
            folder = Path(temporary)
            with subprocess.Popen(
                ["make", "test"],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": temporary},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ) as make:
                time.sleep(after)
                home = next(folder.glob(f"{PREFIX}*"), None)
                running = len(processes_of(home)) if home else 0
                end(psutil.Process(make.pid))
                until = time.monotonic() + LONGEST_CLEANING
                while (left := _left(make.pid, folder, home)) and time.monotonic() < until:
                    make.poll()
                    time.sleep(0.1)
                cleaned = LONGEST_CLEANING - (until - time.monotonic())
        failed = failed or bool(left)
        sys.stdout.write(
            f"{end.__name__[1:]} after {after:.1f} s, with {running} processes:"
            f" {f'left {left}' if left else f'nothing left after {cleaned:.1f} s'}\n"
        )
        sys.stdout.flush()
    sys.exit(failed)


if __name__ == "__main__":
    main()
