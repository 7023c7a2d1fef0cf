"""To a manager: the webhook has stopped."""

from dataclasses import dataclass
from typing import Literal

from bot.slack.blocks import message_of, section
from bot.slack.message import Message


@dataclass(frozen=True, slots=True)
class WebhookStopped:
    """The receiver is gone for good."""

    kind: Literal["webhook_stopped"]


def webhook_stopped_message() -> Message:
    """What stopped, and what to do."""
    words = (
        "The webhook is off: its receiver says that its address is gone. Events are no longer "
        "sent. Slack gets every alert and digest as before. Correct the address in the settings "
        "of aicost, then restart it."
    )
    return message_of([section(words)])
