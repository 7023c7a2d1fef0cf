"""The changes of a workspace, for those who follow them: a waiting test, a page in a browser."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from simulators.slack.things import Message, View

KEPT = 10_000
ChangeKind = Literal[
    "message_posted",
    "message_changed",
    "message_deleted",
    "home_published",
    "modal_opened",
    "modal_changed",
    "modal_closed",
    "file_shared",
    "channel_changed",
    "person_changed",
]
Listener = Callable[["Change"], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened. `cause` is the response_url or trigger that it was done with.
    `is_by_app`: the app did it, not a person or Slack itself."""

    kind: ChangeKind
    at: datetime
    channel: str | None = None
    user: str | None = None
    message: Message | None = None
    view: View | None = None
    cause: str | None = None
    is_by_app: bool = True


class Feed:
    """The changes of a workspace: `history` keeps the latest, `follow` streams what comes."""

    def __init__(self) -> None:
        self.history: deque[Change] = deque(maxlen=KEPT)
        self._listeners: list[Listener] = []

    def notify(self, change: Change) -> None:
        """Record a change."""
        self.history.append(change)
        for listener in tuple(self._listeners):
            listener(change)

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """Call the listener with each change until the block ends."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    async def follow(self) -> AsyncIterator[Change]:
        """Yield each change from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        with self.heard_by(queue.put_nowait):
            while True:
                yield await queue.get()
