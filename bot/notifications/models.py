"""The outbox: what is to be said in Slack, kept until Slack took it. Digests and alerts share it.

A delivery is written in the transaction of what caused it, claimed by one process under a lease,
posted, and recorded. A holder that died leaves a lease that runs out; whether Slack took its post
is then in doubt, and it is posted again: twice beats never, and each doubt is counted.
"""

from dataclasses import dataclass
from datetime import datetime

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
RATE_LIMITED = "ratelimited"
"""The error of a delivery that Slack's rate limit put off."""


@dataclass(frozen=True, slots=True)
class LimitedChannel:
    """A channel (or person) to which Slack limits posts, as of the last try."""

    channel: str
    waiting: int
    """Messages that wait for it."""
    until: datetime
