"""Events of the workspace: channels archived, deleted, left and shared; users deactivated; the app
removed. Renames don't matter, because channels are known by their ids.

The events are handled one after the other (`in_order`), in Slack's order: archived and unarchived
is not unarchived and archived.
"""

import asyncio
from datetime import datetime

from slack_bolt.context.async_context import AsyncBoltContext

from bot.access.people import People
from bot.home.workspace_events import WorkspaceEvents
from bot.slack.bolt_app import BoltApp
from bot.slack.channels import SlackChannels
from bot.slack.message import FailureReason
from bot.slack.payloads import Payload

ARCHIVED = ("channel_archive", "group_archive")
DELETED = ("channel_deleted", "group_deleted")
UNARCHIVED = ("channel_unarchive", "group_unarchive")


def register(app: BoltApp, life: WorkspaceEvents, channels: SlackChannels, people: People) -> None:
    """Register events that may affect a setting. Nobody waits for these."""
    app.provide(workspace_events=life, channels=channels, people=people, in_order=asyncio.Lock())
    for name in (*ARCHIVED, *DELETED):
        app.event(name)(closed)
    for name in UNARCHIVED:
        app.event(name)(unarchived)
    app.event("channel_id_changed")(moved)
    app.event("channel_shared")(shared)
    app.event("member_joined_channel")(joined)
    app.event("member_left_channel")(left)
    app.event("user_change")(person_changed)
    app.event("app_uninstalled")(removed)
    app.event("tokens_revoked")(revoked)


async def closed(
    event: Payload,
    now: datetime,
    workspace_events: WorkspaceEvents,
    channels: SlackChannels,
    in_order: asyncio.Lock,
) -> None:
    """A channel accepts no more messages."""
    reason: FailureReason = "channel_gone" if event["type"] in DELETED else "archived"
    async with in_order:
        if await _is_open(channels, _channel(event)) is not True:
            await workspace_events.channel_closed(_channel(event), reason, now)


async def unarchived(
    event: Payload,
    now: datetime,
    workspace_events: WorkspaceEvents,
    channels: SlackChannels,
    in_order: asyncio.Lock,
) -> None:
    """A channel accepts messages again."""
    async with in_order:
        if await _is_open(channels, _channel(event)) is not False:
            await workspace_events.channel_opened(_channel(event), now)


async def moved(
    event: Payload, now: datetime, workspace_events: WorkspaceEvents, in_order: asyncio.Lock
) -> None:
    """A channel got another id."""
    async with in_order:
        old, new = str(event["old_channel_id"]), str(event["new_channel_id"])
        await workspace_events.channel_moved(old, new, now)


async def shared(event: Payload, channels: SlackChannels) -> None:
    """People of another workspace can read a channel from now on."""
    channels.forget(_channel(event))


async def joined(
    event: Payload,
    context: AsyncBoltContext,
    now: datetime,
    workspace_events: WorkspaceEvents,
    in_order: asyncio.Lock,
) -> None:
    """The app was added to a channel, maybe again."""
    async with in_order:
        if event.get("user") == context.bot_user_id:
            await workspace_events.channel_opened(_channel(event), now)


async def left(
    event: Payload,
    context: AsyncBoltContext,
    now: datetime,
    workspace_events: WorkspaceEvents,
    in_order: asyncio.Lock,
) -> None:
    """The app or a user left a channel. Settings of a user who leaves belong to the channel, and
    stay."""
    user = str(event.get("user") or "")
    async with in_order:
        if user == context.bot_user_id:
            await workspace_events.channel_closed(_channel(event), "not_in_channel", now)
        elif user:
            await workspace_events.member_left(_channel(event), user, now)


async def person_changed(
    event: Payload,
    now: datetime,
    workspace_events: WorkspaceEvents,
    people: People,
    in_order: asyncio.Lock,
) -> None:
    """A user became an admin or a guest, or was deactivated."""
    person = event.get("user") or {}
    user = str(person.get("id") or "")
    async with in_order:
        people.forget(user)
        if person.get("deleted") and user:
            await workspace_events.person_left(user, now)


async def removed(now: datetime, workspace_events: WorkspaceEvents, in_order: asyncio.Lock) -> None:
    """The app was uninstalled."""
    async with in_order:
        await workspace_events.app_removed("uninstalled", now)


async def revoked(
    event: Payload, now: datetime, workspace_events: WorkspaceEvents, in_order: asyncio.Lock
) -> None:
    """The app's tokens were revoked."""
    async with in_order:
        if (event.get("tokens") or {}).get("bot"):
            await workspace_events.app_removed("token_revoked", now)


async def _is_open(channels: SlackChannels, channel: str) -> bool | None:
    """Return whether a channel accepts messages now, because an event may arrive late or twice.
    None if Slack doesn't say."""
    info = await channels.look(channel)
    return None if info is None else info.is_there and not info.is_archived


def _channel(event: Payload) -> str:
    """Return the channel's id from any shape of event."""
    found = event.get("channel")
    return str(found.get("id") if isinstance(found, dict) else found)
