"""Slack's own changes: channels archived, deleted, left and shared; people who leave; the app
removed. A rename changes nothing: channels are known by their ids."""

import asyncio
from dataclasses import dataclass, field

from slack_bolt.async_app import AsyncApp

from bot.home.workspace_events import Life
from bot.slack.channels import SlackChannels
from bot.slack.dispatcher import SlackDispatcher
from bot.slack.events import Event, EventHandler, event_listener

CLOSING = ("channel_archive", "group_archive")
DELETING = ("channel_deleted", "group_deleted")
OPENING = ("channel_unarchive", "group_unarchive")


@dataclass(slots=True)
class LifeListeners:
    """Events that nobody waits for."""

    life: Life
    channels: SlackChannels
    _dispatcher: SlackDispatcher | None = field(default=None, repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """One event after another, as Slack told them: archived and back is not back and archived."""

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Listen for what may touch a setting."""
        self._dispatcher = dispatcher
        handlers: dict[str, EventHandler] = {
            **dict.fromkeys(CLOSING, self.archived),
            **dict.fromkeys(DELETING, self.deleted),
            **dict.fromkeys(OPENING, self.opened),
            "channel_id_changed": self.moved,
            "channel_shared": self.shared,
            "member_joined_channel": self.joined,
            "member_left_channel": self.left,
            "user_change": self.person_changed,
            "app_uninstalled": self.removed,
            "tokens_revoked": self.revoked,
        }
        for name, handler in handlers.items():
            app.event(name)(event_listener(dispatcher, name, self._in_turn(handler)))

    async def archived(self, event: Event) -> None:
        """A channel takes nothing any more."""
        if await self._is_open(_channel(event)) is not True:
            await self.life.channel_closed(_channel(event), "archived", self._at_desk().clock())

    async def deleted(self, event: Event) -> None:
        """A channel is gone."""
        if await self._is_open(_channel(event)) is not True:
            await self.life.channel_closed(_channel(event), "channel_gone", self._at_desk().clock())

    async def opened(self, event: Event) -> None:
        """An archived channel is back."""
        if await self._is_open(_channel(event)) is not False:
            await self.life.channel_opened(_channel(event), self._at_desk().clock())

    async def moved(self, event: Event) -> None:
        """A channel has another id."""
        old, new = str(event["old_channel_id"]), str(event["new_channel_id"])
        await self.life.channel_moved(old, new, self._at_desk().clock())

    async def shared(self, event: Event) -> None:
        """People of another workspace read a channel from now on."""
        self.channels.forget(_channel(event))

    async def joined(self, event: Event) -> None:
        """The app itself is in a channel again."""
        dispatcher = self._at_desk()
        if event.get("user") == dispatcher.bot_user_id:
            await self.life.channel_opened(_channel(event), dispatcher.clock())

    async def left(self, event: Event) -> None:
        """The app itself was removed from a channel, or somebody left it. What people who leave had
        set there belongs to the channel, and stays."""
        dispatcher, user = self._at_desk(), str(event.get("user") or "")
        if user == dispatcher.bot_user_id:
            await self.life.channel_closed(_channel(event), "not_in_channel", dispatcher.clock())
        elif user:
            await self.life.member_left(_channel(event), user, dispatcher.clock())

    async def person_changed(self, event: Event) -> None:
        """Somebody is somebody else than they were: admin, guest, or gone."""
        dispatcher, person = self._at_desk(), event.get("user") or {}
        user = str(person.get("id") or "")
        dispatcher.people.forget(user)
        if person.get("deleted") and user:
            await self.life.person_left(user, dispatcher.clock())

    async def removed(self, event: Event) -> None:
        """The app was uninstalled."""
        await self.life.app_removed("uninstalled", self._at_desk().clock())

    async def revoked(self, event: Event) -> None:
        """The bot's token was revoked."""
        if (event.get("tokens") or {}).get("bot"):
            await self.life.app_removed("token_revoked", self._at_desk().clock())

    async def _is_open(self, channel: str) -> bool | None:
        """Whether a channel takes messages now: an event may come late, or a second time, after
        what it told of has changed again. None where Slack does not say."""
        look = await self.channels.look(channel)
        return None if look is None else look.is_there and not look.is_archived

    def _in_turn(self, handler: EventHandler) -> EventHandler:
        async def wait_and_handle(event: Event) -> None:
            async with self._turn:
                await handler(event)

        return wait_and_handle

    def _at_desk(self) -> SlackDispatcher:
        if self._dispatcher is None:
            raise RuntimeError("these listeners are not registered yet")
        return self._dispatcher


def _channel(event: Event) -> str:
    """Its id, however the event holds it."""
    found = event.get("channel")
    return str(found.get("id") if isinstance(found, dict) else found)
