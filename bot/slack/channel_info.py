"""The port to Slack for what is asked of channels."""

from dataclasses import dataclass
from typing import Protocol

from bot.access.models import ConversationKind

NO_APPS: dict[ConversationKind, str] = {
    "direct": "I can't post in this conversation. Use a channel, or the Messages tab of aicost.",
    "group": "This conversation can't have apps. Use a channel.",
}
"""Why nothing can be set where an app can't be invited."""


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel as Slack shows it to the app."""

    is_there: bool
    """False: deleted, or private and the app is not in it."""
    is_member: bool = False
    """The app is in it."""
    is_private: bool = False
    is_archived: bool = False
    is_shared: bool = False
    """With people of other workspaces (Slack Connect)."""


class Channels(Protocol):
    """Slack, for looking at channels. None everywhere means that Slack does not say: a scope is
    missing, or it is out of reach."""

    async def look(self, channel: str, person: str | None = None) -> ChannelInfo | None:
        """How a channel stands now. Direct messages are the app's own only where that is proved:
        they are those with `person`, or Slack knows them."""

    async def has_person(self, channel: str, person: str) -> bool | None:
        """Return whether a person is in a channel."""

    async def is_shared(self, channel: str) -> bool | None:
        """Return whether it is shared, as known from the last few hours. This is asked before each
        post, so return None where it would take too many requests to Slack."""
