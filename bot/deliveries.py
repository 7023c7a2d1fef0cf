"""Delivering: claim what is due, post it, record what became of it.

How each kind of delivery is composed, and what follows when it fails for good, is its subject's
business (digests, alerts); how Slack's answers are taken is decided here.
"""

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.metrics import Metrics
from bot.outbox import Delivery, DeliveryKind, Outbox, OutboxWriting
from bot.ports import Clock
from bot.speaking import (
    Content,
    DeliveryError,
    DoubtfulError,
    PassingError,
    PermanentError,
    Speaker,
)

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
AT_ONCE = 20
"""Posts under way at the same time, each to a channel of its own."""


class Subject(Protocol):
    """What one kind of delivery is about."""

    useful_for: timedelta
    """After that long past its due time it is no longer worth posting."""

    async def compose(self, delivery: Delivery, now: datetime) -> Content | None:
        """What to say now; None where there is nothing to say any more."""
        ...

    async def on_failed(
        self, tx: OutboxWriting, delivery: Delivery, error: DeliveryError, now: datetime
    ) -> None:
        """In the transaction that gives it up: pause what it belongs to, tell who can mend it."""
        ...


def back_off(attempts: int, jitter: float) -> timedelta:
    """How long to wait after that many attempts; `jitter` in 0..1 spreads the crowd."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts - 1, 12)))
    return longest * (0.5 + jitter / 2)


class Deliveries:
    """The one way by which anything unasked reaches Slack."""

    def __init__(
        self,
        outbox: Outbox,
        speaker: Speaker,
        subjects: Mapping[DeliveryKind, Subject],
        clock: Clock,
        holder: str,
        metrics: Metrics,
    ) -> None:
        self._outbox = outbox
        self._speaker = speaker
        self._subjects = subjects
        self._clock = clock
        self._holder = holder
        self._metrics = metrics
        self._quiet_until: datetime | None = None

    async def tick(self) -> None:
        """Deliver what is due."""
        await self.deliver_due()

    async def deliver_due(self) -> int:
        """Deliver until nothing more is due now; how many were taken by Slack."""
        sent = 0
        while not self._is_held_back() and await self._outbox.has_due(self._clock()):
            async with self._outbox.writing() as tx:
                claimed = await tx.claim(self._clock(), AT_ONCE, self._holder, LEASE)
            if not claimed:
                break
            sent += sum(await asyncio.gather(*(self._deliver(each) for each in claimed)))
        return sent

    def _is_held_back(self) -> bool:
        """Slack asked the whole workspace to slow down."""
        return self._quiet_until is not None and self._clock() < self._quiet_until

    async def _deliver(self, delivery: Delivery) -> bool:
        """Take one claimed delivery to its end; never raises, so that one cannot stop others."""
        if delivery.attempts > 1 and delivery.is_doubtful:
            self._metrics.deliveries_doubtful.labels(delivery.kind).inc()
            log.warning("delivery.posted_again_in_doubt", delivery=delivery.id, kind=delivery.kind)
        try:
            return await self._attempt(delivery)
        except PermanentError as error:
            await self._give_up(delivery, error)
        except DeliveryError as error:
            await self._try_later(delivery, error)
        except Exception as error:  # a defect in composing must not lose the message
            log.exception("delivery.defect", delivery=delivery.id, kind=delivery.kind)
            await self._try_later(delivery, PassingError(type(error).__name__))
        return False

    async def _attempt(self, delivery: Delivery) -> bool:
        now = self._clock()
        subject = self._subjects[delivery.kind]
        if now - delivery.due_at > subject.useful_for:
            await self._give_up(delivery, PassingError(delivery.error or "too_late"))
            return False
        parent = await self._parent(delivery)
        if delivery.thread_of is not None and parent is None:
            await self._skip(delivery, "its message was never posted")
            return False
        if parent is not None and parent.message_ts is None:
            raise PassingError("waits_for_its_message", retry_after=1)
        content = await subject.compose(delivery, now)
        if content is None:
            await self._skip(delivery, "nothing to say any more")
            return False
        ts = await self._speak(delivery, parent, content)
        await self._record_sent(delivery, ts)
        return True

    async def _speak(self, delivery: Delivery, parent: Delivery | None, content: Content) -> str:
        if parent is None or parent.message_ts is None:
            return await self._speaker.post(delivery.channel, content)
        if delivery.kind == "alert_edit":
            await self._speaker.edit(parent.channel, parent.message_ts, content)
            return parent.message_ts
        return await self._speaker.post(parent.channel, content, parent.message_ts)

    async def _parent(self, delivery: Delivery) -> Delivery | None:
        """The delivery this one edits or follows; None where it will never have a message."""
        if delivery.thread_of is None:
            return None
        parent = await self._outbox.delivery(delivery.thread_of)
        if parent is None or parent.state in ("failed", "skipped"):
            return None
        return parent

    async def _record_sent(self, delivery: Delivery, ts: str) -> None:
        now = self._clock()
        async with self._outbox.writing() as tx:
            was_ours = await tx.record_sent(delivery.id, self._holder, ts, now)
        if not was_ours:
            log.warning("delivery.lease_lost", delivery=delivery.id, kind=delivery.kind)
            self._metrics.deliveries_doubtful.labels(delivery.kind).inc()
        self._metrics.deliveries_sent.labels(delivery.kind).inc()
        self._metrics.delivery_lateness.labels(delivery.kind).observe(
            max(0.0, (now - delivery.due_at).total_seconds())
        )

    async def _skip(self, delivery: Delivery, why: str) -> None:
        async with self._outbox.writing() as tx:
            await tx.record_failed(delivery.id, self._holder, why, self._clock(), state="skipped")

    async def _try_later(self, delivery: Delivery, error: DeliveryError) -> None:
        now = self._clock()
        wait = back_off(delivery.attempts, random.random())  # noqa: S311 - spreading, no secret
        if isinstance(error, PassingError) and error.retry_after is not None:
            wait = timedelta(seconds=error.retry_after)
            if error.code == "ratelimited":
                self._quiet_until = now + wait
        in_doubt = isinstance(error, DoubtfulError)
        if error.code != "waits_for_its_message":
            log.warning(
                "delivery.postponed",
                delivery=delivery.id,
                kind=delivery.kind,
                error=error.code,
                in_doubt=in_doubt,
                seconds=wait.total_seconds(),
            )
            self._metrics.deliveries_retried.labels(delivery.kind, error.code).inc()
        async with self._outbox.writing() as tx:
            await tx.postpone(delivery.id, self._holder, now + wait, error.code, in_doubt=in_doubt)

    async def _give_up(self, delivery: Delivery, error: DeliveryError) -> None:
        now = self._clock()
        log.error("delivery.failed", delivery=delivery.id, kind=delivery.kind, error=error.code)
        self._metrics.deliveries_failed.labels(delivery.kind, error.code).inc()
        async with self._outbox.writing() as tx:
            await tx.record_failed(delivery.id, self._holder, error.code, now, state="failed")
            await self._subjects[delivery.kind].on_failed(tx, delivery, error, now)
