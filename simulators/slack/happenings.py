"""Events of a workspace: each changes its state and notifies the app."""

from simulators.slack.feed import Change
from simulators.slack.things import Channel
from simulators.slack.workspace import Workspace


async def archive(workspace: Workspace, channel: str) -> None:
    """Someone archives a channel."""
    place = workspace.channel(channel)
    place.is_archived = True
    await _happened(workspace, place, "archive")


async def unarchive(workspace: Workspace, channel: str) -> None:
    """Someone brings an archived channel back."""
    place = workspace.channel(channel)
    place.is_archived = False
    await _happened(workspace, place, "unarchive")


async def delete(workspace: Workspace, channel: str) -> None:
    """Someone deletes a channel with everything in it."""
    place = workspace.channel(channel)
    place.is_deleted = True
    await _happened(workspace, place, "deleted")


async def rename(workspace: Workspace, channel: str, name: str) -> None:
    """Someone gives a channel another name."""
    place = workspace.channel(channel)
    place.name = name
    _notify_changed(workspace, place)
    await workspace.emit(
        {
            "type": f"{_kind(place)}_rename",
            "channel": {"id": place.id, "name": name, "created": 0},
        }
    )


async def invite(workspace: Workspace, channel: str, user: str) -> None:
    """Someone, or the app, becomes a member of a channel."""
    place = workspace.channel(channel)
    place.members.add(user)
    await _moved(workspace, place, user, "member_joined_channel")


async def remove(workspace: Workspace, channel: str, user: str) -> None:
    """Someone, or the app, leaves a channel or is removed from it."""
    place = workspace.channel(channel)
    place.members.discard(user)
    await _moved(workspace, place, user, "member_left_channel")


async def deactivate(workspace: Workspace, user: str) -> None:
    """A person is deactivated."""
    workspace.person(user).deleted = True
    workspace.changes.notify(
        Change("person_changed", workspace.clock(), user=user, is_by_app=False)
    )
    await workspace.emit({"type": "user_change", "user": {"id": user, "deleted": True}})


async def uninstall(workspace: Workspace) -> None:
    """Someone uninstalls the app: it gets the events, and its tokens are revoked."""
    workspace.app.state = "account_inactive"
    tokens = {"bot": [workspace.app.bot_user]}
    await workspace.emit({"type": "tokens_revoked", "tokens": tokens})
    await workspace.emit({"type": "app_uninstalled"})


async def revoke(workspace: Workspace) -> None:
    """Someone revokes the app's tokens."""
    workspace.app.state = "token_revoked"
    tokens = {"bot": [workspace.app.bot_user]}
    await workspace.emit({"type": "tokens_revoked", "tokens": tokens})


def _kind(channel: Channel) -> str:
    return "group" if channel.kind == "private" else "channel"


def _notify_changed(workspace: Workspace, channel: Channel) -> None:
    workspace.changes.notify(
        Change("channel_changed", workspace.clock(), channel=channel.id, is_by_app=False)
    )


async def _happened(workspace: Workspace, channel: Channel, what: str) -> None:
    _notify_changed(workspace, channel)
    await workspace.emit({"type": f"{_kind(channel)}_{what}", "channel": channel.id})


async def _moved(workspace: Workspace, channel: Channel, user: str, event: str) -> None:
    _notify_changed(workspace, channel)
    await workspace.emit(
        {
            "type": event,
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.kind == "private" else "C",
            "team": workspace.team_id,
        }
    )
