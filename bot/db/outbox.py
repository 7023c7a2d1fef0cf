"""The outbox as those who deliver see it."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from bot.db.store import SqlStore
from bot.db.writing import SqlWriting
from bot.notifications.models import Claim, Delivery, OutboxCounts, RateLimited


class SqlOutbox:
    """`bot.notifications.models.Outbox` on the store; each question is a look of its own."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def has_due(self, now: datetime) -> bool:
        async with self._store.reading() as reading:
            return await reading.has_due(now)

    async def claims(self) -> Sequence[Claim]:
        async with self._store.reading() as reading:
            return await reading.claims()

    async def delivery(self, delivery: int) -> Delivery | None:
        async with self._store.reading() as reading:
            return await reading.delivery(delivery)

    async def counts(self, now: datetime) -> OutboxCounts:
        async with self._store.reading() as reading:
            return await reading.counts(now)

    async def rate_limited(self, now: datetime) -> Sequence[RateLimited]:
        async with self._store.reading() as reading:
            return await reading.rate_limited(now)

    async def recent_failures(self, since: datetime) -> Sequence[Delivery]:
        async with self._store.reading() as reading:
            return await reading.recent_failures(since)

    def writing(self) -> AbstractAsyncContextManager[SqlWriting]:
        return self._store.writing()
