"""Digests in the database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, update
from sqlmodel import col, select

from bot.db.models import DigestSettings, DigestSlot, DigestSubscription, SlotOutcome
from bot.db.session import Session
from bot.schedule import Slot


class DigestRepository:
    """The digests that channels get, and the slots that were not posted."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def active(self, channel: str | None = None) -> Sequence[DigestSubscription]:
        """Return the digests that exist, of one channel or of all, oldest first."""
        if not self._session.visibility.is_everything:  # they may be about what is not seen
            return ()
        query = (
            select(DigestSubscription)
            .where(col(DigestSubscription.removed_at).is_(None))
            .order_by(col(DigestSubscription.id))
        )
        if channel is not None:
            query = query.where(col(DigestSubscription.channel) == channel)
        return (await self._session.exec(query)).all()

    async def get(self, digest: int) -> DigestSubscription | None:
        """Return a digest; None if it was removed or never existed."""
        rows = await self._session.exec(
            select(DigestSubscription).where(
                col(DigestSubscription.id) == digest, col(DigestSubscription.removed_at).is_(None)
            )
        )
        return rows.one_or_none()

    async def due(self, now: datetime, limit: int) -> Sequence[DigestSubscription]:
        """Return the digests to check by now, the longest due first."""
        rows = await self._session.exec(
            select(DigestSubscription)
            .where(
                col(DigestSubscription.next_due_at) <= now,
                col(DigestSubscription.removed_at).is_(None),
            )
            .order_by(col(DigestSubscription.next_due_at), col(DigestSubscription.id))
            .limit(limit)
        )
        return rows.all()

    async def add(
        self, channel: str, settings: DigestSettings, by: str, now: datetime, recapped: date
    ) -> DigestSubscription:
        """Save a new digest. It has no slot until it is scheduled."""
        made = DigestSubscription.new(channel, settings, by, now, recapped)
        self._session.add(made)
        await self._session.flush()
        return made

    async def move(self, channel: str, to: str) -> None:
        """Move all digests of a channel, and those about it, to its new id."""
        about = (col(DigestSubscription.scope_kind), col(DigestSubscription.scope_name))
        await self._session.exec(
            update(DigestSubscription)
            .where(about[0] == "channel", about[1] == channel)
            .values(scope_name=to)
        )
        await self._session.exec(
            update(DigestSubscription)
            .where(col(DigestSubscription.channel) == channel)
            .values(channel=to)
        )

    async def missed(self, since: datetime) -> Sequence[tuple[DigestSlot, str]]:
        """Return the slots not posted since then, newest first, each with its channel; only of
        digests that exist."""
        if not self._session.visibility.is_everything:
            return ()
        rows = await self._session.exec(
            select(DigestSlot, col(DigestSubscription.channel))
            .join(DigestSubscription, col(DigestSubscription.id) == col(DigestSlot.digest_id))
            .where(col(DigestSlot.found_at) >= since, col(DigestSubscription.removed_at).is_(None))
            .order_by(col(DigestSlot.found_at).desc(), col(DigestSlot.due_at).desc())
        )
        return rows.all()

    def record_missed(
        self, digest: int, slots: Sequence[Slot], outcome: SlotOutcome, now: datetime
    ) -> None:
        """Record that these slots were not posted."""
        self._session.add_all(
            DigestSlot(
                digest_id=digest,
                local_date=slot.local_date,
                due_at=slot.due_at,
                found_at=now,
                outcome=outcome,
            )
            for slot in slots
        )

    async def take_back_missed(self, now: datetime) -> Mapping[int, Slot]:
        """Delete missed slots later than `now`, which were recorded while the clock was ahead.
        Return the earliest of each digest."""
        rows = await self._session.exec(
            delete(DigestSlot)
            .where(col(DigestSlot.found_at) > now)
            .returning(
                col(DigestSlot.digest_id), col(DigestSlot.due_at), col(DigestSlot.local_date)
            )
        )
        found: dict[int, Slot] = {}
        for digest, due_at, local_date in rows.all():
            missed = Slot(due_at, local_date)
            found[digest] = min(found.get(digest, missed), missed, key=lambda each: each.due_at)
        return found
