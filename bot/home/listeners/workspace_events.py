"""Events of the workspace: channels archived, deleted, left and shared; users deactivated; the app
removed. Renames don't matter, because channels are known by their ids."""

import asyncio
from datetime import datetime

from slack_bolt.context.async_context import AsyncBoltContext

from bot.access.people import People
from bot.home.workspace_events import Life
from bot.slack.bolt_app import BoltApp
from bot.slack.channels import SlackChannels
from bot.slack.payloads import Payload

ARCHIVED = ("channel_archive", "group_archive")
DELETED = ("channel_deleted", "group_deleted")
UNARCHIVED = ("channel_unarchive", "group_unarchive")


def register(app: BoltApp, life: Life, channels: SlackChannels, people: People) -> None:
    """Register events that may affect a setting. Nobody waits for these."""
    turn = asyncio.Lock()
    """Serializes the events in Slack's order: archived and unarchived is not unarchived and
    archived."""

    async def archived(event: Payload, now: datetime) -> None:
        """A channel accepts no more messages."""
        async with turn:
            if await _is_open(_channel(event)) is not True:
                await life.channel_closed(_channel(event), "archived", now)

    async def deleted(event: Payload, now: datetime) -> None:
        async with turn:
            if await _is_open(_channel(event)) is not True:
                await life.channel_closed(_channel(event), "channel_gone", now)

    async def unarchived(event: Payload, now: datetime) -> None:
        async with turn:
            if await _is_open(_channel(event)) is not False:
                await life.channel_opened(_channel(event), now)

    for listener, names in ((archived, ARCHIVED), (deleted, DELETED), (unarchived, UNARCHIVED)):
        for name in names:
            app.event(name)(listener)

    @app.event("channel_id_changed")
    async def moved(event: Payload, now: datetime) -> None:
        async with turn:
            old, new = str(event["old_channel_id"]), str(event["new_channel_id"])
            await life.channel_moved(old, new, now)

    @app.event("channel_shared")
    async def shared(event: Payload) -> None:
        """People of another workspace can read a channel from now on."""
        channels.forget(_channel(event))

    @app.event("member_joined_channel")
    async def joined(event: Payload, context: AsyncBoltContext, now: datetime) -> None:
        """The app was added to a channel, maybe again."""
        async with turn:
            if event.get("user") == context.bot_user_id:
                await life.channel_opened(_channel(event), now)

    @app.event("member_left_channel")
    async def left(event: Payload, context: AsyncBoltContext, now: datetime) -> None:
        """The app or a user left a channel. Settings of a user who leaves belong to the channel,
        and stay."""
        user = str(event.get("user") or "")
        async with turn:
            if user == context.bot_user_id:
                await life.channel_closed(_channel(event), "not_in_channel", now)
            elif user:
                await life.member_left(_channel(event), user, now)

    @app.event("user_change")
    async def person_changed(event: Payload, now: datetime) -> None:
        """A user became an admin or a guest, or was deactivated."""
        person = event.get("user") or {}
        user = str(person.get("id") or "")
        async with turn:
            people.forget(user)
            if person.get("deleted") and user:
                await life.person_left(user, now)

    @app.event("app_uninstalled")
    async def removed(now: datetime) -> None:
        async with turn:
            await life.app_removed("uninstalled", now)

    @app.event("tokens_revoked")
    async def revoked(event: Payload, now: datetime) -> None:
        async with turn:
            if (event.get("tokens") or {}).get("bot"):
                await life.app_removed("token_revoked", now)

    async def _is_open(channel: str) -> bool | None:
        """Return whether a channel accepts messages now, because an event may arrive late or twice.
        None if Slack doesn't say."""
        info = await channels.look(channel)
        return None if info is None else info.is_there and not info.is_archived


def _channel(event: Payload) -> str:
    """Return the channel's id from any shape of event."""
    found = event.get("channel")
    return str(found.get("id") if isinstance(found, dict) else found)
