"""Running answers, so that none is lost when the bot stops."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from bot.slack.blocks import text_message
from bot.slack.errors import TooSlow
from bot.slack.message import Message, Respond

QUIET = 0.004
"""Seconds without a new request after which work starts."""
LONGEST_RUSH = 0.25
LONGEST_WORK = 60.0
"""Seconds that work may then still take."""
SLICE = 0.1
T = TypeVar("T")


class InFlight:
    """The running answers. In a rush, new requests are acknowledged before answers start."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrived_at = 0.0

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Start the work once no new requests arrive, and keep a reference until it ends. The work
        handles its own errors."""
        self._arrived_at = asyncio.get_running_loop().time()
        self.hold(self._after_the_rush(work))

    def hold(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Start the work at once, and keep a reference until it ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _after_the_rush(self, work: Coroutine[Any, Any, None]) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_RUSH
        try:
            while loop.time() < min(until, self._arrived_at + QUIET):  # noqa: ASYNC110 - time is it
                await asyncio.sleep(QUIET)
            await work
        finally:
            work.close()

    async def finished(self, seconds: float) -> bool:
        """Wait for running work, and for the work that it starts; return True if all finished in
        time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._tasks and loop.time() < until:
            await asyncio.wait(set(self._tasks), timeout=until - loop.time())
        return not self._tasks

    async def drain(self, seconds: float) -> int:
        """Wait like `finished`, cancel what didn't finish in time, and return how many that
        were."""
        await self.finished(seconds)
        late = set(self._tasks)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1)
        return len(late)


async def in_time(work: "asyncio.Task[Any]", respond: Respond | None, patience: float) -> None:
    """Wait for the work. After `patience` seconds, say to the user that the answer follows, unless
    it is already there. Work that takes much longer is cancelled: `TooSlow`."""
    note = None
    try:
        await asyncio.wait([work], timeout=patience)
        if not work.done():
            if respond is not None:  # elsewhere a modal says so already
                note = asyncio.create_task(_say_it_follows(respond))
            await asyncio.wait([work], timeout=LONGEST_WORK)
        if not work.done():
            raise TooSlow
        work.result()
    finally:
        work.cancel()  # it is not waited for: what it waits for may never come
        if note is not None:
            note.cancel()


async def _say_it_follows(respond: Respond) -> None:
    with suppress(Exception):
        await respond(answer_follows())


def answer_follows() -> Message:
    """Return the message for a user who has waited for long."""
    return text_message("Still working on it. The answer will appear here.")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return the work's result. Raises `TimeoutError` after so many seconds of a running loop.

    One pass of the loop counts as a tenth of a second at most. So if this process is busy, the
    other side isn't blamed for unread answers.
    """
    task = asyncio.ensure_future(work)
    try:
        for _ in range(round(seconds / SLICE)):
            done, _ = await asyncio.wait([task], timeout=SLICE)
            if done:
                return task.result()
        raise TimeoutError
    finally:
        task.cancel()
