"""Notice that a dump was loaded into a PostgreSQL database.

One row of the table of leases has the number of the transaction that wrote it, and that of its
table. PostgreSQL knows both by itself (`xmin`, `tableoid`). VACUUM, also with FULL or FREEZE, and
pg_upgrade keep them. Loading a dump writes the row again, by another transaction, and mostly into
another table. A physical copy, such as a snapshot of a volume, keeps them too: it looks like
its original.

A migration that rewrites the table, or a move of the rows by logical replication, looks like a
dump: such a migration deletes the row.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_NAME = "written here"
_LASTS = 100 * 366 * 86_400.0
"""Seconds. The row is never an ended lease."""
_FIND = "SELECT token <> xmin::text || ' ' || tableoid::text FROM lease WHERE name = :name"
_WRITE = (
    "INSERT INTO lease (name, holder, token, expires_at) VALUES (:name, '',"
    " pg_current_xact_id()::xid::text || ' ' || 'lease'::regclass::oid::text,"
    " extract(epoch from clock_timestamp())::float8 + :lasts)"
    " ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at"
)


async def is_loaded(connection: AsyncConnection) -> bool:
    """Return True if the row was loaded from a dump. False on SQLite, and before `write`."""
    if connection.dialect.name != "postgresql":
        return False
    return bool(await connection.scalar(text(_FIND), {"name": _NAME}))


async def write(connection: AsyncConnection) -> None:
    """Write the row, so that `is_loaded` is False from now on. Call it outside a savepoint, which
    has a number of its own."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(_WRITE), {"name": _NAME, "lasts": _LASTS})
