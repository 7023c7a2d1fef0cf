"""Put due digests into the outbox: each slot once, in the transaction that plans the next, even if
several processes look at it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog

from bot.db.database import Database
from bot.db.models import Delivery, DigestSubscription, SlotOutcome
from bot.db.session import Session
from bot.digests.compose import LATE
from bot.digests.plan import last_settled_month, latest_wait, next_slots, sort_slots
from bot.digests.read import is_settled, settling_days
from bot.digests.repository import DigestRepository
from bot.json_codec import JsonCodec
from bot.ledger.models import Connection
from bot.ledger.repository import LedgerRepository
from bot.metrics import Metrics
from bot.notifications.repository import OutboxRepository
from bot.schedule import Slot
from bot.webhook.delivery_handlers import event_delivery
from bot.webhook.events import event_id
from providers.period import DAY, utc_day

log = structlog.get_logger(__name__)

USEFUL_FOR = timedelta(hours=4)
SLOTS_AT_ONCE = 500
"""Slots per transaction, so that other writers don't wait long."""
CROWD = 20
"""Up to this number of digests due at once are posted together; more are spread."""
SPREAD = timedelta(seconds=30)
LOOK_AGAIN = timedelta(minutes=1)
SET_BACK = timedelta(seconds=1)
"""A clock that is set back by less counts as continuous."""
MISSED_KEPT = 40
"""Most missed slots recorded per digest at once: the latest ones."""
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A digest in the outbox: its number and slot."""

    digest_id: int
    local_date: date
    due_at: datetime
    promised_at: datetime
    """The slot, or when a digest that waits for settled figures stops waiting."""
    recap_month: date | None = None
    """First day of a month that has settled since the slot before."""


PAYLOAD: JsonCodec[DueDigest] = JsonCodec(DueDigest)


def spread(digest: int, due_count: int) -> timedelta:
    """Return the delay after its slot at which a digest may be posted; 0 unless many are due
    together. A digest has the same delay each day."""
    return SPREAD * (digest * _GOLDEN % 1) if due_count > CROWD else timedelta(0)


@dataclass(slots=True)
class _Round:
    """The result of one transaction."""

    looked_at: int
    deliveries: list[Delivery] = field(default_factory=list)
    events: list[Delivery] = field(default_factory=list)
    """For the webhook."""
    late: int = 0
    skipped: int = 0


class DigestSlots:
    """The use case of the job. `useful_for`: how late a slot may still be posted. `missed_as`: what
    is recorded for slots that aren't."""

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        useful_for: timedelta = USEFUL_FOR,
        missed_as: SlotOutcome = "too_late",
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._useful_for = useful_for
        self._missed_as: SlotOutcome = missed_as
        self._latest: datetime | None = None
        """The latest time that this process has seen."""

    async def take_due(self, now: datetime, until: datetime | None = None) -> int:
        """Put every slot that is due by now, or by `until`, into the outbox; return how many. If
        there is none, this takes one query."""
        if self._latest is None or now < self._latest - SET_BACK:
            await self._take_back(now)
        self._latest = now
        until, found = until or now, 0
        while await self._has_due(until):
            async with self._database.writing() as session:
                done = await self._take(session, until)
            self._count(done)
            found += len(done.deliveries)
            if done.looked_at < SLOTS_AT_ONCE:
                break
        return found

    async def _take_back(self, now: datetime) -> None:
        """Plan all digests by the current clock, in case a clock that was ahead has skipped or
        postponed slots. Another process may have done that."""
        async with self._database.writing() as session:
            missed = await DigestRepository(session).take_back_missed(now)
            connections = await LedgerRepository(session).connections()
            for number, plan in enumerate(await DigestRepository(session).active()):
                if number % SLOTS_AT_ONCE == 0:
                    await asyncio.sleep(0)  # others want their turns
                pending = plan.pending
                if pending is None or plan.next_due_at is None or plan.next_due_at <= now:
                    continue
                slot = await self._first_open(session, plan, connections, missed.get(plan.id), now)
                if slot.due_at < pending.due_at:
                    plan.schedule(slot)
                elif plan.next_due_at > max(pending.due_at, now + LOOK_AGAIN):
                    plan.schedule(pending)

    async def _first_open(
        self,
        session: Session,
        plan: DigestSubscription,
        connections: Sequence[Connection],
        missed: Slot | None,
        now: datetime,
    ) -> Slot:
        """Return the first slot from now on, or of those just restored, that was never in the
        outbox. At the latest the pending one."""
        settling = settling_days(connections, plan.settings.scope)
        after = now if missed is None else min(now, missed.due_at - timedelta(seconds=1))
        for slot in next_slots(plan.settings, settling, after):
            is_pending = plan.pending is not None and slot.due_at >= plan.pending.due_at
            if is_pending or not await OutboxRepository(session).is_enqueued(_key(plan, slot)):
                return slot
        raise AssertionError("slots have no end")

    async def _has_due(self, now: datetime) -> bool:
        async with self._database.reading() as session:
            return bool(await DigestRepository(session).due(now, 1))

    async def _take(self, session: Session, now: datetime) -> _Round:
        plans = await DigestRepository(session).due(now, SLOTS_AT_ONCE)
        connections = await LedgerRepository(session).connections()
        done = _Round(len(plans))
        for plan in plans:
            await self._sort(session, plan, connections, len(plans), now, done)
        await OutboxRepository(session).enqueue_all(done.deliveries)
        await OutboxRepository(session).enqueue_all(done.events)
        return done

    async def _sort(
        self,
        session: Session,
        plan: DigestSubscription,
        connections: Sequence[Connection],
        due_count: int,
        now: datetime,
        done: _Round,
    ) -> None:
        pending = plan.pending
        if pending is None:
            return
        wait = await self._waits(session, plan, pending, now)
        if wait is not None:
            plan.schedule(pending, look_at=wait)
            return
        settling = settling_days(connections, plan.settings.scope)
        latest = latest_wait(plan.settings, pending)
        waiting = latest - pending.due_at if latest is not None else timedelta(0)
        due = sort_slots(plan, pending, settling, now, self._useful_for + waiting)
        if due.send is not None:
            month = last_settled_month(due.send.due_at, settling).start
            recap = None
            if plan.recapped is None or plan.recapped < month:
                plan.recapped = month
                recap = month if plan.cadence != "monthly" else None
            promised = due.send.due_at if latest is None else min(now, due.send.due_at + waiting)
            done.deliveries.append(_delivery(plan, due.send, promised, recap, due_count))
            if session.has_webhook:
                done.events.append(_event(done.deliveries[-1], plan, promised))
            done.late += now - promised > LATE
        if due.skipped:
            # the first too: from there on they are taken back, should the clock be wrong now
            kept = (*due.skipped[:1], *due.skipped[1:][-MISSED_KEPT:])
            DigestRepository(session).record_missed(plan.id, kept, self._missed_as, now)
            done.skipped += len(due.skipped)
            log.warning("digest.slots_skipped", digest=plan.id, slots=len(due.skipped))
        plan.schedule(due.then)

    async def _waits(
        self, session: Session, plan: DigestSubscription, slot: Slot, now: datetime
    ) -> datetime | None:
        """Return when to check again if the digest waits for the finished day to settle."""
        latest = latest_wait(plan.settings, slot)
        if latest is None or now >= latest:
            return None
        if await is_settled(session, plan.settings.scope, utc_day(slot.due_at) - DAY):
            return None
        return min(latest, now + LOOK_AGAIN)

    def _count(self, done: _Round) -> None:
        self._metrics.digests_due.inc(len(done.deliveries) + done.skipped)
        self._metrics.digests_late.inc(done.late)
        self._metrics.digests_skipped.inc(done.skipped)


def _delivery(
    plan: DigestSubscription, slot: Slot, promised: datetime, recap: date | None, due_count: int
) -> Delivery:
    due = DueDigest(plan.id, slot.local_date, slot.due_at, promised, recap)
    return Delivery.new(
        kind="digest",
        channel=plan.channel,
        payload=PAYLOAD.text(due),
        due_at=promised + spread(plan.id, due_count),
        key=_key(plan, slot),
    )


def _event(digest: Delivery, plan: DigestSubscription, promised: datetime) -> Delivery:
    """The event of that digest. Its id differs between databases that send to one receiver."""
    number = event_id(digest.key or "", plan.made_at.isoformat())
    return event_delivery("webhook_digest", number, digest.payload, promised)


def _key(plan: DigestSubscription, slot: Slot) -> str:
    return f"digest:{plan.id}:{slot.local_date}T{plan.local_time:%H:%M}"


def first_slot(plan: DigestSubscription, connections: Sequence[Connection], now: datetime) -> Slot:
    """Return the next slot from now on."""
    settling = settling_days(connections, plan.settings.scope)
    return next(next_slots(plan.settings, settling, now))
