"""What Slack sends to an app: commands, presses, submissions and events, as JSON-ready dicts."""

import re
from collections.abc import Mapping
from typing import Any

from simulators.slack import inputs
from simulators.slack.state import State
from simulators.slack.things import Channel, Message, Person, View
from simulators.slack.tickets import Hook, Trigger

Pressed = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A block and the element in it."""


def channel_name(channel: Channel) -> str:
    """The name in payloads: a direct message has none of its own."""
    return {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)


def command(
    state: State, person: Person, channel: Channel, words: str, trigger: Trigger, url: str
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
        "response_url": url,
        "trigger_id": trigger.id,
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


def press_on_message(
    state: State,
    person: Person,
    message: Message,
    pressed: Pressed,
    value: Any,
    tickets: tuple[Trigger, Hook, str],
) -> dict[str, Any]:
    """`block_actions` from a message. `pressed` is the block and its element; `tickets` the
    trigger, the hook, and the response_url."""
    trigger, _, url = tickets
    channel = state.channels[message.channel]
    is_ephemeral = message.shown_to is not None
    payload = _interaction(state, "block_actions", person) | {
        "trigger_id": trigger.id,
        "response_url": url,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": is_ephemeral,
        },
        "state": {"values": {}},
        "actions": [_action(state, message, pressed, value)],
    }
    if message.thread_ts:
        payload["container"]["thread_ts"] = message.thread_ts
    # Slack does not send an ephemeral message back
    return payload if is_ephemeral else payload | {"message": message.as_json()}


def press_on_view(
    state: State,
    person: Person,
    view: View,
    pressed: Pressed,
    value: Any,
    filled: Mapping[str, Any],
    trigger: Trigger,
) -> dict[str, Any]:
    """`block_actions` from a modal or the Home tab: there is no response_url."""
    own = {} if pressed[1]["type"] == "button" else {pressed[1]["action_id"]: value}
    given = {**filled, **own}
    shown = state.view_json(view) | {"state": {"values": inputs.values(view, given)}}
    return _interaction(state, "block_actions", person) | {
        "trigger_id": trigger.id,
        "container": {"type": "view", "view_id": view.id},
        "view": shown,
        "actions": [_action(state, view, pressed, value)],
    }


def suggestion(
    state: State, person: Person, where: Message | View, searched: Pressed, typed: str
) -> dict[str, Any]:
    """`block_suggestion`: what somebody typed into a menu that asks the app for its options."""
    block, element = searched
    payload = _interaction(state, "block_suggestion", person) | {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
    }
    if isinstance(where, View):
        held = {"state": {"values": inputs.values(where, {})}}
        return payload | {
            "container": {"type": "view", "view_id": where.id},
            "view": state.view_json(where) | held,
        }
    channel = state.channels[where.channel]
    container = {"type": "message", "message_ts": where.ts, "channel_id": channel.id}
    return payload | {
        "container": container | {"is_ephemeral": where.shown_to is not None},
        "channel": {"id": channel.id, "name": channel_name(channel)},
    }


def submission(
    state: State, person: Person, view: View, held: Mapping[str, Any], trigger: Trigger
) -> dict[str, Any]:
    """`view_submission` of a modal; `held` is its ``state.values``."""
    return _interaction(state, "view_submission", person) | {
        "trigger_id": trigger.id,
        "view": state.view_json(view) | {"state": {"values": held}},
        "response_urls": [],
    }


def closing(state: State, person: Person, view: View) -> dict[str, Any]:
    """`view_closed` of a modal."""
    return _interaction(state, "view_closed", person) | {
        "view": state.view_json(view),
        "is_cleared": False,
    }


def global_shortcut(
    state: State, person: Person, callback_id: str, trigger: Trigger
) -> dict[str, Any]:
    """A shortcut from the menu beside the message box."""
    return _interaction(state, "shortcut", person) | {
        "callback_id": callback_id,
        "trigger_id": trigger.id,
        "action_ts": state.new_ts(),
    }


def message_shortcut(
    state: State,
    person: Person,
    callback_id: str,
    message: Message,
    tickets: tuple[Trigger, Hook, str],
) -> dict[str, Any]:
    """A shortcut from the menu of a message."""
    channel = state.channels[message.channel]
    return _interaction(state, "message_action", person) | {
        "callback_id": callback_id,
        "trigger_id": tickets[0].id,
        "response_url": tickets[2],
        "action_ts": state.new_ts(),
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


def linked(words: str) -> str:
    """As Slack hands over what looks like an address, in commands with `should_escape` and in
    messages always: ``acme.com`` as ``<http://acme.com|acme.com>``."""

    def link(found: re.Match[str]) -> str:
        if found["mail"]:
            return f"<mailto:{found[0]}|{found[0]}>"
        return f"<{found[0]}>" if found["scheme"] else f"<http://{found[0]}|{found[0]}>"

    return _ADDRESS.sub(link, words)
