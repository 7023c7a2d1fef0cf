"""`python -m tests.bench.watched FILE run`: the bot, with the start of each delivery run in a file.

Each line is a time of the monotonic clock, in seconds: it is the same clock in every process.
"""

import os
import sys
import time
from collections.abc import Callable

from bot.cli import main
from bot.notifications.dispatcher import DeliveryDispatcher


def _watch(path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    run = DeliveryDispatcher.run

    async def watched(
        self: DeliveryDispatcher, progress: Callable[[], None] = lambda: None
    ) -> None:
        os.write(file, f"{time.monotonic()}\n".encode())
        await run(self, progress)

    # The process that is measured is the command itself: there is no place to pass a watch in.
    DeliveryDispatcher.run = watched  # type: ignore[method-assign]


if __name__ == "__main__":
    _watch(sys.argv[1])
    main(sys.argv[2:])
