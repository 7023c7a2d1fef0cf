"""Check the content of a message that an app sends, as Slack checks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.slack.checking import Problem
from simulators.slack.errors import SlackError
from simulators.slack.limits import BLOCKS, blocks_problems
from simulators.slack.methods.call import Call
from simulators.slack.state import State
from simulators.slack.things import Blocks, Message

POST_TEXT = 40_000
UPDATE_TEXT = 4_000
ATTACHMENTS = 100


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a message."""

    text: str
    blocks: Blocks
    attachments: Sequence[Mapping[str, Any]]

    def message(
        self,
        state: State,
        channel: str,
        shown_to: str | None = None,
        thread_ts: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Message:
        """Return a new message of the app with this content."""
        return Message(
            ts=state.new_ts(),
            channel=channel,
            user=state.app.bot_user,
            text=self.text,
            blocks=state.with_ids(self.blocks),
            thread_ts=thread_ts,
            shown_to=shown_to,
            attachments=self.attachments,
            metadata=metadata,
        )


def content_of(call: Call) -> Content:
    """Return the content of a call. Raises `SlackError`."""
    return checked(
        call.text("text"),
        call.structure("blocks", "invalid_blocks_format"),
        call.structure("attachments", "invalid_attachments"),
    )


def checked(text: str, blocks: Any, attachments: Any) -> Content:
    """Return the content, if Slack accepts it. Raises `SlackError`."""
    attachments = attachments or []
    if blocks:
        check_blocks(blocks)
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for i, attachment in enumerate(attachments):
        inner = attachment.get("blocks")
        if inner:
            refuse(blocks_problems(inner, "message", f"/attachments/{i}/blocks"))
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    return Content(text, list(blocks or []), attachments)


def check_blocks(blocks: Any) -> None:
    """Raises `SlackError` if a message can't hold these blocks."""
    if isinstance(blocks, list) and len(blocks) > BLOCKS["message"]:
        raise SlackError("msg_blocks_too_many")
    refuse(blocks_problems(blocks, "message"))


def refuse(problems: Sequence[Problem]) -> None:
    """Raise ``invalid_blocks`` with the list of problems, if there are any."""
    if problems:
        raise SlackError(
            "invalid_blocks",
            errors=[problem.as_json() for problem in problems],
            response_metadata={
                "messages": [f"[ERROR] {p.message} [json-pointer:{p.pointer}]" for p in problems]
            },
        )
