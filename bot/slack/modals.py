"""Modals: opened after a press, or showing a message."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.logs import LogStates
from bot.slack.api_errors import error_text, is_about_view
from bot.slack.blocks import paragraphs, text_message, texts_of
from bot.slack.charts import charts_as_text
from bot.slack.clients import part_of
from bot.slack.errors import log_failure
from bot.slack.message import Message
from bot.slack.payloads import Payload

log = structlog.get_logger(__name__)


LATER = "Still working on it…"
"""Text of a modal while its answer isn't ready."""


@dataclass(slots=True)
class ModalOpener:
    """Listeners get it as `open_modal`: `await open_modal(view)` shows a modal for one press,
    within three seconds of it; later ones replace it.

    Slack's `trigger_id` lasts three seconds and opens one modal. If the answer isn't ready by then,
    a modal that says so is opened in time.
    """

    client: AsyncWebClient
    body: Payload
    """Payload of the press."""
    states: LogStates
    patience: float
    """Seconds until a modal is opened that says that the answer is on its way."""
    _view_id: str | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _loading: "asyncio.Task[None] | None" = None

    async def __call__(self, view: dict[str, Any]) -> None:
        """Open the modal, or replace the one that is open. Raises `SlackApiError` or
        `AnswerUnusable`."""
        async with self._turn:
            if self._view_id is not None:
                await self.client.views_update(view_id=self._view_id, view=view)
                return
            answer = await self._show_first(view)
            self._view_id = part_of(answer, "view.id", str)

    async def respond(self, message: Message, **_where: object) -> None:
        """Answer in a modal, for the user only, if there is no response URL."""
        await show_view(self, modal(message))

    def wait(self) -> None:
        """From now on, show that the answer is on its way if it takes long."""
        if not self.body.get("response_url"):  # answered by a message otherwise
            self._loading = asyncio.create_task(self._open_loading_view())

    def stop_waiting(self) -> None:
        """Stop showing that: the answer is ready, or there will be none."""
        if self._loading is not None:
            self._loading.cancel()

    async def _show_first(self, view: dict[str, Any]) -> Any:
        """Open the first modal: on top of a form, instead of an answer's modal, or as a new one."""
        trigger_id, below = str(self.body.get("trigger_id") or ""), self.body.get("view") or {}
        if below.get("type") != "modal":
            return await self.client.views_open(trigger_id=trigger_id, view=view)
        if below.get("submit"):
            return await self.client.views_push(trigger_id=trigger_id, view=view)
        return await self.client.views_update(view_id=str(below.get("id")), view=view)

    async def _open_loading_view(self) -> None:
        await asyncio.sleep(self.patience)
        if self._view_id is None:
            try:
                await self(modal(text_message(LATER)))
            except SlackApiError as error:  # what is shown later meets the same, and is answered
                log.info("slack.modal_not_held_open", error=error_text(error))
            except Exception as error:
                log_failure(self.states, "slack.modal_not_held_open", "modal", error)


def modal(message: Message) -> dict[str, Any]:
    """Return a modal with the content of a message. Charts and tables become text, because modals
    can't have them."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "AI costs"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": list(charts_as_text(message).blocks),
    }


async def show_view(
    show: Callable[[dict[str, Any]], Awaitable[object]], view: dict[str, Any]
) -> None:
    """Show a view. If Slack refuses its format, show only its texts; a form has no plainer format.
    Raises `SlackApiError`."""
    try:
        await show(view)
    except SlackApiError as error:
        if "submit" in view or not is_about_view(error):
            raise
        log.warning("slack.content_refused", view=view["type"], error=error_text(error))
        await show(view | {"blocks": paragraphs(list(texts_of(view["blocks"])))})
