"""`DATABASE_URL`: which database is meant, and what to report if it can't be used. Also keeps the
SQLite file private, and notices if it is replaced."""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from bot.db.errors import DatabaseUnavailable

SMALLEST_ROOM = 1024 * 1024
"""Free bytes on the disk below which a database counts as full."""
_EXAMPLES = "such as sqlite:///aicost.db or postgresql://user:password@host/aicost"
_LONGEST_REASON = 4_000


class _Cause(NamedTuple):
    what: str
    """Follows the name of the database."""
    remedy: str
    may_recover: bool = False
    """It may recover without a change of settings."""


_REFUSALS = {
    "password authentication failed": _Cause(
        "rejects the user name or password", "Correct them in DATABASE_URL."
    ),
    "no password supplied": _Cause("needs a password", "Add it to DATABASE_URL."),
    "no pg_hba.conf entry": _Cause(
        "refuses connections from this machine, or requires TLS",
        "Allow them in pg_hba.conf, or add ?sslmode=require to DATABASE_URL.",
    ),
    "fatal:.*does not exist": _Cause(
        "doesn't exist, or its user doesn't", "Create it, or correct DATABASE_URL."
    ),
    "too many (clients|connections)|remaining connection slots": _Cause(
        "has no free connection",
        "Raise max_connections, or close other connections.",
        may_recover=True,
    ),
    "permission denied": _Cause(
        "doesn't allow this user to create or change tables",
        "Grant this user the right to create in the schema.",
    ),
    "file is not a database": _Cause(
        "is a file but not a database", "Move that file, or set DATABASE_URL to another one."
    ),
    "unable to open": _Cause(
        "can't be opened", "Create its directory, and allow this user to write there."
    ),
    "readonly": _Cause("can't be written", "Allow this user to write the file and its directory."),
    "database is locked": _Cause(
        "is locked by another process",
        "Stop that process. A SQLite file can be used from one machine only.",
        may_recover=True,
    ),
    "lock timeout": _Cause(
        "is locked by another process",
        "Find the session that locks it in pg_stat_activity, and end it.",
        may_recover=True,
    ),
    "statement timeout": _Cause(
        "takes too long to answer",
        "Check pg_stat_activity for what keeps it busy.",
        may_recover=True,
    ),
    "dis[ck] (is )?full|no space left on device": _Cause(
        "has no disk space left", "Free some disk space.", may_recover=True
    ),
    "disk i/o error": _Cause(
        "has a disk error", "Check the disk, its free space and its quotas.", may_recover=True
    ),
    "malformed": _Cause("is damaged", "Restore a backup, or start with an empty file."),
}
"""By text in the driver's error."""
_OTHERWISE = {
    "busy": _Cause("is overloaded", "Try again in a minute."),
    "writing": _Cause("is busy with an earlier change", "Try again in a minute."),
    "file": _Cause("can't be used", "Check the file and its disk."),
    "server": _Cause(
        "doesn't answer",
        "Check that it is running and reachable from here, and that DATABASE_URL is right.",
        may_recover=True,
    ),
    "gone": _Cause(
        "was deleted or replaced while aicost was using it",
        "Stop aicost, restore the file or a backup, then start it.",
    ),
}


