"""Work begun for somebody and not yet answered, so that none is lost when the bot stops.

Bolt keeps no reference to the tasks it starts, and an exception within a few milliseconds after
`ack()` makes it lose the acknowledgement; so listeners only start work here.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any


class InFlight:
    """The running answers."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin, and hold on to it until it ends. The work handles its own errors."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float) -> int:
        """Wait for what is running, and for what that starts; returns how many were not done in
        time, and are cancelled."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self._tasks and loop.time() < until:
            await asyncio.wait(set(self._tasks), timeout=until - loop.time())
        late = set(self._tasks)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1)
        return len(late)
