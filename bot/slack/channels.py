"""Look up channels: `bot.slack.message.Channels` over Slack's Web API."""

import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.models import DIRECT
from bot.slack.api_errors import error_code_of, error_text
from bot.slack.clients import next_cursor, part_of, web_client
from bot.slack.message import ChannelInfo

log = structlog.get_logger(__name__)

OWN = ChannelInfo(is_there=True, is_member=True, is_private=True)
UNSHARED_CACHED_FOR = 6 * 3600.0
"""Seconds for which a channel that was not shared counts as still not shared."""
LOOKS_PER_MINUTE = 30.0
"""Share of the 50 calls of `conversations.info` per minute that Slack allows."""
MOST_REMEMBERED = 50_000
MEMBERS_AT_ONCE = 1000
MOST_PAGES = 20
PATIENCE = 5


@dataclass(slots=True)
class SlackChannels:
    """Channels of the real Slack. It uses real time, not the app's clock, because waits must
    respect Slack's rate limits."""

    client: AsyncWebClient
    _own: set[str] = field(default_factory=set)
    """Direct messages that Slack opened for the app."""
    _private: dict[str, float] = field(default_factory=dict)
    """When a channel was last seen as not shared."""
    _looks: float = LOOKS_PER_MINUTE
    _counted_at: float = field(default_factory=time.monotonic)

    async def look(self, channel: str, person: str | None = None) -> ChannelInfo | None:
        """Return the current state of a channel. A direct message must be the app's own, with
        `person`."""
        if channel in self._own or (person and await self._is_own(channel, person)):
            return OWN
        try:
            answer = await self.client.conversations_info(channel=channel)
            found = _read(part_of(answer, "channel", dict))
        except SlackApiError as error:
            if error_code_of(error) == "channel_not_found":
                return ChannelInfo(is_there=False)
            log.warning("slack.channel_unknown", error=error_text(error))
            return None
        except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
            log.warning("slack.channel_unknown", error=type(error).__name__)
            return None
        self._remember(channel, found)
        return found

    async def _is_own(self, channel: str, person: str) -> bool:
        """Return True if this is the direct message between the app and the person."""
        if not channel.startswith(DIRECT):
            return False
        try:
            answer = await self.client.conversations_open(users=[person])
            own = part_of(answer, "channel.id", str)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, SlackClientError) as error:
            reason = (
                error_code_of(error) if isinstance(error, SlackApiError) else type(error).__name__
            )
            log.warning("slack.direct_messages_unknown", error=reason)
            return False
        if len(self._own) >= MOST_REMEMBERED:
            self._own.clear()
        self._own.add(own)
        return channel in self._own

    async def has_person(self, channel: str, person: str) -> bool | None:
        """Return whether a user is in a channel; only the first 20,000 members are searched."""
        if channel.startswith(DIRECT):
            return True
        cursor = ""
        try:
            for _ in range(MOST_PAGES):
                answer = await self.client.conversations_members(
                    channel=channel, limit=MEMBERS_AT_ONCE, cursor=cursor
                )
                if person in part_of(answer, "members", list):
                    return True
                cursor = next_cursor(answer)
                if not cursor:
                    return False
        except (SlackApiError, aiohttp.ClientError, TimeoutError, SlackClientError):
            return None
        return None

    async def is_shared(self, channel: str) -> bool | None:
        """Return whether people of other workspaces can read a channel, as of at most six hours
        ago."""
        if channel.startswith(DIRECT):
            return False
        seen = self._private.get(channel)
        if seen is not None and time.monotonic() - seen < UNSHARED_CACHED_FOR:
            return False
        if not self._may_look():
            return None
        found = await self.look(channel)
        return None if found is None else found.is_shared

    def forget(self, channel: str) -> None:
        """Look the channel up again next time, because something about it changed."""
        self._private.pop(channel, None)

    def _may_look(self) -> bool:
        now = time.monotonic()
        refilled = self._looks + (now - self._counted_at) * LOOKS_PER_MINUTE / 60
        self._looks, self._counted_at = min(LOOKS_PER_MINUTE, refilled), now
        if self._looks < 1:
            return False
        self._looks -= 1
        return True

    def _remember(self, channel: str, found: ChannelInfo) -> None:
        if found.is_shared or not found.is_there:
            self._private.pop(channel, None)
            return
        if len(self._private) >= MOST_REMEMBERED:
            self._private.clear()
        self._private[channel] = time.monotonic()


def _read(channel: dict[str, Any]) -> ChannelInfo:
    return ChannelInfo(
        is_there=True,
        is_member=bool(channel.get("is_member") or channel.get("is_im")),
        is_private=bool(channel.get("is_private")),
        is_archived=bool(channel.get("is_archived")),
        is_shared=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
    )


def slack_channels(bot_token: str, api_url: str, session: aiohttp.ClientSession) -> SlackChannels:
    """Return channels with a client that doesn't retry. Its session must not wait long, because a
    post may depend on the answer."""
    return SlackChannels(web_client(bot_token, api_url, session, retry_handlers=[]))
