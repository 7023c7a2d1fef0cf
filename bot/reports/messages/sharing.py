"""Shared answers, and the messages about sharing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.reports.messages.suggestions import CSV, IN_THREAD, SEE_CSV, SHARE, SHARE_ANYWAY
from bot.slack.blocks import (
    SECTION_TEXT,
    Element,
    bounded,
    button,
    clip_mrkdwn,
    context,
    escape,
    moment,
    name,
    text_message,
)
from bot.slack.message import Block, Message
from bot.slack.openers import ASK, CHANGE_RULE
from bot.wording import listed


@dataclass(frozen=True, slots=True)
class NotShareable:
    """Sharing needs a manager's explicit permission. `may_allow`: the requester can give it."""

    reason: str
    may_allow: bool


def shared(message: Message, who: str, at: datetime, details: str | None = None) -> Message:
    """Return an answer for the whole channel: with who shared it and when, without *Share* and
    without what only managers may change. *Details in thread* is added if `details` has its
    command."""
    words = f"Shared by {name(who)}, {moment(at)}"
    kept = [block for each in message.blocks if (block := _unshared(each, details)) is not None]
    at_end = [block for block in kept if block["type"] == "actions"]
    before = [block for block in kept if block["type"] != "actions"]
    return Message(f"{message.text} {words}.", bounded([*before, context([words])], at_end))


def without_actions(message: Message) -> Message:
    """Return an answer without buttons. Where it leads to *Get CSV*, it has the commands."""
    said = [block for block in message.blocks if block["type"] != "actions"]
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    exports = [
        f"`/aicost {escape(each['value'])}`" for row in rows for each in row if _is_csv(each)
    ]
    see = f"see {listed(exports)}"
    kept = [
        {key: _instead(part, see) for key, part in each.items() if key != "accessory"}
        for each in said
    ]
    return Message(message.text, tuple(kept))


def _is_csv(element: Element) -> bool:
    return str(element["action_id"]).startswith(CSV)


def _instead(part: Any, see: str) -> Any:
    """Return a part of a block with another way than *Get CSV*."""
    if isinstance(part, str):
        return clip_mrkdwn(part.replace(SEE_CSV, see), SECTION_TEXT) if SEE_CSV in part else part
    if isinstance(part, dict):
        return {key: _instead(value, see) for key, value in part.items()}
    return [_instead(each, see) for each in part] if isinstance(part, list) else part


def without_questions(message: Message) -> Message:
    """Return an answer without the buttons that ask further: a modal is in no channel, so questions
    about "this channel" can't work."""
    blocks: list[Block] = []
    for block in message.blocks:
        if block["type"] == "actions":
            kept = [each for each in block["elements"] if not each["action_id"].startswith(ASK)]
            blocks += [{**block, "elements": kept}] if kept else []
        else:
            blocks.append(block)
    return Message(message.text, tuple(blocks))


def _unshared(block: Block, details: str | None) -> Block | None:
    if block["type"] != "actions":
        return {key: value for key, value in block.items() if key != "accessory"}
    elements = []
    for each in block["elements"]:
        if each["action_id"] == CHANGE_RULE:
            continue
        if each["action_id"] != SHARE:
            elements.append(each)
        elif details is not None:
            elements.append(button("Details in thread", IN_THREAD, details))
    return {**block, "elements": elements} if elements else None


def not_shareable_message(problem: NotShareable, words: str) -> Message:
    """Return why an answer is not shared yet, and a button that shares it for managers."""
    if not problem.may_allow:
        said = f"Not shared. {problem.reason} A manager can share it there."
        return text_message(said)
    said = f"Not shared yet. {problem.reason} Share it with them too?"
    share = button(
        "Share anyway",
        SHARE_ANYWAY,
        words,
        style="danger",
        spoken="Share with everyone",
    )
    return text_message(said, share)


def only_members_message() -> Message:
    """Return the refusal for a channel that the requester is not in."""
    return text_message("Only members of a channel can share answers there.")


def shared_message(channel: str) -> Message:
    """Return that an answer was shared in another channel."""
    return text_message(f"Shared in <#{channel}>.")


def shared_already_message() -> Message:
    """Return that the answer was already shared."""
    return text_message("This answer is already shared here. Ask again to share newer figures.")


def in_thread_message(*, was_there: bool) -> Message:
    """Return that the details are in the thread."""
    said = "The details are in the thread" + (" already." if was_there else ".")
    return text_message(said)


def not_in_thread_message(code: str, *, is_gone: bool) -> Message:
    """Return that the bot can't post there, or that the thread was deleted."""
    said = (
        f"Slack didn't accept the details ({code}). Invite the app to this channel first: "
        "/invite @aicost."
    )
    if is_gone:
        said = "Nothing was posted, because the message was deleted."
    return text_message(said)
