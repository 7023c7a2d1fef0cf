"""What is said in Slack: one message, independent of where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Block = Mapping[str, Any]
"""One Block Kit block as a plain dict: `slack_sdk` has no class for charts and data tables."""


@dataclass(frozen=True, slots=True)
class Message:
    """`text` says everything that matters in sentences, in mrkdwn: notifications and screen
    readers get nothing else where there are blocks."""

    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message now stands."""

    channel: str
    """As Slack names it: for a direct message the conversation, not the person."""
    ts: str


class Respond(Protocol):
    """How a listener answers: as Bolt's `respond`, with a message. Bolt's own opens a session for
    each call and never looks whether Slack took the answer; these raise where it did not."""

    async def __call__(
        self,
        message: Message,
        *,
        response_type: Literal["ephemeral", "in_channel"] = "ephemeral",
        replace_original: bool = False,
    ) -> None:
        """Answer the person alone, in place of the message whose button was pressed, or for
        everybody in the channel. Where there is no such place, it stays with the person."""
        ...
