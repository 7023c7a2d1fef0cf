"""Messages in Slack, and reasons why Slack refuses one. Imports no client library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.access.models import ConversationKind

Block = Mapping[str, Any]
"""One Block Kit block as a plain dict, because `slack_sdk` has no class for charts and data
tables."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `text` has everything that matters in sentences, in mrkdwn: if there are blocks,
    notifications and screen readers get only that."""

    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """The position of a posted message."""

    channel: str
    """As Slack names it: for a direct message the conversation, not the user."""
    ts: str


class Respond(Protocol):
    """Answers like Bolt's `respond`, with a message. Bolt's own opens a session per call and never
    checks whether Slack accepted the answer; this one raises if it didn't."""

    async def __call__(
        self,
        message: Message,
        *,
        response_type: Literal["ephemeral", "in_channel"] = "ephemeral",
        replace_original: bool = False,
    ) -> None:
        """Answer the user only, replace the message whose button was pressed, or answer everyone in
        the channel. If that place doesn't exist, only the user gets the answer."""
        ...


FailureReason = Literal[
    "channel_gone",  # deleted, or private and the bot is not in it
    "not_in_channel",
    "archived",
    "not_allowed",  # posting policy of the channel or workspace
    "token",  # the app was uninstalled or its token revoked
    "shared_outside",  # a Slack Connect channel without a manager's yes
    "message_gone",  # the message to edit is gone or can no longer be edited
    "missing_scope",  # the app was not granted what this takes
    "refused",  # anything else Slack will refuse again
]
"""Why Slack will refuse a message again."""
FIXES: dict[FailureReason, str] = {
    "channel_gone": (
        "The channel was deleted, or it is private and the app is not in it. "
        "Invite the app, or choose another channel."
    ),
    "not_in_channel": "The app is not in the channel. Invite it there with /invite.",
    "archived": "The channel is archived. Unarchive it, or choose another channel.",
    "not_allowed": (
        "The workspace or channel doesn't let apps post there. "
        "Ask an admin to allow it, or choose another channel."
    ),
    "token": "Slack no longer accepts the app's token. Install the app again.",
    "shared_outside": (
        "The channel is shared with people outside. A manager has to allow the digest first."
    ),
    "message_gone": "The message was deleted or can't be edited any more.",
    "missing_scope": (
        "The app lacks a scope. An admin can add it at api.slack.com/apps, your app, "
        "OAuth & Permissions, and then reinstall the app."
    ),
    "refused": "Slack refused it. The reason is in the log of aicost.",
}
"""What users can do about each."""
LimitScope = Literal["channel", "method"]
"""What a rate limit of Slack applies to."""


class DeliveryError(Exception):
    """Slack did not accept a message. `code` is Slack's error code, `details` what it adds; `str()`
    is both."""

    def __init__(self, code: str, details: str = "") -> None:
        super().__init__(f"{code}; {details}" if details else code)
        self.code = code
        self.details = details

    @property
    def is_message_gone(self) -> bool:
        """Return True if the message to edit or to reply to was deleted, or can't be edited any
        more."""
        return isinstance(self, PermanentError) and self.reason == "message_gone"


class PassingError(DeliveryError):
    """Worth a retry, after `retry_after` seconds if Slack gave a time. Certainly not accepted.

    `scope`: what Slack's wait applies to.
    """

    def __init__(
        self, code: str, retry_after: float | None = None, scope: LimitScope = "channel"
    ) -> None:
        super().__init__(code)
        self.retry_after = retry_after
        self.scope = scope


class DoubtfulError(DeliveryError):
    """The answer was lost, or Slack failed while processing: it may have been accepted."""


class PermanentError(DeliveryError):
    """Slack will refuse it again until someone fixes `reason`."""

    def __init__(self, code: str, reason: FailureReason, details: str = "") -> None:
        super().__init__(code, details)
        self.reason = reason


NO_APPS: dict[ConversationKind, str] = {
    "direct": "I can't post in this conversation. Use a channel, or the Messages tab of aicost.",
    "group": "This conversation can't have apps. Use a channel.",
}
"""The refusal for places where an app can't be invited."""


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel as the app sees it in Slack."""

    is_there: bool
    """False if it was deleted, or is private without the app."""
    is_member: bool = False
    """The app is in it."""
    is_private: bool = False
    is_archived: bool = False
    is_shared: bool = False
    """People of other workspaces can read it (Slack Connect)."""


class Channels(Protocol):
    """Questions to Slack about channels. None always means that Slack doesn't say: a scope is
    missing, or it is unreachable."""

    async def look(self, channel: str, person: str | None = None) -> ChannelInfo | None:
        """Return the current state of a channel. A direct message is the app's own only if it is
        with `person`, or if Slack knows it."""

    async def has_person(self, channel: str, person: str) -> bool | None:
        """Return whether a user is in a channel."""

    async def is_shared(self, channel: str) -> bool | None:
        """Return whether it is shared, as known from the last few hours. This is called before each
        post, so return None if it would take too many requests to Slack."""
