"""Leases: exclusive for as long as the holder lives and renews, free soon after it died; and what
is to be done once: a lease that is not given back.

The clock is the database's, one for all who contend, and real time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from uuid import uuid4

import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.errors import LeaseLost, StoreError

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

log = structlog.get_logger(__name__)

_POLL_SECONDS = 0.2
_AT_IT_SECONDS = 60.0
"""How long something to be done once is left to a process that does not say that it was done."""
_DONE_SECONDS = 400 * 86_400.0
_LEFT_SECONDS = 86_400.0
"""How long a lease that ran out is left for its holder to renew."""
_RECORD_WAITS = (0.0, 0.5, 3.0)
"""Seconds before each try to record that it was done."""
_CLOCKS = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from clock_timestamp())::float8",
}


@asynccontextmanager
async def hold(
    look: Transaction, change: Transaction, name: str, holder: str, seconds: float
) -> AsyncIterator[None]:
    """Wait for the lease, and renew it until the block ends.

    Raises `LeaseLost`, in place of what the block was waiting for, once another has taken it over.
    """
    token = uuid4().hex
    while not await _take(look, change, name, holder, token, seconds):  # noqa: ASYNC110
        await asyncio.sleep(_POLL_SECONDS)
    scope = asyncio.timeout(None)
    try:
        async with scope:
            renewing = asyncio.create_task(_renew(change, token, seconds, scope))
            try:
                yield
            finally:
                renewing.cancel()
                await asyncio.gather(renewing, return_exceptions=True)
    except TimeoutError:
        if not scope.expired():
            raise
        raise LeaseLost(
            f"Another process took over {name} while {holder} was at it.",
            "Nothing to do, if this is rare: it is done again next time.",
        ) from None
    finally:
        with suppress(StoreError):  # it falls free by itself then
            await _release(change, token)


@asynccontextmanager
async def once(
    look: Transaction, change: Transaction, name: str, holder: str
) -> AsyncIterator[bool]:
    """See `bot.ports.Store.once`."""
    token = uuid4().hex
    if not await _take(look, change, name, holder, token, _AT_IT_SECONDS):
        yield False
        return
    try:
        yield True
    except Exception:
        with suppress(StoreError):  # it falls free by itself then
            await _release(change, token)
        raise
    await _record_done(change, token)


async def drop_ended(change: Transaction) -> None:
    """Let go of leases that ran out long ago; those of what was done among them. One that ran out
    just now may still be held: until another takes it, its holder can renew it."""
    async with change() as connection:
        statement = "DELETE FROM lease WHERE expires_at <= {clock} - :seconds"
        await connection.execute(_with_clock(connection, statement), {"seconds": _LEFT_SECONDS})


async def _record_done(change: Transaction, token: str) -> None:
    """It is done now: a database that is busy must not have it done again."""
    for wait in _RECORD_WAITS:
        await asyncio.sleep(wait)
        try:
            await _extend(change, token, _DONE_SECONDS)
        except StoreError as error:
            log.warning("store.done_not_recorded", error=type(error).__name__)
        else:
            return


async def _take(
    look: Transaction, change: Transaction, name: str, holder: str, token: str, seconds: float
) -> bool:
    async with look() as connection:  # to look costs no writer its turn
        query = "SELECT 1 FROM lease WHERE name = :name AND expires_at > {clock}"
        held = await connection.execute(_with_clock(connection, query), {"name": name})
        if held.first() is not None:
            return False
    async with change() as connection:
        statement = _with_clock(
            connection,
            "INSERT INTO lease (name, holder, token, expires_at)"
            " VALUES (:name, :holder, :token, {clock} + :seconds)"
            " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
            " token = excluded.token, expires_at = excluded.expires_at"
            " WHERE lease.expires_at <= {clock}",
        )
        taken = await connection.execute(
            statement, {"name": name, "holder": holder, "token": token, "seconds": seconds}
        )
        return taken.rowcount == 1


async def _renew(change: Transaction, token: str, seconds: float, scope: asyncio.Timeout) -> None:
    while True:
        await asyncio.sleep(seconds / 3)
        try:
            is_ours = await _extend(change, token, seconds)
        except StoreError:
            continue  # the block's own work will tell; until another takes it, it is still ours
        if not is_ours:
            scope.reschedule(0)
            return


async def _extend(change: Transaction, token: str, seconds: float) -> bool:
    async with change() as connection:
        statement = _with_clock(
            connection,
            "UPDATE lease SET expires_at = {clock} + :seconds WHERE token = :token",
        )
        extended = await connection.execute(statement, {"token": token, "seconds": seconds})
        return extended.rowcount == 1


async def _release(change: Transaction, token: str) -> None:
    async with change() as connection:
        await connection.execute(text("DELETE FROM lease WHERE token = :token"), {"token": token})


def _with_clock(connection: AsyncConnection, statement: str) -> TextClause:
    return text(statement.replace("{clock}", _CLOCKS[connection.dialect.name]))
