"""Write many rows by whole statements in chunks, without entities."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.models import Table

Values = Mapping[str, Any]
T = TypeVar("T")

ROWS_AT_ONCE = 1000
"""Enough for speed. More would block the event loop noticeably."""


async def insert_rows(
    connection: AsyncConnection, table: type[Table], rows: Iterable[Values]
) -> None:
    """Insert new rows."""
    for chunk in chunks(rows):
        await connection.execute(insert(table), chunk)


async def upsert_rows(
    connection: AsyncConnection, table: type[Table], rows: Iterable[Values]
) -> None:
    """Insert rows, or update those with the same key. Columns that aren't given stay."""
    for chunk in chunks(rows):
        statement = insert_or(connection, table)
        key = statement.table.primary_key.columns
        new = {name: statement.excluded[name] for name in chunk[0] if name not in key}
        await connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=new), chunk
        )


def insert_or(connection: AsyncConnection, table: type[Table]) -> Any:
    """Return an insert in the database's own dialect, which has `on_conflict_do_update`."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # 30 ms and 2 MiB that SQLite does without

    return postgresql.insert(table)


def chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    """Yield the rows in chunks of the size of one statement."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, ROWS_AT_ONCE)):
        yield chunk
