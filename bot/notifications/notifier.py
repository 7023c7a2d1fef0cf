"""The port to Slack for what nobody asked for: digests, alerts, and words to their owners."""

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.budgets.alerts import EpisodeEnd, Notice
from bot.digests.models import Digest

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


LimitScope = Literal["channel", "method"]
"""What a rate limit of Slack holds for."""


class DeliveryError(Exception):
    """Slack did not take a message; `code` is Slack's own word for it, `details` what it says
    in addition. `str()` is both."""

    def __init__(self, code: str, details: str = "") -> None:
        super().__init__(f"{code}; {details}" if details else code)
        self.code = code
        self.details = details

    @property
    def is_message_gone(self) -> bool:
        """The message to edit or to reply to was deleted, or can't be edited any more."""
        return isinstance(self, PermanentError) and self.trouble == "message_gone"


class PassingError(DeliveryError):
    """Worth another try, after `retry_after` seconds where Slack said so. Surely not taken.

    `scope`: what Slack's wait holds for.
    """

    def __init__(
        self, code: str, retry_after: float | None = None, scope: LimitScope = "channel"
    ) -> None:
        super().__init__(code)
        self.retry_after = retry_after
        self.scope = scope


class DoubtfulError(DeliveryError):
    """The answer was lost, or Slack failed half-way: it may have been taken."""


class PermanentError(DeliveryError):
    """Slack will refuse it again until somebody fixes `trouble`."""

    def __init__(self, code: str, trouble: FailureReason, details: str = "") -> None:
        super().__init__(code, details)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Undelivered:
    """To an owner or manager: what could not be said where, why, and how to fix it."""

    what: str
    channel: str
    trouble: FailureReason
    code: str
    """Slack's word, with what it says in addition."""
    digest_id: int | None = None
    """Set: a button resumes this digest."""
    notice: Notice | None = None
    """Set: the alert itself, so that nothing is lost with the channel."""
    is_ahead: bool = False
    """Nothing was lost yet: this is what would be."""


@dataclass(frozen=True, slots=True)
class UserDeactivated:
    """To a manager: somebody left, and what they had set goes on."""

    person: str
    digests: tuple[int, ...]
    rules: tuple[int, ...]
    unnamed: int
    """Budgets that named them, and do so no more."""


@dataclass(frozen=True, slots=True)
class OwnerLeftChannel:
    """To somebody who left a channel: what they had set there goes on."""

    channel: str
    digests: tuple[int, ...]
    rules: tuple[int, ...]


Content = Digest | Notice | EpisodeEnd | Undelivered | UserDeactivated | OwnerLeftChannel
"""Everything that is said unasked; how it reads is up to Slack's side of the house."""


class Notifier(Protocol):
    """Slack, for posting. Every call raises `DeliveryError` where Slack did not surely take it."""

    async def auth_test_ok(self) -> bool:
        """Whether Slack takes the token now; False too where it does not answer."""

    async def post(self, channel: str, content: Content, thread_ts: str | None = None) -> str:
        """Post to a channel, a thread, or a person's direct messages; the message's `ts`."""

    async def edit(self, channel: str, ts: str, content: Content) -> None:
        """Put new content in place of a message's."""
