"""Replace days in the ledger with what was read: statements over many rows."""

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, delete, func, update
from sqlmodel import col, select

from bot.db.models import (
    ConnectionPart,
    Coverage,
    Restatement,
    StoredBreakdown,
    StoredCharge,
    StoredName,
    UnreadableDay,
    UserMatch,
)
from bot.db.session import Session, chunks, insert_rows, upsert_rows
from bot.ledger.charges import ChargeRepository
from bot.ledger.corrections import put_corrections, stored_charges
from bot.ledger.models import PART_OF
from bot.ledger.reconcile import ITEM_OF, ReconciledDay, reconcile
from bot.ledger.repository import LedgerRepository
from providers.models import (
    BreakdownDimension,
    BreakdownItem,
    ChargesRead,
    Name,
)
from providers.period import Period, settles_at


class ChargeWriter:
    """Replaces days, each completely."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._transaction = session.transaction

    async def replace_days(
        self,
        connection: str,
        read: ChargesRead,
        now: datetime,
        *,
        confirmed_empty_before: datetime | None = None,
    ) -> Sequence[Restatement]:
        """Replace the read's covered days. Unpublished days don't count as free of cost.

        An unreadable day is removed from the ledger, and the reason stored instead.

        Returns and stores a restatement for each completed day whose total changed. A day that had
        cost and now reads empty is kept (`was_kept`), unless it was found empty by
        `confirmed_empty_before` and no read since then disagreed.
        """
        stored = await ChargeRepository(self._session).days(read.period, [connection])
        found = reconcile(
            connection,
            self._settling_days(connection),
            {day.day: day for day in stored},
            await self._rejected_at(connection, read.period),
            read,
            now,
            confirmed_empty_before,
        )
        closed = self._changed_after_close(connection, found.restatements, now)
        before = await stored_charges(self._session, connection, closed)
        await self._put_days(connection, found.days, min(now, read.as_of or now))
        after = await stored_charges(self._session, connection, closed)
        await put_corrections(self._session, connection, before, after, now)
        await self._put_unreadable(connection, read.covered, read.unreadable, now)
        await self._drop_empty(connection, read.unpublished)
        for restatement in found.restatements:
            await self._session.merge(restatement)
        return found.restatements

    async def replace_breakdown(
        self,
        connection: str,
        period: Period,
        by: BreakdownDimension,
        items: Sequence[BreakdownItem],
    ) -> None:
        """Replace the provider's own breakdown of the period."""
        if any(item.day not in period for item in items):
            raise ValueError(f"a breakdown of {period} holds a day outside it")
        await self._transaction.execute(
            delete(StoredBreakdown)
            .where(
                col(StoredBreakdown.connection) == connection, col(StoredBreakdown.dimension) == by
            )
            .where(col(StoredBreakdown.day) >= period.start, col(StoredBreakdown.day) < period.end)
        )
        moved = await self._moved_channels(connection) if by == "channel" else {}
        rows = (
            {
                "connection": connection,
                "dimension": by,
                "day": item.day,
                "position": position,
                "item_id": moved.get(item.item_id or "", item.item_id),
                "effective_cost": item.effective_cost,
                "quantity": None,
                "unit": None,
            }
            for position, item in enumerate(items)
        )
        await insert_rows(self._transaction, StoredBreakdown, rows)
        named = {item.item_id: item.item_name for item in items if item.item_id and item.item_name}
        await LedgerRepository(self._session).merge_names(
            connection, [Name(by, item_id, name) for item_id, name in named.items()]
        )

    async def move_channel(self, channel: str, to: str) -> None:
        """Store what was used in a channel of Slack under its new id, now and whenever the provider
        reports the old one. The new id is stored as the old one's name."""
        row, name = StoredBreakdown, StoredName
        of_channel = and_(col(row.dimension) == "channel", col(row.item_id) == channel)
        await self._transaction.execute(update(row).where(of_channel).values(item_id=to))
        moved_before = and_(col(name.kind) == "channel", col(name.name) == channel)
        await self._transaction.execute(update(name).where(moved_before).values(name=to))
        for connection in self._session.names():
            await LedgerRepository(self._session).merge_names(
                connection, [Name("channel", channel, to)]
            )

    async def _moved_channels(self, connection: str) -> Mapping[str, str]:
        """Return the present id of each channel that has had another."""
        name = StoredName
        rows = await self._transaction.execute(
            select(col(name.item_id), col(name.name)).where(
                col(name.connection) == connection, col(name.kind) == "channel"
            )
        )
        return {each.item_id: each.name for each in rows}

    async def set_absent(self, connection: str, by: BreakdownDimension) -> None:
        """Record that the account doesn't have this breakdown: an earlier failure to read it is
        over. What was read stays."""
        part = ConnectionPart
        of_one = (col(part.connection) == connection, col(part.part) == PART_OF[by])
        never_read = col(part.read_at).is_(None)
        await self._transaction.execute(delete(part).where(*of_one, never_read))
        no_fault = {name: None for name in part.model_fields if name.startswith("fault_")}
        await self._transaction.execute(update(part).where(*of_one).values(**no_fault))

    async def forget_breakdown(self, connection: str, by: BreakdownDimension) -> None:
        """Delete a breakdown that isn't read any more, and its names; by user also who they are in
        Slack."""
        if by == "user":
            matches = delete(UserMatch).where(col(UserMatch.connection) == connection)
            await self._transaction.execute(matches)
        for table, column in (
            (StoredBreakdown, StoredBreakdown.dimension),
            (StoredName, StoredName.kind),
        ):
            of_one = (col(table.connection) == connection, col(column) == by)
            await self._transaction.execute(delete(table).where(*of_one))
        part = ConnectionPart
        of_one = (col(part.connection) == connection, col(part.part) == PART_OF[by])
        await self._transaction.execute(delete(part).where(*of_one))

    def _changed_after_close(
        self, connection: str, restatements: Sequence[Restatement], now: datetime
    ) -> Sequence[date]:
        """Return the days with another total whose month had closed."""
        settling = self._settling_days(connection)
        return [
            each.day
            for each in restatements
            if not each.was_kept and now >= settles_at(Period.of_month(each.day), settling)
        ]

    def _settling_days(self, connection: str) -> int:
        for configured in self._session.configured:
            if configured.name == connection:
                return configured.settling_days
        raise ValueError(f"no connection named {connection} is configured")

    async def _rejected_at(self, connection: str, period: Period) -> dict[date, datetime]:
        rejected = await self._session.exec(
            select(col(Restatement.day), func.max(col(Restatement.found_at)))
            .where(Restatement.connection == connection, Restatement.was_kept)
            .where(Restatement.day >= period.start, Restatement.day < period.end)
            .group_by(col(Restatement.day))
        )
        return dict(rejected.all())

    async def _put_unreadable(
        self,
        connection: str,
        covered: Set[date],
        unreadable: Mapping[date, str],
        now: datetime,
    ) -> None:
        """Remove the days that can't be read any more, and store the reasons."""
        found = await self._session.exec(
            select(UnreadableDay).where(UnreadableDay.connection == connection)
        )
        known = {row.day: row for row in found}
        for day in covered & known.keys():
            await self._session.delete(known[day])
        await self._drop_charges(connection, sorted(unreadable))
        await self._drop(Coverage, connection, sorted(unreadable))
        for day, reason in unreadable.items():
            row = known.get(day)
            if row is None:
                self._session.add(
                    UnreadableDay(
                        connection=connection, day=day, reason=reason, since=now, read_at=now
                    )
                )
            else:
                row.reason, row.read_at = reason, now

    async def _drop_empty(self, connection: str, days: Collection[date]) -> None:
        """Remove these days if the ledger has them as free of cost."""
        is_empty = (col(Coverage.used) == 0, col(Coverage.byok_estimate) == 0)
        await self._drop(Coverage, connection, sorted(days), *is_empty)

    async def _drop_charges(self, connection: str, days: Sequence[date]) -> None:
        await self._drop(StoredCharge, connection, days)
        await self._drop(
            StoredBreakdown, connection, days, col(StoredBreakdown.dimension).in_(list(ITEM_OF))
        )

    async def _drop(self, table: Any, connection: str, days: Sequence[date], *those: Any) -> None:
        for chunk in chunks(days):
            await self._transaction.execute(
                delete(table).where(
                    col(table.connection) == connection, col(table.day).in_(chunk), *those
                )
            )

    async def _put_days(
        self, connection: str, days: Sequence[ReconciledDay], as_of: datetime
    ) -> None:
        await self._drop_charges(connection, [new.day for new in days])
        charges = (
            {
                "connection": connection,
                "day": new.day,
                "position": position,
                "sub_account_id": charge.sub_account_id,
                "sku_id": charge.sku_id,
                "model": charge.x_model,
                "meter": charge.sku_meter,
                "effective_cost": charge.effective_cost,
                "byok_estimate": charge.x_byok_estimate,
                "quantity": charge.consumed_quantity,
                "unit": charge.consumed_unit,
                "list_cost": charge.list_cost,
            }
            for new in days
            for position, charge in enumerate(new.charges)
        )
        await insert_rows(self._transaction, StoredCharge, charges)
        items = (
            {
                "connection": connection,
                "dimension": by,
                "day": new.day,
                "position": position,
                "item_id": item.item_id,
                "effective_cost": item.effective_cost,
                "quantity": item.quantity,
                "unit": item.unit,
            }
            for by, item_of in ITEM_OF.items()
            for new in days
            for position, item in enumerate(new.items(item_of))
        )
        await insert_rows(self._transaction, StoredBreakdown, items)
        coverage = (
            {
                "connection": connection,
                "day": new.day,
                "used": new.used,
                "byok_estimate": new.byok_estimate,
                "first_read_at": new.first_read_at,
                "last_read_at": as_of,
                "last_changed_at": new.last_changed_at,
            }
            for new in days
        )
        await upsert_rows(self._transaction, Coverage, coverage)
