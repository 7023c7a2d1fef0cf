"""The two ways back to a person: through the interaction's `response_url`, or, where a press on
the Home tab has none, a modal."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.api_errors import is_about_view, said
from bot.slack.blocks import paragraphs
from bot.slack.charts import charts_as_text
from bot.slack.message import Block, Message
from bot.slack.text import escape

log = structlog.get_logger(__name__)


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
        await show_view(self._show, modal(message))

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
        "blocks": list(charts_as_text(message).blocks),
    }


async def show_view(
    show: Callable[[dict[str, Any]], Awaitable[object]], view: dict[str, Any]
) -> None:
    """Show a view; where Slack refuses its form, show its texts alone. A form that can be sent has
    no plainer form. Raises `SlackApiError`."""
    try:
        await show(view)
    except SlackApiError as error:
        if "submit" in view or not is_about_view(error):
            raise
        log.warning("slack.content_refused", view=view["type"], error=said(error))
        await show(view | {"blocks": paragraphs(list(_texts(view["blocks"])))})


def _texts(blocks: Iterable[Block]) -> Iterator[str]:
    """The texts of blocks in reading order, as mrkdwn; buttons and menus are left out."""
    for block in blocks:
        texts = [block.get("text"), *(block.get("fields") or ()), *(block.get("elements") or ())]
        for text in texts:
            if isinstance(text, Mapping) and text.get("type") == "mrkdwn":
                yield str(text["text"])
            elif isinstance(text, Mapping) and text.get("type") == "plain_text":
                yield f"*{escape(str(text['text']))}*"
