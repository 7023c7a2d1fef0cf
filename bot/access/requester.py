"""Who asks, and where."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.access.models import EVERYTHING, VisibilityScope
from bot.access.permission import Person
from bot.slack.channel_info import ConversationKind, conversation_kind


@dataclass(frozen=True, slots=True)
class Requester:
    """A person in a Slack conversation."""

    person: Person
    channel: str
    visibility: VisibilityScope = EVERYTHING
    """What they may see there."""
    kind: ConversationKind = "channel"
    """Of the conversation, as Slack's payload has it."""

    def kind_of(self, channel: str) -> ConversationKind:
        """Return the kind of a conversation that they set something for."""
        return (
            self.kind
            if channel == self.channel and self.kind == "group"
            else conversation_kind(channel)
        )


RequesterIn = Callable[..., Awaitable[Requester]]
"""`VisibilityService.requester`."""
