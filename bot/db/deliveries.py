"""The outbox in the database: claims by conditional update."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.access.models import VisibilityScope
from bot.db.models.outbox import Delivery as Stored
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


class OutboxQueries:
    """`bot.notifications.models.OutboxWriting` over one open transaction."""

    _connection: AsyncConnection

    async def enqueue(self, delivery: NewDelivery) -> int | None:
        values = new_row(delivery)
        if delivery.key is not None:
            there = select(col(_ROW.id)).where(col(_ROW.key) == delivery.key)
            if await self._connection.scalar(there) is not None:
                return None
        return await self._connection.scalar(insert(_ROW).values(values).returning(col(_ROW.id)))

    async def claim(
        self,
        now: datetime,
        limit: int,
        holder: str,
        on_hold: OnHold = NOTHING_ON_HOLD,
    ) -> Sequence[Delivery]:
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
        await self._connection.execute(
            update(_ROW)
            .where(col(_ROW.id).in_(ids))
            .values(
                state="leased",
                holder=holder,
                attempts=col(_ROW.attempts) + 1,
                is_doubtful=or_(col(_ROW.is_doubtful), col(_ROW.state) == "leased"),
            )
        )
        rows = await self._connection.execute(
            select(_ROW).where(col(_ROW.id).in_(ids)).order_by(col(_ROW.due_at), col(_ROW.id))
        )
        return [as_delivery(row) for row in rows.all()]

    async def _first_of_each_channel(self, free: ColumnElement[bool], limit: int) -> dict[str, int]:
        """The oldest free delivery of so many channels or more, by channel. A channel for which
        much waits keeps no other waiting: what lies behind it is looked at too."""
        first: dict[str, int] = {}
        while len(first) < limit:
            rows = (
                await self._connection.execute(
                    select(col(_ROW.id), col(_ROW.channel))
                    .where(free, col(_ROW.channel).not_in(list(first)))
                    .order_by(col(_ROW.due_at), col(_ROW.id))
                    .limit(limit * _LOOKED_AT_PER_CLAIM)
                )
            ).all()
            for row in rows:
                first.setdefault(row.channel, row.id)
            if len(rows) < limit * _LOOKED_AT_PER_CLAIM:
                break
        return first

    async def free_claims(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            await self._connection.execute(
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
        await self._connection.execute(
            update(_ROW)
            .where(col(_ROW.state) == "pending", col(_ROW.due_at) > now + wait)
            .values(due_at=now)
        )
        rows = await self._connection.execute(
            select(_ROW).where(col(_ROW.state) == "failed", col(_ROW.sent_at) > now)
        )
        late = [
            row.id
            for row in rows.all()
            if row.sent_at - row.first_due_at > useful_for >= now - row.first_due_at
        ]
        if late:
            await self._connection.execute(
                update(_ROW)
                .where(col(_ROW.id).in_(late))
                .values(state="pending", due_at=now, sent_at=None)
            )

    async def record_sent(self, delivery: int, holder: str, ts: str, now: datetime) -> bool:
        done = await self._connection.execute(
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
        await self._connection.execute(
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
        done = await self._connection.execute(
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
        done = await self._connection.execute(
            update(_ROW)
            .where(
                col(_ROW.state).in_(("pending", "leased")),
                col(_ROW.kind) != "alert_edit",
            )
            .values(state="skipped", error=why, sent_at=now)
        )
        return done.rowcount


class OutboxReader:
    """What is asked of the outbox without changing it."""

    _connection: AsyncConnection
    _visibility: VisibilityScope

    async def has_due(self, now: datetime) -> bool:
        query = select(col(_ROW.id)).where(_claimable(now)).limit(1)
        return await self._connection.scalar(query) is not None

    async def next_delivery_due(self, after: datetime) -> datetime | None:
        """The first moment later than `after` at which a delivery is due."""
        query = select(func.min(col(_ROW.due_at))).where(
            col(_ROW.due_at) > after, col(_ROW.state) == "pending"
        )
        found: datetime | None = await self._connection.scalar(query)
        return found

    async def claims(self) -> Sequence[Claim]:
        rows = await self._connection.execute(
            select(col(_ROW.id), col(_ROW.holder), col(_ROW.attempts)).where(
                col(_ROW.state) == "leased"
            )
        )
        return [Claim(row.id or 0, row.holder or "", row.attempts) for row in rows.all()]

    async def delivery(self, delivery: int) -> Delivery | None:
        rows = await self._connection.execute(select(_ROW).where(col(_ROW.id) == delivery))
        row = rows.one_or_none()
        return None if row is None else as_delivery(row)

    async def counts(self, now: datetime) -> OutboxCounts:
        waiting = col(_ROW.state).in_(("pending", "leased"))
        row = (
            await self._connection.execute(
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
        waiting = col(_ROW.state).in_(("pending", "leased"))
        limited = and_(col(_ROW.error) == RATE_LIMITED, col(_ROW.due_at) > now)
        rows = await self._connection.execute(
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
        return [RateLimited(row.channel, row.waiting, row.until) for row in rows]

    async def recent_failures(self, since: datetime) -> Sequence[Delivery]:
        if not self._visibility.is_everything:  # they may be about what is not seen
            return ()
        rows = await self._connection.execute(
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


def as_delivery(row: Row[Any]) -> Delivery:
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
