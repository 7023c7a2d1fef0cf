"""The outbox: what is to be said in Slack, kept until Slack took it. Digests and alerts share it.

A delivery is written in the transaction of what caused it, claimed by one process under a lease,
posted, and recorded. A holder that died leaves a lease that runs out; whether Slack took its post
is then in doubt, and it is posted again: twice beats never, and each doubt is counted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.db.models import DeliveryKind


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that a process is at; no two claims are alike."""

    delivery: int
    holder: str
    attempts: int


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How the outbox stands, for status and metrics."""

    pending: int
    overdue: int
    """Due more than a minute ago and not sent."""
    failed: int
    """In the last seven days."""


@dataclass(frozen=True, slots=True)
class OnHold:
    """What Slack's rate limits keep from being tried now."""

    channels: tuple[str, ...] = ()
    kinds: tuple[DeliveryKind, ...] = ()


NOTHING_ON_HOLD = OnHold()
FAILURES_SHOWN_FOR = timedelta(days=7)
"""How long the status and `aicost doctor` list a failure."""
RATE_LIMITED = "ratelimited"
"""The error of a delivery that Slack's rate limit put off."""


@dataclass(frozen=True, slots=True)
class LimitedChannel:
    """A channel (or person) to which Slack limits posts, as of the last try."""

    channel: str
    waiting: int
    """Messages that wait for it."""
    until: datetime


@dataclass(frozen=True, slots=True)
class UndeliveredMessage:
    """One message that Slack refused for good."""

    kind: Literal["digest", "alert", "direct"]
    where: str
    """A channel's id, or a person's for a direct message."""
    code: str
    """Slack's own word for why."""
    at: datetime


@dataclass(frozen=True, slots=True)
class StoppedDigest:
    """A digest that is paused until someone resumes it, for a reason that Slack gave."""

    digest_id: int
    channel: str
    because: str
    """A `bot.slack.message.FailureReason`."""
    since: datetime


@dataclass(frozen=True, slots=True)
class SkippedSlots:
    """What one digest missed while nothing ran."""

    digest_id: int
    channel: str
    slots: int
    last_due_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryProblems:
    """How what is to be said stands."""

    waiting: int = 0
    overdue: int = 0
    """Due for more than a minute, and not taken by Slack yet."""
    slowed: tuple[LimitedChannel, ...] = ()
    undelivered: tuple[UndeliveredMessage, ...] = ()
    """Of the last seven days, newest first."""
    stopped: tuple[StoppedDigest, ...] = ()
    """However long ago."""
    skipped: tuple[SkippedSlots, ...] = ()
    """Found in the last seven days: too late to be useful."""