def parse(url: str) -> URL:
    """Parse a URL with or without a driver. Raises `DatabaseUnavailable` if it is invalid."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseUnavailable(
            "DATABASE_URL isn't the URL of a database.", f"Set it to one {_EXAMPLES}."
        ) from None
    backend = parsed.drivername.partition("+")[0]
    if backend in ("postgres", "postgresql"):
        _refuse_unescaped(url, parsed)
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseUnavailable(
            f"DATABASE_URL uses {backend}, which isn't supported.", f"Set it to one {_EXAMPLES}."
        )
    if parsed.database in (None, "", ":memory:"):
        raise DatabaseUnavailable(
            "DATABASE_URL is an in-memory database, which loses all data at exit.",
            "Use a file: sqlite:///aicost.db",
        )
    return parsed.set(drivername="sqlite")


def _refuse_unescaped(url: str, parsed: URL) -> None:
    """Raise `DatabaseUnavailable` if it is unclear which @ ends the password: a part of it would be
    shown as the host."""
    marks = url.count("@")
    if marks > 1 or (marks == 1 and parsed.username is None):
        raise DatabaseUnavailable(
            "DATABASE_URL has a reserved character in its user name or password.",
            "Escape it: @ is %40, / is %2F, : is %3A, # is %23, ? is %3F, % is %25.",
        )


def for_asyncio(url: URL) -> URL:
    """Return the URL with a driver for asyncio; psycopg works both ways."""
    return url.set(drivername="sqlite+aiosqlite") if is_sqlite(url) else url


def unopenable(url: URL) -> DatabaseUnavailable:
    """Return the error: it doesn't exist and can't be created."""
    return _error(url, "unable to open")


def gone(url: URL) -> DatabaseUnavailable:
    """Return the error: its file was replaced."""
    return _error(url, "gone")


def full(url: URL) -> DatabaseUnavailable:
    """Return the error: its disk is full."""
    return _error(url, next(each for each in _REFUSALS if "full" in each))


def held(url: URL) -> DatabaseUnavailable:
    """Return the error: another process is writing and doesn't finish."""
    return _error(url, "database is locked")


def too_busy(url: URL, *, writing: bool) -> DatabaseUnavailable:
    """Return the error: no connection, or no turn to write, became free in time."""
    return _error(url, "writing" if writing else "busy", is_passing=True)


def is_sqlite(url: URL) -> bool:
    """Return True for a file on this machine."""
    return url.get_backend_name() == "sqlite"


def describe(url: URL) -> str:
    """Return a description without user and password."""
    if is_sqlite(url):
        return f"The SQLite database {Path(url.database or '').absolute()}"
    where = url.host or url.query.get("host") or "this machine"
    port = f":{url.port}" if url.port else ""
    return f"The PostgreSQL database {url.database or ''} at {where}{port}"


def explain(url: URL, error: DBAPIError) -> DatabaseUnavailable | None:
    """Return what a driver's error means to the person who runs the bot. None if it is about a
    statement, not about the database."""
    reason = str(error.orig)[:_LONGEST_REASON].lower()
    if re.search("no such (table|column)|syntax error", reason):
        return None
    path = path_of(url)
    if path is not None and re.search("unable to open|disk i/o error", reason):
        reason = "disk is full" if is_out_of_room(path) else reason
    pattern = next((each for each in _REFUSALS if re.search(each, reason)), None)
    if pattern is not None:
        return _error(url, pattern)
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    return _error(url, "file" if is_sqlite(url) else "server")


def _error(url: URL, pattern: str, *, is_passing: bool = False) -> DatabaseUnavailable:
    what, remedy, may_recover = (_REFUSALS | _OTHERWISE)[pattern]
    error = DatabaseUnavailable(f"{describe(url)} {what}.", remedy, what, is_passing=is_passing)
    error.may_recover = is_passing or may_recover
    return error


def path_of(url: URL) -> Path | None:
    """Return the file of a SQLite database; None for PostgreSQL."""
    if url.get_backend_name() != "sqlite":
        return None
    name = url.database or ""
    return Path(unquote(urlsplit(name).path) if name.startswith("file:") else name).absolute()


POSTS = "-posts"
"""End of the name of the file that `Database.posts_mark` gives."""


def make_private(path: Path) -> None:
    """Create the file if needed, readable and writable by its owner only. SQLite's other files get
    the same mode. If that fails, SQLite reports why."""
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def is_empty(path: Path) -> bool:
    """Return True if the file is missing or empty."""
    try:
        return path.stat().st_size == 0
    except OSError:
        return True


def is_open_to_others(path: Path) -> bool:
    """Return True if every user of this machine can read the file."""
    try:
        return bool(path.stat().st_mode & 0o007)
    except OSError:
        return False


def is_out_of_room(path: Path) -> bool:
    """Return True if the file's disk is nearly full."""
    try:
        return shutil.disk_usage(path.parent).free < SMALLEST_ROOM
    except OSError:
        return False
