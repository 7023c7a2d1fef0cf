"""The one modal that a press may open: within three seconds, whatever the answer takes.

Slack's ticket to open a modal (`trigger_id`) lasts three seconds. Where the answer is not there by
then, a modal that says so is opened in time, and the answer takes its place.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.log_states import LogStates
from bot.slack.api_errors import said
from bot.slack.clients import part_of
from bot.slack.errors import log_failure
from bot.slack.forms import still_working
from bot.slack.reply import modal

log = structlog.get_logger(__name__)

Show = Callable[[dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class ModalOpener:
    """Shows modals for one press: the first one opens, later ones take its place."""

    client: AsyncWebClient
    show_first: Show
    states: LogStates
    patience: float
    """Seconds until the modal is opened that says that the answer is on its way."""
    _view_id: str | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def show(self, view: dict[str, Any]) -> None:
        """Open it, or put it in place of what was opened. Raises `SlackApiError`, or
        `AnswerUnusable`."""
        async with self._turn:
            if self._view_id is not None:
                await self.client.views_update(view_id=self._view_id, view=view)
                return
            answer = await self.show_first(view)
            self._view_id = part_of(answer, "view.id", str)

    async def open_loading_view(self) -> None:
        """Wait, and where nothing was shown by then, say that it is on its way."""
        await asyncio.sleep(self.patience)
        if self._view_id is None:
            try:
                await self.show(modal(still_working()))
            except SlackApiError as error:  # what is shown later meets the same, and is answered
                log.info("slack.modal_not_held_open", error=said(error))
            except Exception as error:
                log_failure(self.states, "slack.modal_not_held_open", "modal", error)


def opener_of(
    client: AsyncWebClient, body: Mapping[str, Any], states: LogStates, patience: float
) -> ModalOpener:
    """For a press: over a form on top of it, in place of an answer's modal, else a new one."""
    trigger_id = str(body.get("trigger_id") or "")
    view = body.get("view") or {}

    def show(shown: dict[str, Any]) -> Awaitable[Any]:
        if view.get("type") != "modal":
            return client.views_open(trigger_id=trigger_id, view=shown)
        if view.get("submit"):
            return client.views_push(trigger_id=trigger_id, view=shown)
        return client.views_update(view_id=str(view.get("id")), view=shown)

    return ModalOpener(client, show, states, patience)
