"""`files.*`: uploading in three steps (get a URL, send the bytes, complete and share)."""

from typing import Any

from simulators.slack.errors import SlackError
from simulators.slack.feed import Change
from simulators.slack.methods.call import Answer, Call, Method
from simulators.slack.methods.content import check_blocks
from simulators.slack.state import State
from simulators.slack.things import Channel, File, Message


def _upload_url(call: Call) -> Answer:
    length = call.count("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments")
    file = File(
        id=call.state.new_id("F"),
        name=call.required("filename"),
        length=length,
        owner=call.state.app.bot_user,
    )
    call.state.files[file.id] = file
    return {"upload_url": f"{call.base_url}upload/v1/{file.id}", "file_id": file.id}


def receive(state: State, file_id: str, content: bytes) -> str:
    """Take the bytes of a file. Raises `KeyError` for an unknown one."""
    file = state.files[file_id]
    file.content = content
    return f"OK - {len(content)}"


def _complete(call: Call) -> Answer:
    wanted: list[dict[str, Any]] = call.structure("files", "invalid_arguments") or []
    files = [_uploaded(call, one) for one in wanted]
    if not files:
        raise SlackError("invalid_arguments")
    named = (call.text("channel_id") or call.text("channels")).split(",")
    channels = [_shareable(call, channel) for channel in named if channel]
    blocks = call.structure("blocks", "invalid_blocks") or []
    if blocks:
        check_blocks(blocks)
    for file in files:
        file.is_complete = True
    for channel in channels:
        _share(call, channel, files, blocks)
    return {"files": [file.as_json() for file in files]}


def _uploaded(call: Call, wanted: dict[str, Any]) -> File:
    file = call.state.files.get(str(wanted.get("id")))
    if file is None or len(file.content) != file.length:
        raise SlackError("file_not_found")
    file.title = str(wanted.get("title") or file.name)
    return file


def _shareable(call: Call, wanted: str) -> Channel:
    channel = call.state.channels.get(wanted)
    me = call.state.app.bot_user
    if channel is None or channel.is_deleted:
        raise SlackError("channel_not_found")
    if channel.kind == "private" and me not in channel.members:
        raise SlackError("channel_not_found")
    if me not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _share(call: Call, channel: Channel, files: list[File], blocks: list[dict[str, Any]]) -> None:
    state = call.state
    for file in files:
        file.channels = (*file.channels, channel.id)
    for member in channel.members - {state.app.bot_user}:
        if channel.kind == "im":
            state.person(member).files.extend(files)
    message = state.post(
        Message(
            ts=state.new_ts(),
            channel=channel.id,
            user=state.app.bot_user,
            text=call.text("initial_comment"),
            blocks=state.with_ids(blocks),
            thread_ts=call.text("thread_ts") or None,
            files=tuple(files),
        )
    )
    state.changes.notify(Change("file_shared", state.clock(), channel=channel.id, message=message))


def _info(call: Call) -> Answer:
    file = call.state.files.get(call.text("file"))
    if file is None or not file.is_complete:
        raise SlackError("file_not_found")
    return {"file": file.as_json()}


METHODS = {
    "files.getUploadURLExternal": Method(_upload_url, 100, ("files:write",)),
    "files.completeUploadExternal": Method(_complete, 100, ("files:write",)),
    "files.info": Method(_info, 100, ("files:read",)),
}
