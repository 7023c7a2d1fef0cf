"""The demo's temporary folder, which is removed when the demo ends, however it ends."""

import atexit
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp

PREFIX = "aicost-demo-"
LOCK = "in-use.lock"
"""Held by the demo that uses the folder. The system frees it when that process ends."""


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder that is removed at the end. First remove what killed demos have left."""
    for left in Path(gettempdir()).glob(f"{PREFIX}*"):
        if (lock := _lock(left, os.O_RDWR)) is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)
    folder, lock = _new_folder()
    # once more at exit: a thread of what was interrupted may write for a moment longer
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _new_folder() -> tuple[Path, int]:
    while True:
        folder = Path(mkdtemp(prefix=PREFIX))
        lock = _lock(folder, os.O_RDWR | os.O_CREAT)
        if lock is not None:
            return folder, lock
        # another demo, just starting, found the lock's file before it was locked: it removes it


def _lock(folder: Path, flags: int) -> int | None:
    """Return the descriptor that holds the folder's lock; None if another process holds it, or if
    there is nothing to lock."""
    try:
        lock = os.open(folder / LOCK, flags | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_there = os.path.samestat(os.fstat(lock), (folder / LOCK).stat())
    except OSError:
        is_there = False
    if not is_there:
        os.close(lock)
        return None
    return lock
