"""An answer that serves several questions, as long as it is fresh."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")
ONE_ROUND = timedelta(seconds=30)
"""Long enough for the parts of one sync, which go by one moment."""


class TTLCache(Generic[T]):
    """What `read` last answered. Questions that come while it is being asked wait for the answer;
    a failure is not kept."""

    def __init__(self, read: Callable[[], Awaitable[T]], lasts: timedelta) -> None:
        self._read = read
        self._lasts = lasts
        self._held: tuple[datetime, T] | None = None
        self._asking = asyncio.Lock()

    async def get(self, now: datetime) -> T:
        """The answer, asked for again where it has lasted too long or the clock was set back."""
        async with self._asking:
            held = self._held
            if held is None or not timedelta(0) <= now - held[0] <= self._lasts:
                held = self._held = (now, await self._read())
            return held[1]

    def forget(self) -> None:
        """Ask again next time."""
        self._held = None
