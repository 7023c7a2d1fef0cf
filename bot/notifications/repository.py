"""The outbox in the database: claims by conditional update."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.db.models import Delivery, DeliveryKind, DeliveryState, DigestSlot, DigestSubscription
from bot.db.session import Session, chunks, insert_or
from bot.digests.models import PAUSED_BY_PERSON
from bot.notifications.events import webhook_state
from bot.notifications.models import (
    EVENTS,
    FAILURES_SHOWN_FOR,
    NOTHING_ON_HOLD,
    NOTHING_TO_SAY,
    RATE_LIMITED,
    SLACK,
    Claim,
    DeliveryProblems,
    LimitedChannel,
    OnHold,
    OutboxCounts,
    SkippedSlots,
    StoppedDigest,
    UndeliveredMessage,
)

_OVERDUE = timedelta(minutes=1)
_LOOKED_AT_PER_CLAIM = 10


def _claimable(now: datetime, kinds: Sequence[DeliveryKind]) -> ColumnElement[bool]:
    """Return the condition that a delivery is due and free. Claims of dead processes are released
    by `free_claims`. Only the oldest event of a kind is free: while it waits, the receiver has a
    pause."""
    free = and_(
        col(Delivery.due_at) <= now,
        col(Delivery.state) == "pending",
        col(Delivery.kind).in_(kinds),
    )
    if not set(kinds) & set(EVENTS):
        return free
    earlier = aliased(Delivery)
    oldest = (
        select(func.min(earlier.id))
        .where(col(earlier.state).in_(("pending", "leased")), earlier.kind == Delivery.kind)
        .correlate(Delivery)
        .scalar_subquery()
    )
    return and_(free, col(Delivery.id) == oldest)


class OutboxRepository:
    """The outbox."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def enqueue(self, delivery: Delivery) -> int | None:
        """Add a delivery and return its id; None if its key already exists."""
        if delivery.key is not None and await self.is_enqueued(delivery.key):
            return None
        self._session.add(delivery)
        await self._session.flush()
        return delivery.id

    async def is_enqueued(self, key: str) -> bool:
        """Return True if a delivery with this key was ever in the outbox."""
        there = select(col(Delivery.id)).where(col(Delivery.key) == key)
        return await self._session.scalar(there) is not None

    async def enqueue_all(self, deliveries: Sequence[Delivery]) -> None:
        """Add deliveries with keys; skip those whose key already exists."""
        if any(delivery.key is None for delivery in deliveries):
            raise ValueError("a delivery without a key can't be recognized again")
        statement = insert_or(self._session.transaction, Delivery)
        statement = statement.on_conflict_do_nothing(index_elements=["key"])
        for chunk in chunks(deliveries):
            await self._session.exec(
                statement, params=[each.model_dump(exclude={"id"}) for each in chunk]
            )

    async def claim(
        self,
        now: datetime,
        limit: int,
        holder: str,
        on_hold: OnHold = NOTHING_ON_HOLD,
        kinds: Sequence[DeliveryKind] = SLACK,
    ) -> Sequence[Delivery]:
        """Claim up to `limit` due deliveries for `holder`, oldest due first; none on hold.

        At most one per channel, so that a channel's messages stay in order and within its rate.
        """
        busy = select(col(Delivery.channel)).where(col(Delivery.state) == "leased")
        free = and_(
            _claimable(now, kinds),
            col(Delivery.channel).not_in(busy),
            col(Delivery.channel).not_in(on_hold.channels),
            col(Delivery.kind).not_in(on_hold.kinds),
        )
        ids = list((await self._first_of_each_channel(free, limit)).values())[:limit]
        if not ids:
            return []
        await self._session.exec(
            update(Delivery)
            .where(col(Delivery.id).in_(ids))
            .values(state="leased", holder=holder, attempts=col(Delivery.attempts) + 1)
        )
        rows = await self._session.exec(
            select(Delivery)
            .where(col(Delivery.id).in_(ids))
            .order_by(col(Delivery.due_at), col(Delivery.id))
        )
        return rows.all()

    async def _first_of_each_channel(self, free: ColumnElement[bool], limit: int) -> dict[str, int]:
        """Return the oldest free delivery of each channel, for at least `limit` channels if there
        are as many. A channel with many waiting messages does not block others."""
        first: dict[str, int] = {}
        while len(first) < limit:
            rows = (
                await self._session.exec(
                    select(col(Delivery.id), col(Delivery.channel))
                    .where(free, col(Delivery.channel).not_in(list(first)))
                    .order_by(col(Delivery.due_at), col(Delivery.id))
                    .limit(limit * _LOOKED_AT_PER_CLAIM)
                )
            ).all()
            for number, channel in rows:
                first.setdefault(channel, number)
            if len(rows) < limit * _LOOKED_AT_PER_CLAIM:
                break
        return first

    async def free_claims(self, claims: Sequence[Claim]) -> None:
        """Release the claims of dead processes; their deliveries may have been posted."""
        for claim in claims:
            await self._session.exec(
                update(Delivery)
                .where(
                    col(Delivery.id) == claim.delivery,
                    col(Delivery.state) == "leased",
                    col(Delivery.holder) == claim.holder,
                    col(Delivery.attempts) == claim.attempts,
                )
                .values(state="pending", is_doubtful=True)
            )

    async def take_back(
        self,
        now: datetime,
        wait: timedelta,
        useful_for: timedelta,
        kinds: Sequence[DeliveryKind] = SLACK,
    ) -> None:
        """Adapt to a clock that was set back: what waits longer than `wait` becomes due, and what
        was given up as later than `useful_for` is restored."""
        await self._session.exec(
            update(Delivery)
            .where(
                col(Delivery.kind).in_(kinds),
                *(col(Delivery.state) == "pending", col(Delivery.due_at) > now + wait),
            )
            .values(due_at=now)
        )
        rows = await self._session.exec(
            select(Delivery).where(
                col(Delivery.kind).in_(kinds),
                *(col(Delivery.state) == "failed", col(Delivery.sent_at) > now),
            )
        )
        late = [
            row.id
            for row in rows.all()
            if row.sent_at and row.sent_at - row.first_due_at > useful_for >= now - row.first_due_at
        ]
        if late:
            await self._session.exec(
                update(Delivery)
                .where(col(Delivery.id).in_(late))
                .values(state="pending", due_at=now, sent_at=None)
            )

    async def record_sent(self, delivery: int, holder: str, ts: str, now: datetime) -> bool:
        """Record that Slack accepted it. Return False if the lease was lost in the meantime."""
        return await self._release(
            delivery, holder, state="sent", message_ts=ts, sent_at=now, error=None
        )

    async def postpone(
        self, delivery: int, holder: str, until: datetime, error: str, *, in_doubt: bool
    ) -> None:
        """Schedule the next try at `until`."""
        doubt = {"is_doubtful": True} if in_doubt else {}
        await self._release(delivery, holder, state="pending", due_at=until, error=error, **doubt)

    async def record_failed(
        self, delivery: int, holder: str, error: str, now: datetime, *, state: DeliveryState
    ) -> bool:
        """Record the final state: `failed`, or `skipped` if it no longer matters. If the lease was
        lost in the meantime, change nothing and return False."""
        return await self._release(delivery, holder, state=state, error=error, sent_at=now)

    async def _release(self, delivery: int, holder: str, **values: Any) -> bool:
        """Store the result, if `holder` still has the lease."""
        done = await self._session.exec(
            update(Delivery)
            .where(
                col(Delivery.id) == delivery,
                col(Delivery.state) == "leased",
                col(Delivery.holder) == holder,
            )
            .values(**values)
        )
        return done.rowcount == 1

    async def post_withheld(self, deliveries: Sequence[int], now: datetime) -> None:
        """Make those of these messages due again that had nothing to say when they were due: their
        channel could not see what they were about."""
        if deliveries:
            await self._session.exec(
                update(Delivery)
                .where(
                    col(Delivery.id).in_(deliveries),
                    *(col(Delivery.state) == "skipped", col(Delivery.error) == NOTHING_TO_SAY),
                )
                .values(state="pending", due_at=now, first_due_at=now, sent_at=None, error=None)
            )

    async def skip_waiting(
        self, why: str, now: datetime, kinds: Sequence[DeliveryKind] = (*SLACK, *EVENTS)
    ) -> int:
        """Give up all deliveries of these kinds that wait, leased or not; return how many. Edits
        stay: they post nothing, and update messages in Slack."""
        done = await self._session.exec(
            update(Delivery)
            .where(
                col(Delivery.state).in_(("pending", "leased")),
                col(Delivery.kind).in_(kinds),
                col(Delivery.kind) != "alert_edit",
            )
            .values(state="skipped", error=why, sent_at=now)
        )
        return done.rowcount

    async def has_due(self, now: datetime, kinds: Sequence[DeliveryKind] = SLACK) -> bool:
        """Return True if a claim would find anything. One query."""
        query = select(col(Delivery.id)).where(_claimable(now, kinds)).limit(1)
        return await self._session.scalar(query) is not None

    async def newest(self) -> int:
        """Return the highest number of a delivery; 0 without any."""
        return await self._session.scalar(select(func.max(col(Delivery.id)))) or 0

    async def next_due(self, after: datetime) -> datetime | None:
        """Return the first due time later than `after`."""
        query = select(func.min(col(Delivery.due_at))).where(
            col(Delivery.due_at) > after, col(Delivery.state) == "pending"
        )
        found: datetime | None = await self._session.scalar(query)
        return found

    async def claims(self) -> Sequence[Claim]:
        """Return all current claims."""
        rows = await self._session.exec(
            select(col(Delivery.id), col(Delivery.holder), col(Delivery.attempts)).where(
                col(Delivery.state) == "leased"
            )
        )
        return [Claim(number, holder or "", attempts) for number, holder, attempts in rows.all()]

    async def delivery(self, delivery: int) -> Delivery | None:
        """Return one delivery in its current state."""
        rows = await self._session.exec(select(Delivery).where(col(Delivery.id) == delivery))
        return rows.one_or_none()

    async def counts(self, now: datetime) -> OutboxCounts:
        """Return the numbers of deliveries by state."""
        waiting = col(Delivery.state).in_(("pending", "leased"))
        row = (
            await self._session.exec(
                select(
                    func.count().filter(waiting),
                    func.count().filter(waiting, col(Delivery.first_due_at) < now - _OVERDUE),
                    func.count().filter(
                        col(Delivery.state) == "failed",
                        col(Delivery.sent_at) >= now - FAILURES_SHOWN_FOR,
                    ),
                ).where(col(Delivery.kind).in_(SLACK))
            )
        ).one()
        return OutboxCounts(*row)

    async def rate_limited(self, now: datetime) -> Sequence[LimitedChannel]:
        """Return the channels that Slack limits now."""
        waiting = col(Delivery.state).in_(("pending", "leased"))
        limited = and_(col(Delivery.error) == RATE_LIMITED, col(Delivery.due_at) > now)
        rows = await self._session.exec(
            select(
                col(Delivery.channel),
                func.count().label("waiting"),
                func.max(case((limited, col(Delivery.due_at)))).label("until"),
            )
            .where(waiting)
            .group_by(col(Delivery.channel))
            .having(func.count(case((limited, 1))) > 0)
            .order_by(col(Delivery.channel))
        )
        return [LimitedChannel(*row) for row in rows]

    async def recent_failures(self, since: datetime) -> Sequence[Delivery]:
        """Return what Slack refused for good since then, newest first."""
        if not self._session.visibility.is_everything:  # they may be about what is not seen
            return ()
        rows = await self._session.exec(
            select(Delivery)
            .where(
                col(Delivery.kind).in_(SLACK),
                *(col(Delivery.state) == "failed", col(Delivery.sent_at) >= since),
            )
            .order_by(col(Delivery.id).desc())
        )
        return rows.all()

    async def problems(self, now: datetime) -> DeliveryProblems:
        """Return the problems of the outbox: what waits, what Slack refused, which digests were
        paused, and which slots were missed."""
        counts, since = await self.counts(now), now - FAILURES_SHOWN_FOR
        failed = [
            UndeliveredMessage(
                each.kind, each.channel, each.error or "unknown", each.sent_at or now
            )
            for each in await self.recent_failures(since)
            if each.kind in ("digest", "alert", "direct")
        ]
        limited = tuple(await self.rate_limited(now))
        if not self._session.visibility.is_everything:  # they may be about what is not seen
            return DeliveryProblems(counts.pending, counts.overdue, limited, tuple(failed))
        digest = DigestSubscription
        is_set, because = col(digest.removed_at).is_(None), col(digest.paused_because)
        stopped = await self._session.exec(
            select(digest.id, digest.channel, because, digest.changed_at)
            .where(is_set, because != PAUSED_BY_PERSON)
            .order_by(col(digest.id))
        )
        # a slot that Slack did not take in time is among the refused messages
        skipped = await self._session.exec(
            select(digest.id, digest.channel, func.count(), func.max(DigestSlot.due_at))
            .join(DigestSlot, col(digest.id) == col(DigestSlot.digest_id))
            .where(is_set, col(DigestSlot.found_at) >= since, col(DigestSlot.outcome) == "too_late")
            .group_by(col(digest.id), col(digest.channel))
            .order_by(func.max(DigestSlot.found_at).desc(), func.max(DigestSlot.due_at).desc())
        )
        return DeliveryProblems(
            counts.pending,
            counts.overdue,
            limited,
            tuple(failed),
            tuple(
                StoppedDigest(number, channel, why or "", at)
                for number, channel, why, at in stopped
            ),
            tuple(SkippedSlots(*row) for row in skipped),
            await webhook_state(self._session, now) if self._session.has_webhook else None,
        )
