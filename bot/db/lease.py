"""Leases: exclusive while the holder renews them, and free soon after it died. Also claims for work
that is done only once, which are never released.

No lease is taken over because of a wall clock, which may have been set. A holder is dead if its
process is gone from this machine, or if waiting processes have seen the lease unchanged for its
whole length, by their own monotonic clocks.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config.intervals import Intervals
from bot.db import written_here
from bot.db.errors import DatabaseUnavailable, LeaseLost
from bot.processes import is_gone, worker_text

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
OnWait = Callable[[str | None], None]
"""Called with the current holder when a wait begins, and with None when it ends."""

log = structlog.get_logger(__name__)

_ALIVE = "alive:"
"""Prefix of leases of running processes."""
_POSTS_HELD = "posts held"
"""Name of a lease that stands while posts are held. Its token is the time at which the records end;
it expires 400 days after the hold began."""
_REMOVED_AT_STOP = "removed at a stop: "
"""Prefix of the token of heartbeats that don't outlive a later stop. Earlier versions removed only
their own: one that was left may be of any age."""
_AT_IT_SECONDS = 60.0
"""Seconds for which work that is done once is left to a process that doesn't report its end."""
_DONE = "done "
"""Prefix of the token of finished work: it is not repeated, even if the clock was changed."""
_DONE_SECONDS = 400 * 86_400.0
"""How long finished work is remembered."""
_LEFT_SECONDS = 86_400.0
"""Seconds for which the holder may still renew an expired lease."""
_CLOCKS = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from clock_timestamp())::float8",
}


@dataclass(frozen=True, slots=True)
class _Held:
    """A lease as it was read. Each renewal changes `expires_at`."""

    holder: str
    token: str
    expires_at: float
    seconds_left: float
    """By the database's clock."""


