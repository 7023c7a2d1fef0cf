"""Caches of results and of visibility rules, valid while the database hasn't changed.

Many equal questions at once cost one answer. A result is never older than its request: each request
checks for changes after it arrived, and many share one query for that.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from bot.db.database import DatabaseState

RESULTS_KEPT_FOR = timedelta(seconds=3)
MOST_KEPT = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry:
    state: object
    now: datetime | None
    begun: float
    """Time of the event loop, in seconds."""
    value: "asyncio.Task[Any]"


class DatabaseCache:
    """A short-lived cache. `state` returns a value that stays equal while the database hasn't
    changed."""

    def __init__(self, state: Callable[[], Awaitable[DatabaseState]]) -> None:
        self._state = state
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._refreshing: asyncio.Task[DatabaseState] | None = None
        self._next: asyncio.Task[DatabaseState] | None = None

    async def get(
        self, key: Hashable, now: datetime | None, compute: Callable[[], Awaitable[T]]
    ) -> T:
        """Return the value for the key; concurrent calls share one computation.

        `now`: the time that the value depends on. None: it depends only on visibility rules. Raises
        what `compute` and `state` raise; errors aren't cached.
        """
        found = await self._current_state()
        begun = asyncio.get_running_loop().time()
        entry = self._entries.get(key)
        if entry is None or not (_is_usable(entry, found, begun) and _is_of(entry, now)):
            self._drop_unusable(found, begun)
            state = found.visibility if now is None else found
            entry = _Entry(state, now, begun, asyncio.ensure_future(_run(compute)))
            entry.value.add_done_callback(lambda done: self._forget_failed(key, done))
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > MOST_KEPT:
                self._entries.popitem(last=False)
        return cast("T", await asyncio.shield(entry.value))

    def _drop_unusable(self, found: DatabaseState, begun: float) -> None:
        """Free what no request gets any more: an answer takes 50 KB, all names far more."""
        for key, entry in list(self._entries.items()):
            if entry.value.done() and not _is_usable(entry, found, begun):
                del self._entries[key]

    def _forget_failed(self, key: Hashable, done: "asyncio.Task[Any]") -> None:
        entry = self._entries.get(key)
        if (done.cancelled() or done.exception()) and entry is not None and entry.value is done:
            del self._entries[key]

    async def _current_state(self) -> DatabaseState:
        """Return the state at some moment after the call. Calls during one query share the next."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._refresh(self._refreshing))
        return await asyncio.shield(self._next)

    async def _refresh(self, before: "asyncio.Task[DatabaseState] | None") -> DatabaseState:
        if before is not None:
            await asyncio.wait([before])
        self._refreshing, self._next = self._next, None
        return await self._state()


async def _run(compute: Callable[[], Awaitable[T]]) -> T:
    return await compute()


def _is_usable(entry: _Entry, found: DatabaseState, begun: float) -> bool:
    """Return False if no request gets it any more."""
    if entry.now is None:
        return entry.state == found.visibility
    is_recent = begun - entry.begun <= RESULTS_KEPT_FOR.total_seconds()
    return is_recent and entry.state == found


def _is_of(entry: _Entry, now: datetime | None) -> bool:
    """Return True if the entry was computed for about that time."""
    if now is None or entry.now is None:
        return now is entry.now
    return abs(now - entry.now) <= RESULTS_KEPT_FOR
