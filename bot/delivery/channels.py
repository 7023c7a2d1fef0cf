"""The port to Slack for what is asked of channels."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ChannelLook:
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

    async def look(self, channel: str) -> ChannelLook | None:
        """How a channel stands now."""

    async def has_person(self, channel: str, person: str) -> bool | None:
        """Whether somebody is in a channel."""

    async def is_shared(self, channel: str) -> bool | None:
        """The same as a look tells, as of a few hours ago; asked for before each post, so None
        where it would take too many questions to Slack."""
