"""What Slack sends to an app: commands, presses, submissions and events, as JSON-ready dicts."""

import re
from collections.abc import Mapping
from typing import Any

from simulators.slack import inputs
from simulators.slack.state import State
from simulators.slack.things import Channel, Message, Person, View

Pressed = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A block and the element in it."""
Fields = Mapping[str, str]
"""``trigger_id`` and, unless it comes from a view, ``response_url``."""


def channel_name(channel: Channel) -> str:
    """The name in payloads: a direct message has none of its own."""
    return {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)


def command(
    state: State, person: Person, channel: Channel, words: str, fields: Fields
) -> dict[str, str]:
    """A slash command: ``/aicost mtd``."""
    name, _, text = words.partition(" ")
    return {
        "token": "verification",
        "team_id": state.team_id,  # of the app's workspace, also for people of others
        "team_domain": "demo",
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text.strip(),
        "api_app_id": state.app.app_id,
        "is_enterprise_install": "false",
        **fields,
    }


def _interaction(state: State, kind: str, person: Person) -> dict[str, Any]:
    return {
        "type": kind,
        "team": {"id": state.team_id, "domain": "demo"},
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id,
        },
        "api_app_id": state.app.app_id,
        "token": "verification",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _action(state: State, where: Message | View, pressed: Pressed, value: Any) -> dict[str, Any]:
    block, element = pressed
    return {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": state.new_ts(),
        **({"text": element["text"]} if "text" in element else {}),
        **inputs.chosen(element, value, where.offered),
    }


def _place(state: State, where: Message | View, filled: Mapping[str, Any]) -> dict[str, Any]:
    """Where an element is; `filled`: what the inputs of a view hold."""
    if isinstance(where, View):
        held = {"state": {"values": inputs.values(where, filled)}}
        return {
            "container": {"type": "view", "view_id": where.id},
            "view": state.view_json(where) | held,
        }
    channel = state.channels[where.channel]
    return {
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "container": {
            "type": "message",
            "message_ts": where.ts,
            "channel_id": channel.id,
            "is_ephemeral": where.shown_to is not None,
            **({"thread_ts": where.thread_ts} if where.thread_ts else {}),
        },
    }


def block_actions(
    state: State,
    person: Person,
    where: Message | View,
    pressed: Pressed,
    value: Any,
    filled: Mapping[str, Any],
    fields: Fields,
) -> dict[str, Any]:
    """A press on a button, or a choice in a menu. `filled`: what else a view's inputs hold."""
    element = pressed[1]
    own = {} if element["type"] == "button" else {element["action_id"]: value}
    payload = {
        **_interaction(state, "block_actions", person),
        **fields,
        **_place(state, where, {**filled, **own}),
        "actions": [_action(state, where, pressed, value)],
    }
    if isinstance(where, Message):
        payload["state"] = {"values": {}}
        if where.shown_to is None:  # Slack does not send an ephemeral message back
            payload["message"] = where.as_json()
    return payload


def block_suggestion(
    state: State, person: Person, where: Message | View, searched: Pressed, typed: str
) -> dict[str, Any]:
    """What someone typed into a menu that asks the app for its options."""
    block, element = searched
    return {
        **_interaction(state, "block_suggestion", person),
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
        **_place(state, where, {}),
    }


def view_submission(
    state: State, person: Person, view: View, held: Mapping[str, Any], fields: Fields
) -> dict[str, Any]:
    """A modal that was sent; `held` is its ``state.values``."""
    return {
        **_interaction(state, "view_submission", person),
        **fields,
        "view": state.view_json(view) | {"state": {"values": held}},
        "response_urls": [],
    }


def view_closed(state: State, person: Person, view: View) -> dict[str, Any]:
    """A modal that was closed by its own button."""
    return _interaction(state, "view_closed", person) | {
        "view": state.view_json(view),
        "is_cleared": False,
    }


def shortcut(
    state: State, person: Person, callback_id: str, message: Message | None, fields: Fields
) -> dict[str, Any]:
    """`shortcut`, from the menu of the message box, or `message_action`, from a message's."""
    payload = {
        **_interaction(state, "message_action" if message else "shortcut", person),
        **fields,
        "callback_id": callback_id,
        "action_ts": state.new_ts(),
    }
    if message is None:
        return payload
    channel = state.channels[message.channel]
    return payload | {
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message": message.as_json(),
    }


def event(state: State, content: Mapping[str, Any]) -> dict[str, Any]:
    """An `event_callback` around an event."""
    return {
        "token": "verification",
        "team_id": state.team_id,
        "api_app_id": state.app.app_id,
        "type": "event_callback",
        "event_id": state.new_id("Ev"),
        "event_time": int(state.clock().timestamp()),
        "authorizations": [
            {"team_id": state.team_id, "user_id": state.app.bot_user, "is_bot": True}
        ],
        "is_ext_shared_channel": False,
        "event": {"event_ts": state.new_ts(), **content},
    }


_ADDRESS = re.compile(
    r"(?<![\w<|/@.:])(?P<mail>[\w.+-]+@)?(?P<scheme>https?://)?"
    r"(?P<host>(?:[\w-]+\.)+(?:com|org|net|io|dev|example))(?P<path>/[^\s<>\"]*)?(?![\w>.-])"
)


def escaped(state: State, words: str) -> str:
    """Words as `should_escape` of the manifest has them: ``#ops`` as ``<#C…|ops>``, ``@ann`` as
    ``<@U…|ann>``, and what looks like an address as a link."""
    marks = {f"#{c.name}": f"<#{c.id}|{c.name}>" for c in state.channels.values()}
    marks |= {f"@{p.name}": f"<@{p.id}|{p.name}>" for p in state.people.values()}
    return linked(" ".join(marks.get(word, word) for word in words.split(" ")))


def linked(words: str) -> str:
    """As Slack hands over what looks like an address, in commands with `should_escape` and in
    messages always: ``acme.com`` as ``<http://acme.com|acme.com>``."""

    def replacement(match: re.Match[str]) -> str:
        if match["mail"]:
            return f"<mailto:{match[0]}|{match[0]}>"
        return f"<{match[0]}>" if match["scheme"] else f"<http://{match[0]}|{match[0]}>"

    return _ADDRESS.sub(replacement, words)
