"""Digests in the database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, bindparam, delete, func, insert, update
from sqlmodel import col, select

from bot.budgets.models import Scope
from bot.db.models import SlotOutcome
from bot.db.models.digests import Digest, DigestSlot
from bot.db.session import Session
from bot.db.statements import chunks
from bot.digests.plan import DigestPlan, DigestTerms
from bot.notifications.models import MissedSlot
from bot.schedule import Schedule, Slot

_TABLE = Digest.__table__  # type: ignore[attr-defined]


class DigestRepository:
    """The digests that channels get, and the slots that were not posted."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def digests(self, channel: str | None = None) -> Sequence[DigestPlan]:
        """Those that are set, of one channel or of all, oldest first."""
        if not self._session.visibility.is_everything:  # they may be about what is not seen
            return ()
        query = select(Digest).where(col(Digest.removed_at).is_(None)).order_by(col(Digest.id))
        if channel is not None:
            query = query.where(col(Digest.channel) == channel)
        return [_plan(row) for row in (await self._session.exec(query)).all()]

    async def digest(self, digest: int) -> DigestPlan | None:
        """One that is set; None too where it was removed."""
        rows = await self._session.exec(
            select(Digest).where(col(Digest.id) == digest, col(Digest.removed_at).is_(None))
        )
        row = rows.one_or_none()
        return None if row is None else _plan(row)

    async def due_digests(self, now: datetime, limit: int) -> Sequence[DigestPlan]:
        """Those to be looked at by now, the longest due first."""
        rows = await self._session.exec(
            select(Digest)
            .where(col(Digest.next_due_at) <= now, col(Digest.removed_at).is_(None))
            .order_by(col(Digest.next_due_at), col(Digest.id))
            .limit(limit)
        )
        return [_plan(row) for row in rows.all()]

    async def missed_slots(self, since: datetime) -> Sequence[MissedSlot]:
        """Of digests that are set: slots found not posted since then, newest first."""
        if not self._session.visibility.is_everything:
            return ()
        rows = await self._session.exec(
            select(DigestSlot, col(Digest.channel))
            .join(Digest, col(Digest.id) == col(DigestSlot.digest_id))
            .where(col(DigestSlot.found_at) >= since, col(Digest.removed_at).is_(None))
            .order_by(col(DigestSlot.found_at).desc(), col(DigestSlot.due_at).desc())
        )
        return [
            MissedSlot(
                slot.digest_id, channel, slot.local_date, slot.due_at, slot.found_at, slot.outcome
            )
            for slot, channel in rows.all()
        ]

    async def add_digest(
        self, channel: str, terms: DigestTerms, by: str, now: datetime, recapped: date
    ) -> DigestPlan:
        """A new one, paused until it is told when it comes next."""
        number = await self._session.scalar(
            insert(Digest)
            .values(
                channel=channel,
                made_by=by,
                made_at=now,
                changed_by=by,
                changed_at=now,
                is_sharing_allowed=False,
                recapped=recapped,
                **_values(terms),
            )
            .returning(col(Digest.id))
        )
        return await self._one(number)

    async def change_digest(
        self, digest: int, terms: DigestTerms, by: str, now: datetime
    ) -> DigestPlan:
        """Other terms for it; it keeps its place until it is told when it comes next."""
        await self._update(digest, changed_by=by, changed_at=now, **_values(terms))
        return await self._one(digest)

    async def remove_digest(self, digest: int, by: str, now: datetime) -> None:
        """It comes no more."""
        await self._update(digest, removed_at=now, changed_by=by, changed_at=now, next_due_at=None)

    async def plan_digest(
        self, digest: int, slot: Slot, *, look_at: datetime | None = None
    ) -> None:
        """That slot comes next, looked at when it is due, or at `look_at`. It is paused no more."""
        await self._update(
            digest,
            next_due_at=look_at or slot.due_at,
            next_local_date=slot.local_date,
            paused_because=None,
        )

    async def plan_digests(self, planned: Sequence[tuple[int, Slot, date | None]]) -> None:
        """The same for many at once, each with the month it has told now (None: as it was)."""
        if not planned:
            return
        told = bindparam("told", type_=Date())
        statement = (
            update(_TABLE)
            .where(_TABLE.c.id == bindparam("of"))
            .values(
                next_due_at=bindparam("due"),
                next_local_date=bindparam("day"),
                recapped=func.coalesce(told, _TABLE.c.recapped),
            )
        )
        for chunk in chunks(planned):
            await self._session.exec(
                statement,
                params=[
                    {"of": digest, "due": slot.due_at, "day": slot.local_date, "told": month}
                    for digest, slot, month in chunk
                ],
            )

    async def pause_digest(self, digest: int, because: str, by: str, now: datetime) -> bool:
        """It comes no more until it is planned again. False where it was paused already."""
        done = await self._session.exec(
            update(Digest)
            .where(
                col(Digest.id) == digest,
                col(Digest.removed_at).is_(None),
                col(Digest.paused_because).is_(None),
            )
            .values(
                next_due_at=None,
                next_local_date=None,
                paused_because=because,
                changed_by=by,
                changed_at=now,
            )
        )
        return done.rowcount == 1

    async def allow_sharing(self, digest: int) -> None:
        """It may be posted in a channel shared with people outside."""
        await self._update(digest, is_sharing_allowed=True)

    async def move_digests(self, channel: str, to: str) -> None:
        """Slack gave a channel another id."""
        await self._session.exec(
            update(Digest).where(col(Digest.channel) == channel).values(channel=to)
        )

    async def record_missed(
        self, digest: int, slots: Sequence[Slot], outcome: SlotOutcome, now: datetime
    ) -> None:
        """These slots were not posted."""
        if slots:
            await self._session.exec(
                insert(DigestSlot),
                params=[
                    {
                        "digest_id": digest,
                        "local_date": slot.local_date,
                        "due_at": slot.due_at,
                        "found_at": now,
                        "outcome": outcome,
                    }
                    for slot in slots
                ],
            )

    async def take_back_missed(self, now: datetime) -> Mapping[int, Slot]:
        """Forget the slots that were found missed later than now: the clock was ahead then. The
        earliest of each digest."""
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

    async def _update(self, digest: int, **values: Any) -> None:
        await self._session.exec(update(Digest).where(col(Digest.id) == digest).values(**values))

    async def _one(self, digest: int | None) -> DigestPlan:
        rows = await self._session.exec(select(Digest).where(col(Digest.id) == digest))
        return _plan(rows.one())


def _values(terms: DigestTerms) -> dict[str, Any]:
    return {
        "scope_kind": terms.scope.kind,
        "scope_name": terms.scope.name,
        "cadence": terms.cadence,
        "depth": terms.depth,
        "local_time": terms.schedule.at,
        "days": sorted(terms.schedule.days),
        "zone": terms.schedule.zone,
        "settled_by": terms.settled_by,
    }


def _plan(row: Digest) -> DigestPlan:
    return DigestPlan(
        id=row.id,
        channel=row.channel,
        terms=DigestTerms(
            scope=Scope(row.scope_kind, row.scope_name),
            cadence=row.cadence,
            depth=row.depth,
            schedule=Schedule(row.local_time, frozenset(row.days), row.zone),
            settled_by=row.settled_by,
        ),
        made_by=row.made_by,
        made_at=row.made_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        next_due_at=row.next_due_at,
        next_local_date=row.next_local_date,
        paused_because=row.paused_because,
        is_sharing_allowed=row.is_sharing_allowed,
        recapped=row.recapped,
    )
