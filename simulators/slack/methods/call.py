"""One call of a Web API method, with its arguments in any encoding."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simulators.slack.errors import SlackError
from simulators.slack.state import State
from simulators.slack.things import Channel, Person


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments as sent: form values are strings, JSON values what they are."""

    state: State
    arguments: Mapping[str, Any]
    base_url: str

    def text(self, key: str, default: str = "") -> str:
        """A string."""
        value = self.arguments.get(key)
        return default if value is None else str(value)

    def required(self, key: str, error: str = "invalid_arguments") -> str:
        """Return a required string."""
        value = self.text(key)
        if not value:
            raise SlackError(
                error, response_metadata={"messages": [f"[ERROR] missing required field: {key}"]}
            )
        return value

    def structure(self, key: str, error: str) -> Any:
        """A list or object, as JSON text in a form; None where it was not sent."""
        value = self.arguments.get(key)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(error) from None

    def truth(self, key: str) -> bool:
        """A boolean, false where it was not sent."""
        return self.text(key).lower() in {"true", "1"}

    def count(self, key: str, default: int) -> int:
        """A whole number."""
        try:
            return int(self.text(key) or default)
        except ValueError:
            raise SlackError("invalid_arguments") from None

    def channel(self, key: str = "channel") -> Channel:
        """The channel of that id, if the app may know of it."""
        channel = self.state.channels.get(self.text(key))
        if channel is None or channel.is_deleted:
            raise SlackError("channel_not_found")
        if channel.kind != "public" and self.state.app.bot_user not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def person(self, key: str = "user", error: str = "user_not_found") -> Person:
        """The person of that id."""
        person = self.state.people.get(self.text(key))
        if person is None:
            raise SlackError(error)
        return person


Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its function, the scopes of its token (any one of them), and its rate tier in
    `per_minute`.

    0: it has its own rule.
    """

    run: Callable[[Call], Answer]
    per_minute: int
    scopes: tuple[str, ...] = ()
    token: Literal["bot", "app", "none"] = "bot"


def page(call: Call, rows: list[Any], default: int = 100) -> tuple[list[Any], Answer]:
    """Return one page of the rows, and the cursor of the next as `response_metadata`."""
    cursor = call.text("cursor")
    if cursor and not cursor.isdigit():
        raise SlackError("invalid_cursor")
    start = int(cursor or 0)
    limit = call.count("limit", default)
    if not 1 <= limit <= 1000:
        raise SlackError("invalid_limit")
    after = str(start + limit) if start + limit < len(rows) else ""
    return rows[start : start + limit], {"response_metadata": {"next_cursor": after}}
