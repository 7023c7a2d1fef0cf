"""Writing many rows: whole statements over rows, never objects, in chunks."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import Table

Values = Mapping[str, Any]
T = TypeVar("T")

ROWS_AT_ONCE = 1000
"""Enough for speed; more would hold up the event loop for longer than people notice."""


async def insert_rows(
    connection: AsyncConnection, table: type[Table], rows: Iterable[Values]
) -> None:
    """Insert rows that are not there yet."""
    for chunk in chunks(rows):
        await connection.execute(insert(table), chunk)


async def upsert_rows(
    connection: AsyncConnection, table: type[Table], rows: Iterable[Values]
) -> None:
    """Insert rows, or update those with the same key; what they do not name is left as it was."""
    for chunk in chunks(rows):
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table)
        key = statement.table.primary_key.columns
        new = {name: statement.excluded[name] for name in chunk[0] if name not in key}
        await connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=new), chunk
        )


def chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    """The rows, as many at a time as one statement should take."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, ROWS_AT_ONCE)):
        yield chunk
