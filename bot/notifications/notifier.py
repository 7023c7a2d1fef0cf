"""The port to Slack for what nobody asked for: digests, alerts, and words to their owners."""

from dataclasses import dataclass
from typing import Protocol

from bot.budgets.alerts import EpisodeEnd, Notice
from bot.digests.models import Digest
from bot.slack.delivery_errors import FailureReason


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
    """To a manager: a user was deactivated, and what they had set goes on."""

    person: str
    digests: tuple[int, ...]
    rules: tuple[int, ...]
    unnamed: int
    """Budgets that named them, and do so no more."""


@dataclass(frozen=True, slots=True)
class OwnerLeftChannel:
    """To a person who left a channel: what they had set there goes on."""

    channel: str
    digests: tuple[int, ...]
    rules: tuple[int, ...]


Content = Digest | Notice | EpisodeEnd | Undelivered | UserDeactivated | OwnerLeftChannel
"""Every kind of notification; `bot.message_notifier` renders them."""


class Notifier(Protocol):
    """Slack, for posting. Every call raises `DeliveryError` where Slack did not surely take it."""

    async def auth_test_ok(self) -> bool:
        """Whether Slack takes the token now; False too where it does not answer."""

    async def post(self, channel: str, content: Content, thread_ts: str | None = None) -> str:
        """Post to a channel, a thread, or a person's direct messages; the message's `ts`."""

    async def edit(self, channel: str, ts: str, content: Content) -> None:
        """Put new content in place of a message's."""
