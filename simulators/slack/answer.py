"""What a person sees after an action: the app's acknowledgement, messages, modals, errors."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from simulators.slack.feed import Change, Feed
from simulators.slack.things import Blocks, Message, View

Render = Callable[[Mapping[str, Any]], str]
"""Return a message or view as plain text, of its `text` and `blocks`; the app's own function."""


def not_rendered(_: Mapping[str, Any]) -> str:
    """Raise `TypeError`: no function was given that renders messages as text."""
    raise TypeError("to read messages as text, make the workspace with `render`")


@dataclass(slots=True)
class Answer:
    """Filled in while the app works.

    `acked_after`: real seconds; None if the app never acknowledged. `answered_after`: real seconds
    until the first visible change. `failure`: the error that Slack shows if the app fails.
    `errors`: those of a modal, by block_id.
    """

    render: Render = not_rendered
    acked_after: float | None = None
    answered_after: float | None = None
    failure: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    @property
    def messages(self) -> list[Message]:
        """Return the new and changed messages, each once, in their current state, without deleted
        ones."""
        seen: list[Message] = []
        for change in self.changes:
            message = change.message
            if message is not None and not message.is_deleted and message not in seen:
                seen.append(message)
        return seen

    @property
    def message(self) -> Message | None:
        """Return the last message that was posted or edited."""
        return self.messages[-1] if self.messages else None

    @property
    def text(self) -> str:
        """Return the last message's text; empty if there is no message."""
        return self.message.text if self.message else ""

    @property
    def blocks(self) -> Blocks:
        """Return the last message's blocks."""
        return self.message.blocks if self.message else []

    @property
    def view(self) -> View | None:
        """Return the modal that was opened or updated last, or else the Home tab if it was
        published."""
        views = [change.view for change in self.changes if change.view is not None]
        modals = [view for view in views if view.content["type"] == "modal"]
        return (modals or views)[-1] if views else None

    @property
    def plain(self) -> str:
        """Return all of it as plain text."""
        said = [self.render(message.as_json()) for message in self.messages]
        if self.view is not None:
            said.append(self.render(self.view.content))
        return "\n\n".join(said)


class Watch:
    """Collects the changes that answer one action, and waits for enough of them."""

    def __init__(self, render: Render, concerns: Callable[[Change], bool]) -> None:
        self.answer = Answer(render)
        self._concerns = concerns
        self._came = asyncio.Event()
        self._started = time.monotonic()

    @contextmanager
    def over(self, feed: Feed) -> Iterator[None]:
        """Collect while the block lasts."""
        with feed.heard_by(self._hear):
            yield

    async def enough(self, number: int, patience: float) -> None:
        """Return after this number of changes, or after `patience` real seconds."""
        until = self._started + patience
        while len(self.answer.changes) < number:
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                return

    def _hear(self, change: Change) -> None:
        if not self._concerns(change):
            return
        if self.answer.answered_after is None:
            self.answer.answered_after = time.monotonic() - self._started
        self.answer.changes.append(change)
        self._came.set()
