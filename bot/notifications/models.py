"""The outbox: what is to be said in Slack, kept until Slack took it. Digests and alerts share it.

A delivery is written in the transaction of what caused it, claimed by one process under a lease,
posted, and recorded. A holder that died leaves a lease that runs out; whether Slack took its post
is then in doubt, and it is posted again: twice beats never, and each doubt is counted.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from bot.digests.plan import DigestPlan
from bot.ledger.models import AuditEntry
from bot.schedule import Slot

DeliveryKind = Literal["digest", "alert", "alert_edit", "note", "direct"]
SlotOutcome = Literal["too_late", "undelivered", "no_posts"]
DeliveryState = Literal["pending", "leased", "sent", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to be posted, edited or put into a thread."""

    id: int
    kind: DeliveryKind
    channel: str
    """A channel's id, or a person's for a direct message."""
    payload: str
    """JSON; what it holds is the kind's own business."""
    thread_of: int | None
    """The delivery whose message this edits, or in whose thread it is said."""
    due_at: datetime
    state: DeliveryState
    attempts: int
    """Claims so far, this one included."""
    is_doubtful: bool
    """An earlier attempt may have been taken by Slack: its process died or the answer was lost."""
    message_ts: str | None = None
    error: str | None = None
    created_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """To be written; `key` makes it unique: a second one with the same key is not written."""

    kind: DeliveryKind
    channel: str
    payload: str
    due_at: datetime
    key: str | None = None
    thread_of: int | None = None


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
class MissedSlot:
    """A digest's slot that was not posted, with where it would have been."""

    digest_id: int
    channel: str
    local_date: date
    due_at: datetime
    found_at: datetime
    outcome: SlotOutcome


@dataclass(frozen=True, slots=True)
class OnHold:
    """What Slack's rate limits keep from being tried now."""

    channels: tuple[str, ...] = ()
    kinds: tuple[DeliveryKind, ...] = ()


NOTHING_ON_HOLD = OnHold()
RATE_LIMITED = "ratelimited"
"""The error of a delivery that Slack's rate limit put off."""


@dataclass(frozen=True, slots=True)
class RateLimited:
    """A channel (or person) to which Slack limits posts, as of the last try."""

    channel: str
    waiting: int
    """Messages that wait for it."""
    until: datetime


class OutboxWriting(Protocol):
    """Within a transaction of the store."""

    async def enqueue(self, delivery: NewDelivery) -> int | None:
        """The new delivery's id; None where one with this key exists already."""

    async def claim(
        self,
        now: datetime,
        limit: int,
        holder: str,
        on_hold: OnHold = NOTHING_ON_HOLD,
    ) -> Sequence[Delivery]:
        """Claim up to `limit` due deliveries for `holder`, oldest due first; none on hold.

        At most one per channel, so that a channel's messages keep their order and its rate.
        """

    async def record_sent(self, delivery: int, holder: str, ts: str, now: datetime) -> bool:
        """Slack took it. False where the lease was lost to another in the meantime."""

    async def postpone(
        self, delivery: int, holder: str, until: datetime, error: str, *, in_doubt: bool
    ) -> None:
        """It is tried again at `until`."""

    async def record_failed(
        self, delivery: int, holder: str, error: str, now: datetime, *, state: DeliveryState
    ) -> bool:
        """It will not be tried again: `failed`, or `skipped` where it no longer matters. False
        where the lease was lost to another in the meantime; then nothing is changed."""


class FailedDeliveryWriting(OutboxWriting, Protocol):
    """A transaction that gives a delivery up: what it belongs to can be stopped in it."""

    async def free_claims(self, claims: Sequence[Claim]) -> None:
        """These holders died: what they were at may be taken again, in doubt."""

    async def take_back(self, now: datetime, wait: timedelta, useful_for: timedelta) -> None:
        """The clock was set back: what waits for longer than `wait` is due, and what was given up
        as later than `useful_for` is not."""

    async def digest(self, digest: int) -> DigestPlan | None:
        """One that is set; None too where it was removed."""

    async def pause_digest(self, digest: int, because: str, by: str, now: datetime) -> bool:
        """It comes no more until it is planned again. False where it was paused already."""

    async def record_missed(
        self, digest: int, slots: Sequence[Slot], outcome: SlotOutcome, now: datetime
    ) -> None:
        """These slots were not posted."""

    async def add_audit(self, entry: AuditEntry) -> None:
        """Who did what, when; before and after."""


class Outbox(Protocol):
    """The store, seen by those who deliver."""

    async def has_due(self, now: datetime) -> bool:
        """One query: whether a claim would find anything."""

    async def claims(self) -> Sequence[Claim]:
        """What any process is at now."""

    async def delivery(self, delivery: int) -> Delivery | None:
        """One delivery as it stands."""

    async def counts(self, now: datetime) -> OutboxCounts:
        """How the outbox stands."""

    async def rate_limited(self, now: datetime) -> Sequence[RateLimited]:
        """Where Slack limits posts now, by channel."""

    async def recent_failures(self, since: datetime) -> Sequence[Delivery]:
        """Deliveries that failed for good since then, newest first."""

    def writing(self) -> AbstractAsyncContextManager[FailedDeliveryWriting]:
        """A transaction."""
