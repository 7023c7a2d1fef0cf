"""Who asks, and where."""

from dataclasses import dataclass

from bot.delivery.channels import ConversationKind, conversation_kind
from bot.permission import Person
from bot.seeing.visibility import EVERYTHING, Sight


@dataclass(frozen=True, slots=True)
class Asker:
    """A person in a Slack conversation."""

    person: Person
    channel: str
    sight: Sight = EVERYTHING
    """What they may see there."""
    kind: ConversationKind = "channel"
    """Of the conversation, as Slack's payload tells it."""

    def kind_of(self, channel: str) -> ConversationKind:
        """Return the kind of a conversation that they set something for."""
        return (
            self.kind
            if channel == self.channel and self.kind == "group"
            else conversation_kind(channel)
        )
