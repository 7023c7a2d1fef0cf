"""The SQLite file: for its owner's eyes alone, and the same one for as long as it is open."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL

SMALLEST_ROOM = 1024 * 1024
"""Bytes free on the disk below which a database is as good as full."""


def path_of(url: URL) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL."""
    if url.get_backend_name() != "sqlite":
        return None
    name = url.database or ""
    return Path(unquote(urlsplit(name).path) if name.startswith("file:") else name).absolute()


def make_private(path: Path) -> None:
    """Create the file if there is none, readable and writable by this user alone. SQLite gives its
    other files the same mode. Where that can't be done, SQLite says why."""
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def is_empty(path: Path) -> bool:
    """Whether there is no file, or nothing in it."""
    try:
        return path.stat().st_size == 0
    except OSError:
        return True


def identity(path: Path) -> tuple[int, int] | None:
    """Return what distinguishes a file from another of the same name; None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_open_to_others(path: Path) -> bool:
    """Whether every user of this machine may read the file."""
    try:
        return bool(path.stat().st_mode & 0o007)
    except OSError:
        return False


def is_out_of_room(path: Path) -> bool:
    """Whether the file's disk is as good as full."""
    try:
        return shutil.disk_usage(path.parent).free < SMALLEST_ROOM
    except OSError:
        return False
