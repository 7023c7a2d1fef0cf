"""When something is to be done next: for a clock that is moved, which should stop there."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.store.tables.digests import Digest
from bot.store.tables.outbox import Delivery


class UpcomingLook:
    """What is asked of the future."""

    _connection: AsyncConnection

    async def next_due(self, after: datetime) -> datetime | None:
        """The first moment later than `after` at which a digest or a delivery is due; None where
        nothing is planned."""
        planned = (
            select(func.min(col(Digest.next_due_at))).where(
                col(Digest.next_due_at) > after, col(Digest.removed_at).is_(None)
            ),
            select(func.min(col(Delivery.due_at))).where(
                col(Delivery.due_at) > after, col(Delivery.state) == "pending"
            ),
        )
        found: list[datetime | None] = [await self._connection.scalar(query) for query in planned]
        return min((moment for moment in found if moment is not None), default=None)
