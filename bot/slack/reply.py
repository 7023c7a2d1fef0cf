"""The two ways back to a person: through the interaction's `response_url`, or, where a press on
the Home tab has none, a modal."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from bot.slack.message import Message
from bot.slack.natives import without_native


class Reply(Protocol):
    """How one interaction is answered. Each call raises where Slack did not take the answer."""

    async def answer(self, message: Message) -> None:
        """For this person alone."""
        ...

    async def replace(self, message: Message) -> None:
        """In place of what the button stands in."""
        ...

    async def share(self, message: Message) -> None:
        """For everybody in the channel."""
        ...


class ModalReply:
    """Answers in a modal."""

    def __init__(self, show: Callable[[dict[str, Any]], Awaitable[object]]) -> None:
        self._show = show

    async def answer(self, message: Message) -> None:
        """For this person alone."""
        await self._show(modal(message))

    async def replace(self, message: Message) -> None:
        """The Home tab stays; the answer stands over it."""
        await self.answer(message)

    async def share(self, message: Message) -> None:
        """There is no channel here, so it stays with the person."""
        await self.answer(message)


def modal(message: Message) -> dict[str, Any]:
    """A modal that says a message, its charts and tables in words: modals hold neither."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "AI costs"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": list(without_native(message).blocks),
    }