class Leases:
    """Mutual exclusion between processes. `read` and `change` begin a transaction that reads, or
    that has one statement."""

    def __init__(self, read: Transaction, change: Transaction, intervals: Intervals) -> None:
        self._read, self._change, self._intervals = read, change, intervals

    @asynccontextmanager
    async def hold(
        self, name: str, holder: str, seconds: float, on_wait: OnWait | None = None
    ) -> AsyncIterator[None]:
        """Wait for the lease, and renew it until the block ends.

        If the holder dies, it becomes free: at once if that is noticed, otherwise after `seconds`.
        On SQLite, no transaction may take as long as `seconds`, because nothing can be renewed
        meanwhile. Raises `LeaseLost` inside the block if another process has taken it over.
        """
        token = uuid4().hex
        await self._wait_for(name, holder, token, seconds, on_wait)
        scope = asyncio.timeout(None)
        try:
            async with scope:
                renewing = asyncio.create_task(self._renew(token, seconds, scope))
                try:
                    yield
                finally:
                    renewing.cancel()
                    await asyncio.gather(renewing, return_exceptions=True)
        except TimeoutError:
            if not scope.expired():
                raise
            raise LeaseLost(
                f"Another process took over {name} from {worker_text(holder)}.",
                "No action needed if this is rare: it runs again next time.",
            ) from None
        finally:
            with suppress(DatabaseUnavailable):  # it falls free by itself then
                await self._release(token)

    @asynccontextmanager
    async def once(self, name: str, holder: str) -> AsyncIterator[bool]:
        """Yield True to exactly one caller per name, across processes and restarts, for 400 days.

        If the block raises, or its process is seen to be gone, the next caller gets True at once.
        If its process died elsewhere, the next caller gets True after a minute, and the work may
        have been done before.
        """
        waits = self._intervals.record
        token = uuid4().hex
        held = await self._find(name)
        is_free = held is None or _is_abandoned(held)
        if not is_free or not await self._take(name, holder, token, _AT_IT_SECONDS, held):
            yield False
            return
        try:
            yield True
        except Exception:
            await _record(lambda: self._release(token), waits)
            raise
        await _record(lambda: self._extend(token, _DONE_SECONDS, _DONE + token), waits)

    async def report_alive(self, holder: str, seconds: float) -> None:
        """Record that this process is running, with a lease of its own that nobody waits for."""
        async with self._change() as connection:
            statement = _with_clock(
                connection,
                "INSERT INTO lease (name, holder, token, expires_at)"
                " VALUES (:name, :holder, :token, {clock} + :seconds)"
                " ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at",
            )
            row = {"name": _ALIVE + holder, "holder": holder, "seconds": seconds}
            await connection.execute(statement, {**row, "token": _REMOVED_AT_STOP + holder})

    async def report_gone(self, holder: str) -> None:
        """Record that this process ends, and forget those that were killed before."""
        async with self._change() as connection:
            await _forget(connection, _ALIVE + holder)

    async def were_put_back(self) -> bool:
        """Return True if the rows were loaded from a dump of PostgreSQL, or its server recovered to
        a point in time, since `hold_posts` or `release_posts` was called."""
        async with self._read() as connection:
            return await written_here.is_put_back(connection)

    async def follow_timeline(self) -> None:
        """Let `were_put_back` be False although a standby took over while this process runs."""
        async with self._read() as connection:
            if not await written_here.is_on_another_timeline(connection):
                return
        timeline = await self._timeline()
        async with self._change() as connection:
            await written_here.write(connection, timeline)

    async def hold_posts(
        self, seconds: float, holder: str, since: float | None = None
    ) -> float | None:
        """Return when the records end if posts are held, in seconds since the epoch: at `since`, or
        at the end of the newest heartbeat, if that is more than `seconds` ago and its process never
        reported its end. They stay held until `release_posts`; a second heartbeat that ended begins
        the hold again. Call it before the first heartbeat."""
        timeline = await self._timeline()
        async with self._change() as connection:
            query = (
                "SELECT max(expires_at) AS newest, {clock} AS now FROM lease"
                " WHERE name LIKE :alive AND token LIKE :token"
            )
            found = await connection.execute(
                _with_clock(connection, query),
                {"alive": f"{_ALIVE}%", "token": f"{_REMOVED_AT_STOP}%"},
            )
            newest, now = found.one()
            has_ended = newest is not None and now - newest > seconds
            if has_ended and since is None:
                since = newest
            if since is not None:
                statement = (
                    "INSERT INTO lease (name, holder, token, expires_at)"
                    " VALUES (:name, :holder, :token, :until)"
                    " ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at"
                    " WHERE :has_ended"
                )
                row = {"name": _POSTS_HELD, "holder": holder, "token": str(since)}
                await connection.execute(
                    text(statement), {**row, "until": now + _DONE_SECONDS, "has_ended": has_ended}
                )
            await _forget(connection, _ALIVE + holder)
            await written_here.write(connection, timeline)
        held = await self._find(_POSTS_HELD)
        return None if held is None else float(held.token)

    async def posts_held_for(self) -> float | None:
        """Return how many seconds ago the hold of posts began, by the database's clock; None if
        they are released."""
        held = await self._find(_POSTS_HELD)
        return None if held is None else max(0.0, _DONE_SECONDS - held.seconds_left)

    async def release_posts(self) -> None:
        """Hold posts no longer."""
        timeline = await self._timeline()
        async with self._change() as connection:
            await _forget(connection, _POSTS_HELD)
            await written_here.write(connection, timeline)

    async def count_alive(self) -> int:
        """Return how many processes are running, according to their leases."""
        async with self._read() as connection:
            query = "SELECT count(*) FROM lease WHERE name LIKE :alive AND expires_at > {clock}"
            found = await connection.execute(
                _with_clock(connection, query), {"alive": f"{_ALIVE}%"}
            )
            return int(found.scalar_one())

    async def drop_ended(self) -> None:
        """Delete leases that expired long ago, including those of finished work. One that just
        expired may still be renewed until another process takes it."""
        async with self._change() as connection:
            statement = "DELETE FROM lease WHERE expires_at <= {clock} - :seconds"
            await connection.execute(_with_clock(connection, statement), {"seconds": _LEFT_SECONDS})

    async def _timeline(self) -> str:
        async with self._read() as connection:
            return await written_here.timeline(connection)

    async def _wait_for(
        self, name: str, holder: str, token: str, seconds: float, on_wait: OnWait | None
    ) -> None:
        seen: _Held | None = None
        since = time.monotonic()
        try:
            while True:
                held = await self._find(name)
                if held is None or seen is None or held.expires_at != seen.expires_at:
                    seen, since = held, time.monotonic()
                if held is None or _is_dead(held, time.monotonic() - since, seconds):
                    if await self._take(name, holder, token, seconds, held):
                        return
                elif on_wait is not None:
                    on_wait(held.holder)
                await asyncio.sleep(self._intervals.lease_poll)
        finally:
            if on_wait is not None:
                on_wait(None)

    async def _find(self, name: str) -> _Held | None:
        async with self._read() as connection:  # reading costs no writer its turn
            query = (
                "SELECT holder, token, expires_at, expires_at - {clock} AS seconds_left"
                " FROM lease WHERE name = :name"
            )
            row = (await connection.execute(_with_clock(connection, query), {"name": name})).first()
            return None if row is None else _Held(*row)

    async def _take(
        self, name: str, holder: str, token: str, seconds: float, held: _Held | None
    ) -> bool:
        """Take the lease if it is unchanged: as in `held`, or free. Return True on success."""
        async with self._change() as connection:
            statement = _with_clock(
                connection,
                "INSERT INTO lease (name, holder, token, expires_at)"
                " VALUES (:name, :holder, :token, {clock} + :seconds)"
                " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
                " token = excluded.token, expires_at = excluded.expires_at"
                " WHERE lease.token = :seen_token AND lease.expires_at = :seen_expires_at",
            )
            values = {
                "name": name,
                "holder": holder,
                "token": token,
                "seconds": seconds,
                "seen_token": "" if held is None else held.token,
                "seen_expires_at": 0.0 if held is None else held.expires_at,
            }
            return (await connection.execute(statement, values)).rowcount == 1

    async def _renew(self, token: str, seconds: float, scope: asyncio.Timeout) -> None:
        while True:
            await asyncio.sleep(seconds / 3)
            try:
                is_ours = await self._extend(token, seconds)
            except DatabaseUnavailable:
                continue  # the block's own work will fail; until another takes it, it is still ours
            if not is_ours:
                scope.reschedule(0)
                return

    async def _extend(self, token: str, seconds: float, new_token: str | None = None) -> bool:
        async with self._change() as connection:
            statement = _with_clock(
                connection,
                "UPDATE lease SET expires_at = {clock} + :seconds, token = :new"
                " WHERE token = :token",
            )
            extended = await connection.execute(
                statement, {"token": token, "seconds": seconds, "new": new_token or token}
            )
            return extended.rowcount == 1

    async def _release(self, token: str) -> None:
        async with self._change() as connection:
            await connection.execute(
                text("DELETE FROM lease WHERE token = :token"), {"token": token}
            )


