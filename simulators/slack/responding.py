"""What an app says through a response_url, or in its acknowledgement of a command."""

from collections.abc import Mapping
from typing import Any

from simulators.slack.errors import SlackError
from simulators.slack.methods.content import Content, checked
from simulators.slack.state import State
from simulators.slack.tickets import Hook


def respond(state: State, hook: Hook, body: Mapping[str, Any]) -> None:
    """Post, replace or delete as the body asks. Raises `SlackError` if it can't be.

    An ephemeral message stays one: replacing it never shows it to others.
    """
    original = hook.original
    if body.get("delete_original"):
        if original is not None:
            state.delete(original, hook.id)
        return
    content = checked(str(body.get("text") or ""), body.get("blocks"), body.get("attachments"))
    replaces = bool(body.get("replace_original", hook.replaces_unasked))
    if replaces and original is not None and not original.is_deleted:
        state.edit(original, content.text, content.blocks, hook.id)
        return
    _post(state, hook, body, content)


def _post(state: State, hook: Hook, body: Mapping[str, Any], content: Content) -> None:
    message = content.message(
        state,
        hook.channel,
        shown_to=None if body.get("response_type") == "in_channel" else hook.user,
        thread_ts=body.get("thread_ts") or hook.thread_ts,
        metadata=body.get("metadata"),
    )
    state.post(message, hook.id)
    if not hook.replaces_unasked:
        hook.original = message


def respond_at(state: State, hook_id: str, body: Mapping[str, Any]) -> None:
    """One use of a response_url. Raises `SlackError`."""
    hook = state.tickets.use_hook(hook_id)
    if not isinstance(body, Mapping):
        raise SlackError("invalid_payload")
    respond(state, hook, body)
