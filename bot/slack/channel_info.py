"""The protocol for questions to Slack about channels."""

from dataclasses import dataclass
from typing import Protocol

from bot.access.models import ConversationKind

NO_APPS: dict[ConversationKind, str] = {
    "direct": "I can't post in this conversation. Use a channel, or the Messages tab of aicost.",
    "group": "This conversation can't have apps. Use a channel.",
}
"""The refusal for places where an app can't be invited."""


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel as the app sees it in Slack."""

    is_there: bool
    """False if it was deleted, or is private without the app."""
    is_member: bool = False
    """The app is in it."""
    is_private: bool = False
    is_archived: bool = False
    is_shared: bool = False
    """People of other workspaces can read it (Slack Connect)."""


class Channels(Protocol):
    """Questions to Slack about channels. None always means that Slack doesn't say: a scope is
    missing, or it is unreachable."""

    async def look(self, channel: str, person: str | None = None) -> ChannelInfo | None:
        """Return the current state of a channel. A direct message is the app's own only if it is
        with `person`, or if Slack knows it."""

    async def has_person(self, channel: str, person: str) -> bool | None:
        """Return whether a user is in a channel."""

    async def is_shared(self, channel: str) -> bool | None:
        """Return whether it is shared, as known from the last few hours. This is called before each
        post, so return None if it would take too many requests to Slack."""
