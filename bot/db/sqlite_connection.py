"""SQLite for asyncio: one trip to a connection's thread for each statement.

aiosqlite makes four: for a cursor, the statement, its rows, and to close it. Each trip takes longer
than most of our statements.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import aiosqlite

_READ_AT_ONCE = 1000
"""Rows: almost every answer is shorter. What is left is read when it is asked for."""


def connect(path: str, **options: Any) -> "SqliteConnection":
    """Return a connection that opens when it is awaited. Options as of `sqlite3.connect`."""
    return SqliteConnection(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)


class SqliteConnection(aiosqlite.Connection):
    """A connection whose cursors read rows as they execute."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._thread.daemon = True  # as SQLAlchemy does: one that is left must not hold up the exit

    def cursor(self) -> "SqliteCursor":  # type: ignore[override]
        """Return a cursor: making one is no work for SQLite."""
        return SqliteCursor(self, self._conn.cursor())


class SqliteCursor(aiosqlite.Cursor):
    """A cursor that has read rows when `execute` returns."""

    def __init__(self, connection: SqliteConnection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._read: list[Any] = []
        self._is_done = False
        """The statement has ended, and all its rows are here."""

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "SqliteCursor":
        """Execute a statement and read its first rows."""
        self._is_done = False
        await self._execute(self._run, sql, tuple(parameters or ()))  # type: ignore[no-untyped-call]
        return self

    async def fetchall(self) -> Sequence[Any]:
        """Return all rows."""
        read, self._read = self._read, []
        return read if self._is_done else [*read, *await super().fetchall()]

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """Return the next rows, at most `size`."""
        if not self._read:
            return [] if self._is_done else [*await super().fetchmany(size)]
        size = size or self.arraysize
        rows, self._read = self._read[:size], self._read[size:]
        return rows

    async def fetchone(self) -> Any:
        """Return the next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def close(self) -> None:
        """Close the cursor. A statement that ended leaves SQLite nothing to close."""
        if not self._is_done:
            await super().close()

    def _run(self, sql: str, parameters: tuple[Any, ...]) -> None:
        self._cursor.execute(sql, parameters)
        self._read = self._cursor.fetchmany(_READ_AT_ONCE) if self._cursor.description else []
        self._is_done = len(self._read) < _READ_AT_ONCE
