"""The outbox in the database: claims by conditional update."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, update
from sqlmodel import col, select

from bot.db.models.outbox import Delivery as Stored
from bot.db.session import Session
from bot.db.statements import chunks, insert_or
from bot.notifications.models import (
    NOTHING_ON_HOLD,
    RATE_LIMITED,
    Claim,
    Delivery,
    DeliveryState,
    NewDelivery,
    OnHold,
    OutboxCounts,
    RateLimited,
)

_ROW = Stored
_OVERDUE = timedelta(minutes=1)
_LATELY = timedelta(days=7)
_LOOKED_AT_PER_CLAIM = 10


def _claimable(now: datetime) -> ColumnElement[bool]:
    """Due and free; what a holder that died left is freed by `free_claims`."""
    return and_(col(_ROW.due_at) <= now, col(_ROW.state) == "pending")


class OutboxRepository:
    """The outbox."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def enqueue(self, delivery: NewDelivery) -> int | None:
        """The new delivery's id; None where one with this key exists already."""
        values = new_row(delivery)
        if delivery.key is not None:
            there = select(col(_ROW.id)).where(col(_ROW.key) == delivery.key)
            if await self._session.scalar(there) is not None:
                return None
        return await self._session.scalar(insert(_ROW).values(values).returning(col(_ROW.id)))

    async def is_enqueued(self, key: str) -> bool:
        """Whether a delivery with this key was ever put into the outbox."""
        there = select(col(_ROW.id)).where(col(_ROW.key) == key)
        return await self._session.scalar(there) is not None

    async def enqueue_all(self, deliveries: Sequence[NewDelivery]) -> None:
        """Each with a key; those whose key is there already are left alone."""
        if any(delivery.key is None for delivery in deliveries):
            raise ValueError("a delivery without a key can't be told from one that is there")
        statement = insert_or(self._session.transaction, _ROW)
        statement = statement.on_conflict_do_nothing(index_elements=["key"])
        for chunk in chunks(deliveries):
            await self._session.exec(statement, params=[new_row(each) for each in chunk])

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
        busy = select(col(_ROW.channel)).where(col(_ROW.state) == "leased")
        free = and_(
            _claimable(now),
            col(_ROW.channel).not_in(busy),
            col(_ROW.channel).not_in(on_hold.channels),
            col(_ROW.kind).not_in(on_hold.kinds),
        )
        ids = list((await self._first_of_each_channel(free, limit)).values())[:limit]
        if not ids:
            return []
        await self._session.exec(
            update(_ROW)
            .where(col(_ROW.id).in_(ids))
            .values(
                state="leased",
                holder=holder,
                attempts=col(_ROW.attempts) + 1,
                is_doubtful=or_(col(_ROW.is_doubtful), col(_ROW.state) == "leased"),
            )
        )
        rows = await self._session.exec(
            select(_ROW).where(col(_ROW.id).in_(ids)).order_by(col(_ROW.due_at), col(_ROW.id))
        )
        return [as_delivery(row) for row in rows.all()]

    async def _first_of_each_channel(self, free: ColumnElement[bool], limit: int) -> dict[str, int]:
        """The oldest free delivery of so many channels or more, by channel. A channel for which
        much waits keeps no other waiting: what lies behind it is looked at too."""
        first: dict[str, int] = {}
        while len(first) < limit:
            rows = (
                await self._session.exec(
                    select(col(_ROW.id), col(_ROW.channel))
                    .where(free, col(_ROW.channel).not_in(list(first)))
                    .order_by(col(_ROW.due_at), col(_ROW.id))
                    .limit(limit * _LOOKED_AT_PER_CLAIM)
                )
            ).all()
            for number, channel in rows:
                first.setdefault(channel, number)
            if len(rows) < limit * _LOOKED_AT_PER_CLAIM:
                break
        return first

    async def free_claims(self, claims: Sequence[Claim]) -> None:
        """These holders died: what they were at may be taken again, in doubt."""
        for claim in claims:
            await self._session.exec(
                update(_ROW)
                .where(
                    col(_ROW.id) == claim.delivery,
                    col(_ROW.state) == "leased",
                    col(_ROW.holder) == claim.holder,
                    col(_ROW.attempts) == claim.attempts,
                )
                .values(state="pending", is_doubtful=True)
            )

    async def take_back(self, now: datetime, wait: timedelta, useful_for: timedelta) -> None:
        """The clock was set back: what waits for longer than `wait` is due, and what was given up
        as later than `useful_for` is not."""
        await self._session.exec(
            update(_ROW)
            .where(col(_ROW.state) == "pending", col(_ROW.due_at) > now + wait)
            .values(due_at=now)
        )
        rows = await self._session.exec(
            select(_ROW).where(col(_ROW.state) == "failed", col(_ROW.sent_at) > now)
        )
        late = [
            row.id
            for row in rows.all()
            if row.sent_at and row.sent_at - row.first_due_at > useful_for >= now - row.first_due_at
        ]
        if late:
            await self._session.exec(
                update(_ROW)
                .where(col(_ROW.id).in_(late))
                .values(state="pending", due_at=now, sent_at=None)
            )

    async def record_sent(self, delivery: int, holder: str, ts: str, now: datetime) -> bool:
        """Slack took it. False where the lease was lost to another in the meantime."""
        done = await self._session.exec(
            update(_ROW)
            .where(
                col(_ROW.id) == delivery, col(_ROW.state) == "leased", col(_ROW.holder) == holder
            )
            .values(state="sent", message_ts=ts, sent_at=now, error=None)
        )
        return done.rowcount == 1

    async def postpone(
        self, delivery: int, holder: str, until: datetime, error: str, *, in_doubt: bool
    ) -> None:
        """It is tried again at `until`."""
        await self._session.exec(
            update(_ROW)
            .where(
                col(_ROW.id) == delivery, col(_ROW.state) == "leased", col(_ROW.holder) == holder
            )
            .values(
                state="pending",
                due_at=until,
                error=error,
                is_doubtful=case((col(_ROW.is_doubtful), True), else_=in_doubt),
            )
        )

    async def record_failed(
        self, delivery: int, holder: str, error: str, now: datetime, *, state: DeliveryState
    ) -> bool:
        """It will not be tried again: `failed`, or `skipped` where it no longer matters. False
        where the lease was lost to another in the meantime; then nothing is changed."""
        done = await self._session.exec(
            update(_ROW)
            .where(
                col(_ROW.id) == delivery, col(_ROW.state) == "leased", col(_ROW.holder) == holder
            )
            .values(state=state, error=error, sent_at=now)
        )
        return done.rowcount == 1

    async def skip_waiting(self, why: str, now: datetime) -> int:
        """Give up all that waits to be posted, leased or not; how many messages. Edits stay: they
        post nothing, and bring up to date what is in Slack."""
        done = await self._session.exec(
            update(_ROW)
            .where(
                col(_ROW.state).in_(("pending", "leased")),
                col(_ROW.kind) != "alert_edit",
            )
            .values(state="skipped", error=why, sent_at=now)
        )
        return done.rowcount

    async def has_due(self, now: datetime) -> bool:
        """One query: whether a claim would find anything."""
        query = select(col(_ROW.id)).where(_claimable(now)).limit(1)
        return await self._session.scalar(query) is not None

    async def next_delivery_due(self, after: datetime) -> datetime | None:
        """The first moment later than `after` at which a delivery is due."""
        query = select(func.min(col(_ROW.due_at))).where(
            col(_ROW.due_at) > after, col(_ROW.state) == "pending"
        )
        found: datetime | None = await self._session.scalar(query)
        return found

    async def claims(self) -> Sequence[Claim]:
        """What any process is at now."""
        rows = await self._session.exec(
            select(col(_ROW.id), col(_ROW.holder), col(_ROW.attempts)).where(
                col(_ROW.state) == "leased"
            )
        )
        return [Claim(number, holder or "", attempts) for number, holder, attempts in rows.all()]

    async def delivery(self, delivery: int) -> Delivery | None:
        """One delivery as it stands."""
        rows = await self._session.exec(select(_ROW).where(col(_ROW.id) == delivery))
        row = rows.one_or_none()
        return None if row is None else as_delivery(row)

    async def counts(self, now: datetime) -> OutboxCounts:
        """How what is to be said in Slack stands."""
        waiting = col(_ROW.state).in_(("pending", "leased"))
        row = (
            await self._session.exec(
                select(
                    func.count().filter(waiting),
                    func.count().filter(waiting, col(_ROW.first_due_at) < now - _OVERDUE),
                    func.count().filter(
                        col(_ROW.state) == "failed", col(_ROW.sent_at) >= now - _LATELY
                    ),
                )
            )
        ).one()
        return OutboxCounts(*row)

    async def rate_limited(self, now: datetime) -> Sequence[RateLimited]:
        """Where Slack limits posts now, by channel."""
        waiting = col(_ROW.state).in_(("pending", "leased"))
        limited = and_(col(_ROW.error) == RATE_LIMITED, col(_ROW.due_at) > now)
        rows = await self._session.exec(
            select(
                col(_ROW.channel),
                func.count().label("waiting"),
                func.max(case((limited, col(_ROW.due_at)))).label("until"),
            )
            .where(waiting)
            .group_by(col(_ROW.channel))
            .having(func.count(case((limited, 1))) > 0)
            .order_by(col(_ROW.channel))
        )
        return [RateLimited(*row) for row in rows]

    async def recent_failures(self, since: datetime) -> Sequence[Delivery]:
        """What Slack refused for good since then, newest first."""
        if not self._session.visibility.is_everything:  # they may be about what is not seen
            return ()
        rows = await self._session.exec(
            select(_ROW)
            .where(col(_ROW.state) == "failed", col(_ROW.sent_at) >= since)
            .order_by(col(_ROW.id).desc())
        )
        return [as_delivery(row) for row in rows.all()]


def new_row(delivery: NewDelivery) -> dict[str, Any]:
    """The row of a delivery that nobody has taken yet."""
    return {
        "key": delivery.key,
        "kind": delivery.kind,
        "channel": delivery.channel,
        "payload": delivery.payload,
        "thread_of": delivery.thread_of,
        "due_at": delivery.due_at,
        "first_due_at": delivery.due_at,
        "state": "pending",
        "attempts": 0,
        "is_doubtful": False,
        "created_at": delivery.due_at,
    }


def as_delivery(row: Stored) -> Delivery:
    """A row as the house speaks of it."""
    return Delivery(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        payload=row.payload,
        thread_of=row.thread_of,
        due_at=row.first_due_at,
        state=row.state,
        attempts=row.attempts,
        is_doubtful=row.is_doubtful,
        message_ts=row.message_ts,
        error=row.error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
