"""Read Slack's payloads in one place. Names are those of Slack's references."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from bot.access.models import ConversationKind, conversation_kind
from bot.slack.errors import Outdated

Payload = Mapping[str, Any]
"""A payload from Slack, or a part of one."""
Kind = Literal["listener", "form", "search", "event", "mention", "home", "other"]
"""How a request is answered. ``listener``: by a message or a modal. ``form`` and ``search``: by
their acknowledgement. ``mention``: by a message, in a thread or in the direct messages with the
app. ``home``: on the Home tab. Others: not at all."""

_BY_MESSAGE = frozenset({"block_actions", "shortcut", "message_action"})
_BY_ACK: Mapping[str, Kind] = {"view_submission": "form", "block_suggestion": "search"}
_EVENTS: Mapping[str, Kind] = {
    "app_mention": "mention",
    "message": "mention",
    "app_home_opened": "home",
}
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_WRITTEN = (None, "file_share", "thread_broadcast")
"""Subtypes of messages that a user wrote. Others are edits, deletions, joins and messages of Slack.
https://docs.slack.dev/reference/events/message/"""


def kind_of(body: Payload) -> Kind:
    """Return how this request is answered."""
    if "event" in body:
        event = event_of(body)
        is_awaited = event.get("type") != "message" or is_direct_question(event)
        return _EVENTS.get(str(event.get("type")), "event") if is_awaited else "event"
    if "command" in body or body.get("type") in _BY_MESSAGE:
        return "listener"
    return _BY_ACK.get(str(body.get("type")), "other")


def event_of(body: Payload) -> Payload:
    """Return the event; empty if the request isn't one."""
    event = body.get("event")
    return event if isinstance(event, dict) else {}


def is_direct_question(event: Payload) -> bool:
    """Return True if a user wrote this message to the app directly. The app's own messages there
    also arrive as events."""
    return (
        event.get("channel_type") == "im"
        and bool(event.get("user") and event.get("channel"))
        and not event.get("bot_id")
        and event.get("subtype") in _WRITTEN
        and bool(str(event.get("text") or "").strip())
    )


def listener_name(body: Payload) -> str:
    """Return the request's name for metrics and the log: its purpose, without its number."""
    if "command" in body:
        return "command"
    action: Payload = next(iter(body.get("actions") or ()), {})
    found = (
        event_of(body).get("type")
        or action.get("action_id")
        or body.get("action_id")
        or body.get("callback_id")
        or (body.get("view") or {}).get("callback_id")
    )
    return re.sub(r"\.\d+$", "", str(found or "").removeprefix("aicost."))


def user_of(body: Payload) -> str:
    """Return the id of the user who makes the request; empty if there is none."""
    user, of_event = body.get("user") or {}, event_of(body).get("user")
    found = body.get("user_id") or user.get("id") or of_event
    return found if isinstance(found, str) else ""


def channel_of(body: Payload) -> str:
    """Return the channel of the request; empty on the Home tab and in modals."""
    channel = body.get("channel") or {}
    found = body.get("channel_id") or channel.get("id") or event_of(body).get("channel")
    return str(found or "")


def conversation_of(body: Payload) -> ConversationKind:
    """Return the kind of the request's channel."""
    name = body.get("channel_name") or (body.get("channel") or {}).get("name")
    return conversation_kind(channel_of(body), str(name or ""))


def message_ts_of(body: Payload) -> str:
    """Return the `ts` of the message with the button or shortcut."""
    return str((body.get("container") or {}).get("message_ts") or body.get("message_ts") or "")


def thread_of(body: Payload) -> str:
    """Return the thread of that message; empty if there is none."""
    container, message = body.get("container") or {}, body.get("message") or {}
    found = container.get("thread_ts") or message.get("thread_ts")
    return str(found or event_of(body).get("thread_ts") or "")


def is_on_home(body: Payload) -> bool:
    """Return True if the pressed button is on the Home tab."""
    return (body.get("view") or {}).get("type") == "home"


def value_of(action: Payload) -> str:
    """Return the value of a button, or of the chosen option of a menu."""
    chosen = action.get("selected_option") or {}
    return str(action.get("value") or chosen.get("value") or "")


def number_of(action: Payload) -> int:
    """Return the number in the value of a button; see `whole_number`."""
    return whole_number(value_of(action))


def whole_number(text: str) -> int:
    """Return the number of a budget, digest or message from a button or form.

    Raises `Outdated` for anything else, such as more digits than a database can store.
    """
    if not _WHOLE_NUMBER.fullmatch(text):
        raise Outdated
    return int(text)
