"""`chat.*`: posting, editing and deleting messages."""

from collections.abc import Mapping
from typing import Any

from simulators.slack.errors import SlackError
from simulators.slack.methods.call import Answer, Call, Method
from simulators.slack.methods.content import POST_TEXT, UPDATE_TEXT, Content, content_of
from simulators.slack.things import Channel, Message

_RESTRICTED = "restricted_action"


def _post(call: Call) -> Answer:
    channel = _target(call)
    content = content_of(call)
    warning: Answer = {}
    if len(content.text) > POST_TEXT:
        content = Content(content.text[:POST_TEXT], content.blocks, content.attachments)
        warning = {"warning": "message_truncated"}
    message = call.state.post(
        content.message(
            call.state,
            channel.id,
            thread_ts=_thread(call, channel),
            metadata=_metadata(call),
        )
    )
    return _shown(call, message) | warning


def _target(call: Call) -> Channel:
    """Return where to post: a channel the app may post to, or a person's direct messages."""
    state = call.state
    wanted = call.required("channel", "channel_not_found")
    if wanted in state.people:
        if state.people[wanted].deleted:
            raise SlackError("user_disabled")
        channel = state.dm(wanted)
    else:
        channel = call.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.kind == "im" and not state.app.messages_tab_is_on:
        raise SlackError("messages_tab_disabled")
    is_open = channel.kind == "public" and "chat:write.public" in state.app.scopes
    if state.app.bot_user not in channel.members and not is_open:
        raise SlackError("not_in_channel")
    if channel.posting_is_restricted:
        raise SlackError(_RESTRICTED)
    return channel


def _thread(call: Call, channel: Channel) -> str | None:
    wanted = call.text("thread_ts")
    if not wanted:
        return None
    parent = next((m for m in channel.everything if m.ts == wanted), None)
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.is_deleted and not channel.thread(parent.ts):
        return None  # no error: the message then stands at the channel's root
    return parent.thread_ts or parent.ts


def _metadata(call: Call) -> Mapping[str, Any] | None:
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, Mapping) or not metadata.get("event_type"):
        raise SlackError("invalid_metadata_schema")
    return metadata


def _shown(call: Call, message: Message) -> Answer:
    shown = message.as_json() | {"bot_id": call.state.app.bot_id, "team": call.state.team_id}
    return {"channel": message.channel, "ts": message.ts, "message": shown}


def _own(call: Call, channel: Channel, not_mine: str) -> Message:
    """Return the app's own message that the call is about."""
    message = channel.message(call.required("ts", "message_not_found"))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != call.state.app.bot_user:
        raise SlackError(not_mine)
    return message


def _update(call: Call) -> Answer:
    channel = call.channel()
    if channel.is_archived:
        raise SlackError("is_inactive")
    message = _own(call, channel, "cant_update_message")
    if len(call.text("text")) > UPDATE_TEXT:
        raise SlackError("msg_too_long")
    if "blocks" not in call.arguments and "attachments" not in call.arguments:
        text = call.required("text", "no_text")
        call.state.edit(message, text, message.blocks)
    else:
        content = content_of(call)
        call.state.edit(message, content.text, content.blocks)
    return _shown(call, message) | {"text": message.text}


def _delete(call: Call) -> Answer:
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    call.state.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def _ephemeral(call: Call) -> Answer:
    channel = _target(call)
    person = call.person(error="user_not_in_channel")
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = content_of(call)
    if any(attachment.get("blocks") for attachment in content.attachments):
        raise SlackError("invalid_attachments")
    thread = call.text("thread_ts") or None
    message = content.message(call.state, channel.id, shown_to=person.id, thread_ts=thread)
    if thread is None or channel.thread(thread):  # nobody sees it in a thread without a reply
        call.state.post(message)
    return {"message_ts": message.ts}


def _permalink(call: Call) -> Answer:
    channel = call.channel()
    message = channel.message(call.required("message_ts", "message_not_found"))
    if message is None:
        raise SlackError("message_not_found")
    path = f"archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": f"https://demo.slack.com/{path}"}


METHODS = {
    "chat.postMessage": Method(_post, 0, ("chat:write",)),
    "chat.update": Method(_update, 50, ("chat:write",)),
    "chat.delete": Method(_delete, 50, ("chat:write",)),
    "chat.postEphemeral": Method(_ephemeral, 100, ("chat:write",)),
    "chat.getPermalink": Method(_permalink, 0),
}
