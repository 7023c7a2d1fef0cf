"""Backups: one SQLite file with everything in a database of either kind, and back.

These functions block, and raise `DatabaseUnavailable`.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Integer, func, insert, select, text
from sqlalchemy import Table as CoreTable

from bot.db.address import POSTS, describe, make_private, parse, path_of
from bot.db.errors import DatabaseUnavailable
from bot.db.models import Lease, Table
from bot.db.schema import exclusive, head_revision, is_outdated, missing, read_only, upgrade

_ROWS_AT_ONCE = 1000


def save(url: str, file: Path) -> int:
    """Write the database's current state to a new file, all or nothing; return its size in bytes.
    Bots may run meanwhile. Nothing in the database changes."""
    source = parse(url)
    if (nothing := missing(url)) is not None:
        raise DatabaseUnavailable(nothing, "There is nothing to back up.")
    path = path_of(source)
    if is_outdated(url) and path is None:
        raise DatabaseUnavailable(
            f"{describe(source)} has the tables of an earlier version of aicost.",
            "Save it with that version or with pg_dump, or run `aicost db upgrade` first.",
        )
    with _new(file) as partial:
        if path is not None:
            _copy_file(path, partial)
        else:
            copied = f"sqlite:///{partial}"
            upgrade(copied)
            with read_only(source) as rows, exclusive(parse(copied)) as into:
                rows.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                _copy_rows(rows, into)
        return partial.stat().st_size


def stage(file: Path, staged: Path) -> str:
    """Copy a backup to `staged`, migrate it to this version's schema, and return its URL. Leases
    and claims in it are released."""
    url = f"sqlite:///{staged.absolute()}"
    make_private(staged)
    _copy_file(file, staged)
    if missing(url) is not None:
        raise _not_a_backup(file)
    upgrade(url)
    with exclusive(parse(url)) as connection:
        connection.execute(text("DELETE FROM lease WHERE token NOT LIKE 'done %'"))
    return url


def put_in_place(staged: Path, url: str, *, replacing: bool) -> None:
    """Make the staged copy the database of that URL. It must be new; with `replacing`, its content
    is lost. A failure changes nothing."""
    target = parse(url)
    with closing(sqlite3.connect(staged)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # with what its log holds
    if (path := path_of(target)) is not None:
        for other in ("-wal", "-shm", POSTS):  # of the file that is replaced
            path.with_name(path.name + other).unlink(missing_ok=True)
        staged.replace(path)
        return
    upgrade(url)
    with read_only(parse(f"sqlite:///{staged}")) as rows, exclusive(target) as into:
        if replacing:
            for table in reversed(Table.metadata.sorted_tables):
                into.execute(table.delete())
        _copy_rows(rows, into)
        for table in Table.metadata.sorted_tables:
            _continue_numbers(into, table)


@contextmanager
def _new(file: Path) -> Iterator[Path]:
    """Yield a path next to the file, which becomes the file when the block succeeds."""
    if file.exists():
        raise DatabaseUnavailable(f"{file} already exists.", "Use a new file name.")
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        make_private(partial)
        if not partial.exists():
            raise DatabaseUnavailable(
                f"{file} can't be written.", "Use a file in a folder that you may write to."
            )
        yield partial
        os.link(partial, file)  # fails where the file came about meanwhile
    except FileExistsError:
        raise DatabaseUnavailable(f"{file} already exists.", "Use a new file name.") from None
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            partial.with_name(partial.name + end).unlink(missing_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    """Copy a SQLite database at one moment, including its write-ahead log."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as write,
        ):
            read.backup(write)
            write.execute("PRAGMA journal_mode=DELETE")  # one file, not three
            [(found,)] = write.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise _not_a_backup(source, str(error)) from None
    if found != "ok":
        raise _not_a_backup(source, found)


def _copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of every table."""
    _check_revision(source)
    for table in Table.metadata.sorted_tables:
        fields = [column.label(column.key) for column in table.columns]
        query = select(*fields).order_by(*table.primary_key.columns)
        if table.name == Lease.__tablename__:
            query = query.where(table.c.token.startswith("done "))
        result = source.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
        for rows in result.mappings().partitions(_ROWS_AT_ONCE):
            target.execute(insert(table), [dict(row) for row in rows])


def _check_revision(connection: Connection) -> None:
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found != head_revision():
        raise RuntimeError(f"rows of revision {found} can't be copied by {head_revision()}")


def _continue_numbers(connection: Connection, table: CoreTable) -> None:
    """Set PostgreSQL's sequences after the copied rows."""
    [*keys] = table.primary_key.columns
    if len(keys) != 1 or not isinstance(keys[0].type, Integer):
        return
    sequence = connection.execute(
        select(func.pg_get_serial_sequence(f'"{table.name}"', keys[0].name))
    ).scalar()
    highest = connection.execute(select(func.max(keys[0]))).scalar()
    if sequence is not None and highest is not None:
        connection.execute(select(func.setval(sequence, highest)))


def _not_a_backup(file: Path, why: str = "") -> DatabaseUnavailable:
    reason = f" ({why})" if why else ""
    return DatabaseUnavailable(
        f"{file} isn't a readable backup of aicost{reason}.",
        "Use a file from `aicost backup`, or a copy of an aicost SQLite database.",
    )
