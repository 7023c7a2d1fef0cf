"""The content of a workspace: people, channels, messages, views and files, in their current
state."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

Blocks = list[dict[str, Any]]
Option = Mapping[str, Any]
"""A choice of a menu: its ``text`` object and its ``value``."""
ChannelKind = Literal["public", "private", "im", "mpim"]


@dataclass(slots=True)
class Message:
    """One message in its current state. `shown_to`: the only person who sees an ephemeral one."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: Blocks = field(default_factory=list)
    thread_ts: str | None = None
    shown_to: str | None = None
    edits: int = 0
    is_deleted: bool = False
    files: tuple["File", ...] = ()
    metadata: Mapping[str, Any] | None = None
    attachments: Sequence[Mapping[str, Any]] = ()
    offered: dict[str, Option] = field(default_factory=dict)
    """By value, the options that its searched menus have offered."""

    def as_json(self) -> dict[str, Any]:
        """Return it as the Web API and payloads show it."""
        shown: dict[str, Any] = {
            "type": "message",
            "ts": self.ts,
            "user": self.user,
            "text": self.text,
            "blocks": self.blocks,
        }
        if self.thread_ts:
            shown["thread_ts"] = self.thread_ts
        if self.edits:
            shown["edited"] = {"user": self.user, "ts": self.ts}
        if self.files:
            shown["files"] = [one.as_json() for one in self.files]
        if self.metadata:
            shown["metadata"] = dict(self.metadata)
        return shown

    def copy(self) -> "Message":
        """Return it as it is now, for a press on a button that is gone later."""
        return deepcopy(self)


@dataclass(slots=True)
class View:
    """A modal or a Home tab of one person."""

    id: str
    hash: str
    user: str
    content: dict[str, Any]
    root_id: str
    previous_id: str | None = None
    channel: str | None = None
    offered: dict[str, Option] = field(default_factory=dict)
    """By value, the options that its searched menus have offered."""

    @property
    def blocks(self) -> Blocks:
        """Its blocks."""
        blocks: Blocks = self.content["blocks"]
        return blocks

    @property
    def title(self) -> str:
        """A modal's title; empty for a Home tab."""
        return str(self.content.get("title", {}).get("text", ""))


@dataclass(slots=True)
class File:
    """An uploaded file; `content` is empty until the bytes have arrived."""

    id: str
    name: str
    length: int
    owner: str
    title: str = ""
    content: bytes = b""
    is_complete: bool = False
    channels: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as the Web API shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": self.length,
            "user": self.owner,
            "channels": list(self.channels),
        }


@dataclass(slots=True)
class Person:
    """A person in the workspace."""

    id: str
    name: str
    real_name: str
    team_id: str
    tz: str = "UTC"
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    deleted: bool = False
    email: str = ""
    home: View | None = None
    modals: list[View] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    @property
    def modal(self) -> View | None:
        """Return the modal on top, if one is open."""
        return self.modals[-1] if self.modals else None

    def as_json(self, asking_team: str, tz_offset: int) -> dict[str, Any]:
        """Return it as `users.info` shows it, without the e-mail address, which needs another
        scope."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": tz_offset,
            "locale": "en-US",
            "is_admin": self.is_admin,
            "is_owner": self.is_owner,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_stranger": self.team_id != asking_team,
            "profile": {"real_name": self.real_name, "display_name": self.name},
        }

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.tz)


@dataclass(slots=True)
class Channel:
    """A public or private channel, or direct messages: of two (`im`) or of a group (`mpim`).

    The app isn't in those between people, and can't be invited there.
    """

    id: str
    name: str
    kind: ChannelKind = "public"
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    is_deleted: bool = False
    is_ext_shared: bool = False
    posting_is_restricted: bool = False
    everything: list[Message] = field(default_factory=list)

    @property
    def messages(self) -> list[Message]:
        """Return what everyone there sees, with threads, oldest first."""
        return [m for m in self.everything if not m.is_deleted and m.shown_to is None]

    def seen_by(self, user: str) -> list[Message]:
        """Return what one person sees there, with their ephemeral messages, oldest first."""
        return [m for m in self.everything if not m.is_deleted and m.shown_to in (None, user)]

    def thread(self, ts: str) -> list[Message]:
        """Return the replies to a message, oldest first."""
        return [m for m in self.messages if m.thread_ts == ts and m.ts != ts]

    def message(self, ts: str) -> Message | None:
        """Return the message of that time stamp that isn't ephemeral."""
        return next((m for m in reversed(self.messages) if m.ts == ts), None)

    def as_json(self, asking: str) -> dict[str, Any]:
        """Return it as `conversations.info` shows it to that member."""
        shown: dict[str, Any] = {
            "id": self.id,
            "is_channel": self.kind == "public",
            "is_group": self.kind in ("private", "mpim"),
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "public",
            "is_archived": self.is_archived,
            "is_ext_shared": self.is_ext_shared,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
        }
        if self.kind == "im":
            other = next((user for user in self.members if user != asking), asking)
            return shown | {"user": other}
        return shown | {
            "name": self.name,
            "name_normalized": self.name,
            "is_member": asking in self.members,
            "num_members": len(self.members),
        }
