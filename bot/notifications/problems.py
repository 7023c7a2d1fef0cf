"""What could not be said in Slack, for those who ask how things stand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SHOWN_FOR = timedelta(days=7)


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
class SlowedChannel:
    """A channel (or person) to which Slack limits posts for now."""

    where: str
    waiting: int
    until: datetime
    """When a post is tried again."""


@dataclass(frozen=True, slots=True)
class StoppedDigest:
    """A digest that is paused until someone resumes it, for a reason that Slack gave."""

    digest_id: int
    channel: str
    because: str
    """A `bot.slack.delivery_errors.FailureReason`."""
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
    slowed: tuple[SlowedChannel, ...] = ()
    undelivered: tuple[UndeliveredMessage, ...] = ()
    """Of the last seven days, newest first."""
    stopped: tuple[StoppedDigest, ...] = ()
    """However long ago."""
    skipped: tuple[SkippedSlots, ...] = ()
    """Found in the last seven days: too late to be useful."""
