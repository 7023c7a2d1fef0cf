"""What is said in Slack: one message, independent of where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Block = Mapping[str, Any]
"""One Block Kit block as a plain dict: `slack_sdk` has no class for charts and data tables."""


@dataclass(frozen=True, slots=True)
class Message:
    """`text` says everything that matters in sentences, in mrkdwn: notifications and screen
    readers get nothing else where there are blocks."""

    text: str
    blocks: tuple[Block, ...] = ()
