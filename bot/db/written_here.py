"""Notice that a PostgreSQL database was put back: from a dump, or by a recovery to a point in time.

One row of the table of leases has three numbers: of the transaction that wrote it, of its table,
and of the server's timeline. PostgreSQL knows the first two of each row by itself (`xmin`,
`tableoid`). VACUUM, also with FULL or FREEZE, and pg_upgrade keep them. Loading a dump writes the
row again, by another transaction, and mostly into another table. A recovery from archived logs
begins a timeline with a higher number, and so does a standby that is promoted. pg_upgrade begins
with 1 again, so a lower number is no recovery.

Any other physical copy, such as a snapshot of a volume, looks like its original. A migration that
rewrites the table, or a move of the rows by logical replication, looks like a dump: such a
migration deletes the row.
"""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

_NAME = "written here"
_LASTS = 100 * 366 * 86_400.0
"""Seconds. The row is never an ended lease."""
_TIMELINE = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)"
_FIND = (
    "SELECT split_part(token, ' ', 3) AS timeline, token NOT LIKE xmin || ' ' || tableoid || ' %'"
    " AS is_loaded FROM lease WHERE name = :name"
)
_WRITE = (
    "INSERT INTO lease (name, holder, token, expires_at) VALUES (:name, '',"
    " pg_current_xact_id()::xid || ' ' || 'lease'::regclass::oid || ' ' || :timeline,"
    " extract(epoch from clock_timestamp())::float8 + :lasts)"
    " ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at"
)


async def is_put_back(connection: AsyncConnection) -> bool:
    """Return True if the row was loaded from a dump, or the server is on a later timeline. False on
    SQLite, and before `write`."""
    is_loaded, before, now = await _compared(connection)
    return is_loaded or (before != "" and now > before)


async def is_on_another_timeline(connection: AsyncConnection) -> bool:
    """Return True if only the server's timeline is another, earlier or later."""
    is_loaded, before, now = await _compared(connection)
    return not is_loaded and "" not in (before, now) and before != now


async def timeline(connection: AsyncConnection) -> str:
    """Return the server's timeline, in eight hexadecimal digits; empty on SQLite, and where the
    server doesn't say, as some services don't. After that, the transaction is in a savepoint:
    nothing but this may use it."""
    if connection.dialect.name != "postgresql":
        return ""
    try:
        async with connection.begin_nested():
            return str(await connection.scalar(text(_TIMELINE)))
    except DBAPIError:
        return ""


async def write(connection: AsyncConnection, timeline: str) -> None:
    """Write the row, so that `is_put_back` is False from now on. Call it outside a savepoint, whose
    number isn't that of its transaction."""
    if connection.dialect.name == "postgresql":
        row = {"name": _NAME, "lasts": _LASTS, "timeline": timeline}
        await connection.execute(text(_WRITE), row)


async def _compared(connection: AsyncConnection) -> tuple[bool, str, str]:
    """Return whether the row was loaded from a dump, and the timeline as it was written and now."""
    if connection.dialect.name != "postgresql":
        return False, "", ""
    found = (await connection.execute(text(_FIND), {"name": _NAME})).first()
    if found is None:
        return False, "", ""
    return found.is_loaded, found.timeline, await timeline(connection)
