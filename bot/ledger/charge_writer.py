"""Changes to the ledger inside one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select
from sqlmodel import col

from bot.db import models as tables
from bot.db.session import Session
from bot.db.statements import chunks, insert_rows, upsert_rows
from bot.ledger import records
from bot.ledger.charges import ChargeRepository
from bot.ledger.day_replacement import Known, NewDay, by_day, doubt_empty, replace
from bot.ledger.item_sums import ITEM_OF
from bot.ledger.models import Restatement
from bot.ledger.repository import LedgerRepository
from providers.models import (
    BreakdownItem,
    ChargesRead,
    Dimension,
    Name,
)
from providers.period import Period


class ChargeWriter:
    """Puts what was read of some days in place of what was known of them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def replace_days(
        self, connection: str, read: ChargesRead, now: datetime, *, empty_by: datetime | None = None
    ) -> Sequence[Restatement]:
        """Put the read's covered days in place of what was known of them, each day as a whole; what
        is not published yet is not known to be without cost.

        Of its unreadable days what was known is dropped, and the reason kept in its place.

        A completed day whose total changed is returned, and kept, as a restatement. A day that had
        cost and now reads empty is left as it was (`was_kept`), unless it was found so by
        `empty_by` and no read since then said otherwise.
        """
        known = await self._known(connection, read.period)
        settling = self._settling_days(connection)
        days, denied = doubt_empty(connection, settling, known, by_day(read), now, empty_by)
        replacement = replace(connection, settling, known, days, now)
        await self._put_days(connection, replacement.days, now)
        await self._put_unreadable(connection, read.covered, read.unreadable, now)
        await self._drop_empty(connection, read.unpublished)
        found = (*replacement.restatements, *denied)
        await upsert_rows(
            self._session.transaction, tables.Restatement, map(records.restatement_row, found)
        )
        return found

    async def replace_breakdown(
        self, connection: str, period: Period, by: Dimension, items: Sequence[BreakdownItem]
    ) -> None:
        """Put these in place of that cut's rows for the period."""
        if any(item.day not in period for item in items):
            raise ValueError(f"a breakdown of {period} holds a day outside it")
        breakdown = tables.Breakdown
        await self._session.transaction.execute(
            delete(breakdown)
            .where(col(breakdown.connection) == connection, col(breakdown.cut) == by)
            .where(col(breakdown.day) >= period.start, col(breakdown.day) < period.end)
        )
        rows = records.breakdown_rows(connection, by, items)
        await insert_rows(self._session.transaction, breakdown, rows)
        named = {item.item_id: item.item_name for item in items if item.item_id and item.item_name}
        await LedgerRepository(self._session).merge_names(
            connection, [Name(by, item_id, name) for item_id, name in named.items()]
        )

    def _settling_days(self, connection: str) -> int:
        for configured in self._session.configured:
            if configured.name == connection:
                return configured.settling_days
        raise ValueError(f"no connection named {connection} is configured")

    async def _known(self, connection: str, period: Period) -> dict[date, Known]:
        restatement = tables.Restatement
        denials = await self._rows(
            select(col(restatement.day), func.max(col(restatement.found_at)).label("at"))
            .where(col(restatement.connection) == connection, col(restatement.was_kept))
            .where(col(restatement.day) >= period.start, col(restatement.day) < period.end)
            .group_by(col(restatement.day))
        )
        denied_at = {row.day: row.at for row in denials}
        return {
            day.day: Known(
                used=day.used,
                byok_estimate=day.byok_estimate,
                first_read_at=day.first_read_at,
                last_read_at=day.last_read_at,
                last_changed_at=day.last_changed_at,
                denied_at=denied_at.get(day.day),
            )
            for day in await ChargeRepository(self._session).days(period, [connection])
        }

    async def _put_unreadable(
        self,
        connection: str,
        covered: Collection[date],
        unreadable: Mapping[date, str],
        now: datetime,
    ) -> None:
        """What was known of a day that cannot be read any more is dropped: it is not known."""
        table, coverage = tables.UnreadableDay, tables.Coverage
        rows = await self._rows(select(table).where(col(table.connection) == connection))
        since = {row.day: row.since for row in rows}
        for chunk in chunks(sorted(covered & since.keys())):
            await self._session.transaction.execute(
                delete(table).where(col(table.connection) == connection, col(table.day).in_(chunk))
            )
        await self._drop_charges(connection, sorted(unreadable))
        for chunk in chunks(sorted(unreadable)):
            await self._session.transaction.execute(
                delete(coverage)
                .where(col(coverage.connection) == connection)
                .where(col(coverage.day).in_(chunk))
            )
        found = (
            {
                "connection": connection,
                "day": day,
                "reason": reason,
                "since": since.get(day, now),
                "read_at": now,
            }
            for day, reason in unreadable.items()
        )
        await upsert_rows(self._session.transaction, table, found)

    async def _drop_empty(self, connection: str, days: Collection[date]) -> None:
        """Take back that these days were without cost, where that is what is known of them."""
        coverage = tables.Coverage
        for chunk in chunks(sorted(days)):
            await self._session.transaction.execute(
                delete(coverage)
                .where(col(coverage.connection) == connection, col(coverage.day).in_(chunk))
                .where(col(coverage.used) == 0, col(coverage.byok_estimate) == 0)
            )

    async def _drop_charges(self, connection: str, days: Sequence[date]) -> None:
        charge, breakdown = tables.Charge, tables.Breakdown
        for chunk in chunks(days):
            await self._session.transaction.execute(
                delete(charge)
                .where(col(charge.connection) == connection)
                .where(col(charge.day).in_(chunk))
            )
            await self._session.transaction.execute(
                delete(breakdown)
                .where(col(breakdown.connection) == connection)
                .where(col(breakdown.cut).in_(list(ITEM_OF)), col(breakdown.day).in_(chunk))
            )

    async def _put_days(self, connection: str, days: Sequence[NewDay], now: datetime) -> None:
        charge, breakdown, coverage = tables.Charge, tables.Breakdown, tables.Coverage
        await self._drop_charges(connection, [new.day for new in days])
        await insert_rows(self._session.transaction, charge, records.charge_rows(connection, days))
        for cut, item_of in ITEM_OF.items():
            rows = records.cut_rows(connection, days, cut, item_of)
            await insert_rows(self._session.transaction, breakdown, rows)
        rows = records.coverage_rows(connection, days, now)
        await upsert_rows(self._session.transaction, coverage, rows)

    async def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[Any]]:
        return (await self._session.transaction.execute(query)).all()
