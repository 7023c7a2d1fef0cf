"""What an app sends to a response_url, or in its acknowledgement of a command."""

from collections.abc import Mapping
from typing import Any

from simulators.slack.errors import SlackError
from simulators.slack.interactivity import ResponseUrl
from simulators.slack.methods.content import Content, checked
from simulators.slack.state import State


def respond(state: State, response_url: ResponseUrl, body: Mapping[str, Any]) -> None:
    """Post, replace or delete as the body asks.

    Raises `SlackError` if that isn't possible. An ephemeral message stays one: replacing it never
    shows it to others.
    """
    original = response_url.original
    if body.get("delete_original"):
        if original is not None:
            state.delete(original, response_url.id)
        return
    content = checked(str(body.get("text") or ""), body.get("blocks"), body.get("attachments"))
    replaces = bool(body.get("replace_original", response_url.replaces_by_default))
    if replaces and original is not None and not original.is_deleted:
        state.edit(original, content.text, content.blocks, response_url.id)
        return
    _post(state, response_url, body, content)


def _post(
    state: State, response_url: ResponseUrl, body: Mapping[str, Any], content: Content
) -> None:
    message = content.message(
        state,
        response_url.channel,
        shown_to=None if body.get("response_type") == "in_channel" else response_url.user,
        thread_ts=body.get("thread_ts") or response_url.thread_ts,
        metadata=body.get("metadata"),
    )
    state.post(message, response_url.id)
    if not response_url.replaces_by_default:
        response_url.original = message


def respond_at(state: State, url_id: str, body: Mapping[str, Any]) -> None:
    """One use of a response_url. Raises `SlackError`."""
    response_url = state.interactivity.use_response_url(url_id)
    if not isinstance(body, Mapping):
        raise SlackError("invalid_payload")
    respond(state, response_url, body)
