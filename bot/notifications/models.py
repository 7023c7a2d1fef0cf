"""The outbox: messages for Slack and events for the webhook, kept until they were accepted.

A delivery is written in the transaction that causes it, claimed by one process under a lease,
posted, and recorded. If the holder dies, its lease expires. Whether Slack has the post is then
unknown, and it is posted again: twice is better than never, and each such case is counted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.db.models import DeliveryKind


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that a process is working on. Every claim is different."""

    delivery: int
    holder: str
    attempts: int


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """Numbers of deliveries, for status and metrics."""

    pending: int
    overdue: int
    """Due more than a minute ago, and not posted."""
    failed: int
    """In the last seven days."""


@dataclass(frozen=True, slots=True)
class OnHold:
    """Channels and kinds that Slack's rate limits pause now."""

    channels: tuple[str, ...] = ()
    kinds: tuple[DeliveryKind, ...] = ()


SLACK: tuple[DeliveryKind, ...] = ("digest", "alert", "alert_edit", "note", "direct")
"""What is posted in Slack."""
EVENTS: tuple[DeliveryKind, ...] = ("webhook_alert", "webhook_digest")
"""What is sent to the webhook, each kind in order: while one waits, the later ones do too."""
NOTHING_ON_HOLD = OnHold()
FAILURES_SHOWN_FOR = timedelta(days=7)
"""How long the status and `aicost doctor` list a failure."""
NOTHING_TO_SAY = "nothing to say any more"
"""The error of a delivery that was skipped: its content is gone, or hidden from its channel."""
RATE_LIMITED = "ratelimited"
"""The error of a delivery that Slack's rate limit postponed."""


@dataclass(frozen=True, slots=True)
class LimitedChannel:
    """A channel (or user) for which Slack limited posts at the last try."""

    channel: str
    waiting: int
    """Messages waiting for it."""
    until: datetime


@dataclass(frozen=True, slots=True)
class UndeliveredMessage:
    """A message that Slack refused for good."""

    kind: Literal["digest", "alert", "direct"]
    where: str
    """The id of a channel, or of a user for a direct message."""
    code: str
    """Slack's error code."""
    at: datetime


@dataclass(frozen=True, slots=True)
class StoppedDigest:
    """A digest that is paused, for a reason from Slack, until someone resumes it."""

    digest_id: int
    channel: str
    because: str
    """A `bot.slack.message.FailureReason`."""
    since: datetime


@dataclass(frozen=True, slots=True)
class SkippedSlots:
    """The slots that one digest missed while nothing was running."""

    digest_id: int
    channel: str
    slots: int
    last_due_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookState:
    """How the webhook stands."""

    waiting: int
    since: datetime | None
    """When the oldest event that waits happened."""
    error: str | None
    """Why that one waits; None: it wasn't tried yet."""
    given_up: int
    """In the last seven days."""
    last_error: str | None
    """Of the newest event that was given up in that time."""
    is_stopped: bool
    """The receiver is gone (410), and took nothing since."""


@dataclass(frozen=True, slots=True)
class DeliveryProblems:
    """Problems of the outbox."""

    waiting: int = 0
    overdue: int = 0
    """Due for more than a minute, and not confirmed by Slack."""
    slowed: tuple[LimitedChannel, ...] = ()
    undelivered: tuple[UndeliveredMessage, ...] = ()
    """Those of the last seven days, newest first."""
    stopped: tuple[StoppedDigest, ...] = ()
    """All of them, without a time limit."""
    skipped: tuple[SkippedSlots, ...] = ()
    """Those found in the last seven days, too late to be useful."""
    webhook: WebhookState | None = None
    """None: there is none, or the requester may not see everything."""
