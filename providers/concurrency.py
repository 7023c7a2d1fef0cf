"""Concurrent requests to one provider: a few at once, and none twice within a short time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from providers.errors import ProviderError

About = TypeVar("About", bound=Hashable)
Answer = TypeVar("Answer")
_AT_ONCE = 4
ONE_ROUND = timedelta(seconds=30)
"""Long enough for the parts of one sync, which share one moment."""


async def gather_limited(
    ask: Callable[[About], Awaitable[Answer]], subjects: Iterable[About], seconds: float
) -> Mapping[About, Answer | ProviderError]:
    """Ask about each subject, four at a time; return each answer, or why it failed.

    After `seconds`, subjects without an answer are left out. An error other than `ProviderError`
    stops everything and is raised.
    """
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(subject: About) -> Answer | ProviderError:
        async with turns:
            try:
                return await ask(subject)
            except ProviderError as error:
                return error

    tasks = {subject: asyncio.ensure_future(in_turn(subject)) for subject in subjects}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        return {subject: task.result() for subject, task in tasks.items() if task.done()}
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


class TTLCache(Generic[Answer]):
    """Caches the last answer of `read`. Concurrent calls share one request; a failure is not
    cached."""

    def __init__(self, read: Callable[[], Awaitable[Answer]], lasts: timedelta) -> None:
        self._read = read
        self._lasts = lasts
        self._held: tuple[datetime, Answer] | None = None
        self._asking = asyncio.Lock()

    async def get(self, now: datetime) -> Answer:
        """Return the answer; ask again if it expired or the clock was set back."""
        async with self._asking:
            held = self._held
            if held is None or not timedelta(0) <= now - held[0] <= self._lasts:
                held = self._held = (now, await self._read())
            return held[1]

    def forget(self) -> None:
        """Ask again next time."""
        self._held = None
