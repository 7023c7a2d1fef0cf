"""Faults of the database that a test brings about."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

MOST_PAGES = 2**32 - 2
"""SQLite's own limit."""
_full: list[None] = []
"""Holds one item while SQLite files can't grow."""


@contextmanager
def without_room() -> Iterator[None]:
    """SQLite files can't grow while the block lasts: what needs more is refused, as on a full disk,
    and SQLite undoes the transaction."""
    _full.append(None)
    try:
        yield
    finally:
        _full.pop()


@event.listens_for(Pool, "checkout")
def _limit(connection: Any, record: Any, _proxy: object) -> None:
    """A connection that was limited keeps that in its pool, so it is lifted at its next use."""
    if not _full and not record.info.pop("limited", False):
        return
    cursor = connection.cursor()
    pages = MOST_PAGES
    if _full:
        record.info["limited"] = True
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    cursor.execute(f"PRAGMA max_page_count = {pages}")
    cursor.close()


async def fill(path: Path) -> None:
    """Add leases that ended until not one more has room in the pages that the file has."""
    async with aiosqlite.connect(path, isolation_level=None) as file:
        [[pages]] = await file.execute_fetchall("PRAGMA page_count")
        await file.execute(f"PRAGMA max_page_count = {pages}")
        for size in (1000, 10, 1):
            with pytest.raises(aiosqlite.OperationalError, match="full"):
                await _add_leases(file, size)


async def _add_leases(file: aiosqlite.Connection, size: int) -> None:
    for number in count():
        row = (f"{size} {number}", "x" * size)
        await file.execute("INSERT INTO lease VALUES (?, ?, '', 0)", row)
