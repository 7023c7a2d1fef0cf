"""A workspace with the app installed: its people, channels and messages, and how they change."""

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from simulators.slack.errors import SlackError
from simulators.slack.feed import Change, ChangeKind, Feed
from simulators.slack.interactivity import Interactivity
from simulators.slack.things import Channel, ChannelKind, File, Message, Person, View

SCOPES = frozenset(
    {
        "commands",
        "chat:write",
        "users:read",
        "channels:read",
        "groups:read",
        "im:write",
        "files:write",
        "app_mentions:read",
        "im:history",
        "usergroups:read",
    }
)
EVENTS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "channel_archive",
        "channel_deleted",
        "channel_id_changed",
        "channel_shared",
        "channel_rename",
        "channel_unarchive",
        "group_archive",
        "group_deleted",
        "group_rename",
        "group_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "message.im",
        "tokens_revoked",
        "user_change",
    }
)
SLACKBOT = "USLACKBOT"
_MENTION = re.compile(r"[#@][A-Z][A-Z0-9]+")


@dataclass(slots=True)
class Installation:
    """The app in this workspace. `state` decides how calls with its tokens are answered."""

    app_id: str = "A0AICOST"
    bot_user: str = "U0AICOST"
    bot_id: str = "B0AICOST"
    bot_token: str = "xoxb-simulated-0001"
    app_token: str = "xapp-simulated-0001"
    signing_secret: str = "simulated-signing-secret"
    scopes: frozenset[str] = SCOPES
    lists_scopes: bool = True
    """Whether answers have the header `X-OAuth-Scopes`, which some proxies remove."""
    state: Literal["installed", "token_revoked", "account_inactive"] = "installed"
    messages_tab_is_on: bool = True
    home_tab_is_on: bool = True
    events: frozenset[str] = EVENTS
    commands: frozenset[str] = frozenset({"/aicost"})


class State:
    """Everything in the workspace; `changes` has each change."""

    team_id = "T0DEMO"
    team_name = "Demo"

    def __init__(self, clock: Callable[[], datetime], app: Installation | None = None) -> None:
        self.clock = clock
        self.app = app or Installation()
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.views: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.interactivity = Interactivity(clock)
        self.changes = Feed()
        self._numbers = itertools.count(1)
        self._last_ts = 0
        bot = Person(self.app.bot_user, "aicost", "aicost", self.team_id, is_bot=True)
        self.people[bot.id] = bot

    def person(self, user: str) -> Person:
        """The person of that id. Raises `KeyError`."""
        return self.people[user]

    def channel(self, channel: str) -> Channel:
        """The channel of that id or name (with or without ``#``). Raises `KeyError`."""
        if channel in self.channels:
            return self.channels[channel]
        name = channel.removeprefix("#")
        return next(c for c in self.channels.values() if c.name == name and c.kind != "im")

    def with_names(self, plain: str) -> str:
        """Return plain text in which the ids of mentions are the names that people see."""
        names = {f"#{c.id}": f"#{c.name}" for c in self.channels.values()}
        names |= {f"@{p.id}": f"@{p.name}" for p in self.people.values()}
        return _MENTION.sub(lambda found: names.get(found[0], found[0]), plain)

    def dm(self, user: str) -> Channel:
        """Return the direct messages between the app and that person; open them if needed."""
        channel_id = f"D{user[1:]}"
        if channel_id not in self.channels:
            members = {user, self.app.bot_user}
            self.channels[channel_id] = Channel(channel_id, user, "im", members)
        return self.channels[channel_id]

    def add_person(self, user: str, name: str, **more: Any) -> Person:
        """Add a person; `more` are fields of `Person`."""
        person = Person(
            user,
            name,
            more.pop("real_name", name.title()),
            more.pop("team_id", self.team_id),
            **more,
        )
        self.people[user] = person
        return person

    def add_channel(
        self, channel: str, name: str, members: Iterable[str] = (), kind: ChannelKind = "public"
    ) -> Channel:
        """Add a channel."""
        self.channels[channel] = Channel(channel, name, kind, set(members))
        return self.channels[channel]

    def new_id(self, letter: str) -> str:
        """Return a new id: ``V00000001``."""
        return f"{letter}{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """Return the time stamp of a new message: unique, and later than all before."""
        now = int(self.clock().timestamp() * 1_000_000)
        self._last_ts = max(now, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def with_ids(self, blocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the blocks with a block_id each, as Slack adds them."""
        return [
            block if block.get("block_id") else block | {"block_id": self.new_id("b")}
            for block in blocks
        ]

    def post(self, message: Message, cause: str | None = None) -> Message:
        """Add a message to its channel."""
        self.channels[message.channel].everything.append(message)
        self.message_changed("message_posted", message, cause)
        return message

    def edit(
        self,
        message: Message,
        text: str,
        blocks: Iterable[dict[str, Any]],
        cause: str | None = None,
    ) -> None:
        """Replace a message's content."""
        message.text, message.blocks = text, self.with_ids(blocks)
        message.edits += 1
        self.message_changed("message_changed", message, cause)

    def delete(self, message: Message, cause: str | None = None) -> None:
        """Delete a message."""
        message.is_deleted = True
        self.message_changed("message_deleted", message, cause)

    def message_changed(self, kind: ChangeKind, message: Message, cause: str | None = None) -> None:
        """Report a change of a message to the listeners."""
        self.changes.notify(
            Change(
                kind,
                self.clock(),
                channel=message.channel,
                user=message.shown_to,
                message=message,
                cause=cause,
                is_by_app=message.user == self.app.bot_user,
            )
        )

    def view_changed(self, kind: ChangeKind, view: View, cause: str | None = None) -> None:
        """Report a change of a view to the listeners."""
        self.changes.notify(Change(kind, self.clock(), user=view.user, view=view, cause=cause))

    def post_privately(self, user: str, channel: str, text: str) -> Message:
        """Add a message of Slack itself for one person, for example after a failed command."""
        return self.post(Message(self.new_ts(), channel, SLACKBOT, text, shown_to=user))

    def need_scope(self, *any_of: str) -> None:
        """Raise `SlackError` if none of these scopes was granted."""
        if any_of and not self.app.scopes & set(any_of):
            raise SlackError(
                "missing_scope", needed=",".join(any_of), provided=",".join(sorted(self.app.scopes))
            )

    def new_view(self, user: str, content: dict[str, Any], channel: str | None = None) -> View:
        """Return a view with an id and a hash, its blocks with ids."""
        view_id = self.new_id("V")
        view = View(view_id, "", user, {}, view_id, channel=channel)
        self.views[view_id] = view
        self.fill_view(view, content)
        return view

    def fill_view(self, view: View, content: dict[str, Any]) -> None:
        """Replace a view's content; its hash changes."""
        view.content = content | {"blocks": self.with_ids(content.get("blocks") or [])}
        view.hash = f"{int(self.clock().timestamp())}.{self.new_id('h')}"

    def view_json(self, view: View) -> dict[str, Any]:
        """Return a view as payloads and `views.*` show it."""
        return {
            "id": view.id,
            "team_id": self.team_id,
            "app_id": self.app.app_id,
            "bot_id": self.app.bot_id,
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "state": {"values": {}},
            **view.content,
        }
