"""Channels as Slack would show them, for tests without one."""

from dataclasses import dataclass, field

from bot.slack.message import ChannelInfo

OPEN = ChannelInfo(is_there=True, is_member=True)


@dataclass(slots=True)
class FakeChannels:
    """`Channels`: every channel is open and everybody in it, unless said otherwise."""

    looks: dict[str, ChannelInfo | None] = field(default_factory=dict)
    outsiders: set[str] = field(default_factory=set)

    async def look(self, channel: str, person: str | None = None) -> ChannelInfo | None:
        """How a channel stands, whoever asks."""
        return self.looks.get(channel, OPEN)

    async def has_person(self, channel: str, person: str) -> bool | None:
        """Whether someone is in it."""
        return person not in self.outsiders

    async def is_shared(self, channel: str) -> bool | None:
        """Whether people outside read it."""
        look = self.looks.get(channel, OPEN)
        return None if look is None else look.is_shared