def _is_dead(held: _Held, unchanged: float, seconds: float) -> bool:
    """Return True if the holder is gone or has not renewed the lease for too long. An expired lease
    has missed two renewals, unless the clock was set, so one more is awaited."""
    return is_gone(held.holder) or unchanged > (seconds if held.seconds_left > 0 else seconds / 2)


def _is_abandoned(held: _Held) -> bool:
    """Return True if a process began the work and won't finish it. A time further ahead than any
    that is ever set comes from a clock that was set back."""
    if held.token.startswith(_DONE):
        return False
    return is_gone(held.holder) or not 0 < held.seconds_left <= _AT_IT_SECONDS


async def _forget(connection: AsyncConnection, name: str) -> None:
    """Delete a lease, and the heartbeats of processes that were killed."""
    statement = (
        "DELETE FROM lease WHERE name = :name OR (name LIKE :alive AND expires_at <= {clock})"
    )
    await connection.execute(
        _with_clock(connection, statement), {"name": name, "alive": f"{_ALIVE}%"}
    )


async def _record(attempt: Callable[[], Awaitable[object]], waits: Sequence[float]) -> None:
    """Record whether the work was done. If a busy database prevented that, finished work would be
    repeated, and failed work refused to the next caller."""
    for wait in waits:
        await asyncio.sleep(wait)
        try:
            await attempt()
        except DatabaseUnavailable as error:
            log.warning("store.done_not_recorded", error=str(error))
        else:
            return


def _with_clock(connection: AsyncConnection, statement: str) -> TextClause:
    return text(statement.replace("{clock}", _CLOCKS[connection.dialect.name]))
