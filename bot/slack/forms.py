"""Submitted modals: their content, and the answer to them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.logs import LogStates, new_reference
from bot.slack.blocks import context, escape, paragraphs, text_message
from bot.slack.errors import Outdated, apology, log_failure
from bot.slack.message import Message
from bot.slack.modals import LATER, modal, show_view
from bot.slack.payloads import Payload

InputState = Mapping[str, Any]
"""Slack's own state of one input: ``value``, ``selected_option``, ``selected_users`` …"""


@dataclass(frozen=True, slots=True)
class Submission:
    """The content of a modal when it was submitted, or when a button in it was pressed."""

    held: Mapping[str, InputState]
    """The state of each input, by its `block_id`."""
    metadata: str
    """The modal's `private_metadata`."""
    view_id: str
    """Id of the modal; it changes each time the modal is opened."""

    def text(self, block_id: str) -> str:
        """Return the text, or the value of the chosen option; empty if there is none."""
        held = self.held.get(block_id, {})
        chosen = held.get("selected_option") or {}
        return str(held.get("value") or chosen.get("value") or "").strip()

    def conversation(self, block_id: str) -> str:
        """Return the id of the chosen channel; empty if there is none."""
        return str(self.held.get(block_id, {}).get("selected_conversation") or "")

    def people(self, block_id: str) -> tuple[str, ...]:
        """Return the ids of the chosen users."""
        return tuple(map(str, self.held.get(block_id, {}).get("selected_users") or ()))

    def options(self, block_id: str) -> tuple[str, ...]:
        """Return the values of the chosen options."""
        chosen = self.held.get(block_id, {}).get("selected_options") or ()
        return tuple(str(each.get("value")) for each in chosen)

    def day(self, block_id: str) -> date | None:
        """Return the chosen date; None if there is none. Raises `Outdated` for an invalid one."""
        chosen = self.held.get(block_id, {}).get("selected_date")
        try:
            return date.fromisoformat(str(chosen)) if chosen else None
        except ValueError:
            raise Outdated from None

    def clock(self, block_id: str) -> time | None:
        """Return the chosen time of day; None if there is none. Raises `Outdated` for an invalid
        one."""
        chosen = self.held.get(block_id, {}).get("selected_time")
        try:
            return time.fromisoformat(str(chosen)) if chosen else None
        except ValueError:
            raise Outdated from None


@dataclass(frozen=True, slots=True)
class FormErrors:
    """The modal stays open, with an error under each of these inputs, by `block_id`."""

    errors: Mapping[str, str]


def submission(view: Payload | None) -> Submission:
    """Return the content of a modal. Raises `Outdated` for a press outside a modal: our buttons of
    modals are in no message."""
    if view is None or view.get("type") != "modal":
        raise Outdated
    state = (view.get("state") or {}).get("values") or {}
    held: dict[str, InputState] = {
        block_id: next(iter(inputs.values()), {}) for block_id, inputs in state.items()
    }
    return Submission(held, str(view.get("private_metadata") or ""), str(view.get("id") or ""))


class FormAck(AsyncAck):
    """Bolt's `ack` for a submitted modal, with its outcome. A message replaces the modal, errors
    appear under its inputs, and without either it closes.

    Slack waits three seconds. If a longer wait was announced by then (`postpone`), the outcome is
    shown in the modal later.
    """

    def __init__(
        self, client: AsyncWebClient, view_id: str, shown_after: float, states: LogStates
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        self._client = client
        self._view_id = view_id
        self._shown_after = shown_after
        self._states = states
        self._is_postponed = False
        self.given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done once the outcome is known."""
        self.has_errors = False

    # It takes what became of the form, in place of the parts of Slack's acknowledgement.
    async def __call__(  # type: ignore[override]
        self, outcome: FormErrors | Message | None = None
    ) -> BoltResponse:
        """Answer the modal; never raises."""
        self.has_errors = isinstance(outcome, FormErrors)
        if self._is_postponed:
            await self._show_late(outcome)
            return self.response or BoltResponse(status=200)
        response = await super().__call__(**_acknowledgement(outcome))
        if not self.given.done():
            self.given.set_result(None)
        return response

    async def postpone(self) -> BoltResponse:
        """Say in the modal that the outcome follows."""
        self._is_postponed = True
        return await super().__call__(response_action="update", view=modal(text_message(LATER)))

    async def _show_late(self, outcome: FormErrors | Message | None) -> None:
        """Replace "still working" with the outcome, or with the reason why it can't be shown."""
        await asyncio.sleep(self._shown_after)
        for message in (_late(outcome), apology(reference := new_reference())):
            try:
                await show_view(self._update, modal(message))
            except Exception as error:  # the person may have closed it
                log_failure(self._states, "slack.form_not_shown", "form", error, reference)
            else:
                return

    async def _update(self, view: dict[str, Any]) -> None:
        await self._client.views_update(view_id=self._view_id, view=view)


def preview_of(message: Message, what: str) -> Message:
    """Return a message as it would be posted, without its buttons, which would have an effect."""
    words = f"Preview of the {what} with the current figures. Nothing is posted."
    kept = [block for block in message.blocks if block["type"] != "actions"]
    # the figure first: a desktop notification shows the first block, a mobile one the text
    return Message(f"{message.text} {words}", (*kept[:1], context([words]), *kept[1:]))


def problems_message(problems: FormErrors) -> Message:
    """Return what must be fixed before there is a preview."""
    lines = [escape(each) for each in problems.errors.values()]
    words = "Fix these fields to see a preview:"
    return Message(f"{words} {' '.join(lines)}", tuple(paragraphs([words, *lines])))


def _acknowledgement(outcome: FormErrors | Message | None) -> dict[str, Any]:
    """Return the arguments of `ack` for an outcome."""
    if outcome is None:
        return {}
    if isinstance(outcome, FormErrors):
        return {"response_action": "errors", "errors": dict(outcome.errors)}
    return {"response_action": "update", "view": modal(outcome)}


def _late(outcome: FormErrors | Message | None) -> Message:
    """Return the outcome of a modal that was acknowledged before it was known."""
    if outcome is None:
        return text_message("Done.")
    if isinstance(outcome, FormErrors):
        return text_message(" ".join(outcome.errors.values()))
    return outcome
