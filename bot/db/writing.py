"""Changes to the ledger inside one transaction."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from bot.db import models as tables
from bot.db import records
from bot.db.address import explain
from bot.db.configured import ConfiguredConnection
from bot.db.credit import CreditChanges
from bot.db.cuts import ITEM_OF
from bot.db.deliveries import OutboxQueries
from bot.db.digests import DigestChanges
from bot.db.hours import HourChanges
from bot.db.reading import SqlReading
from bot.db.replacing import Known, NewDay, by_day, doubt_empty, replace
from bot.db.rulebook import RulesChanges
from bot.db.spike_watch import SpikeWatchChanges
from bot.db.statements import chunks, insert_rows, upsert_rows
from bot.db.visibility import VisibilityChanges
from bot.ledger.models import AuditEntry, Part, Restatement
from providers.charge import (
    BreakdownItem,
    ChargesRead,
    Cut,
    Name,
    PrepaidBalance,
    ProviderLimit,
)
from providers.errors import ProviderError
from providers.period import Period


class SqlWriting(
    RulesChanges,
    DigestChanges,
    VisibilityChanges,
    OutboxQueries,
    CreditChanges,
    HourChanges,
    SpikeWatchChanges,
    SqlReading,
):
    """`bot.ledger.ports.Writing` over one open transaction, which no other writer shares."""

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What is written in this block is kept as a whole, or, where it raises, not at all; what
        the transaction wrote before stays either way.

        Raises `StoreError` where the database itself fails, which ends the transaction: SQLite
        without room has already undone all of it.
        """
        failure: DBAPIError | None = None
        try:
            async with self._connection.begin_nested():
                try:
                    yield
                except DBAPIError as error:
                    failure = error
                    raise
        except DBAPIError as error:
            # Going back to the savepoint fails too where SQLite has undone the transaction.
            told = explain(self._connection.engine.url, failure or error)
            raise told or failure or error from error

    async def replace_days(
        self, connection: str, read: ChargesRead, now: datetime, *, empty_by: datetime | None = None
    ) -> Sequence[Restatement]:
        known = await self._known(connection, read.period)
        settling = self._settling_days(connection)
        days, denied = doubt_empty(connection, settling, known, by_day(read), now, empty_by)
        replacement = replace(connection, settling, known, days, now)
        await self._put_days(connection, replacement.days, now)
        await self._put_unreadable(connection, read.covered, read.unreadable, now)
        await self._drop_empty(connection, read.unpublished)
        found = (*replacement.restatements, *denied)
        await upsert_rows(self._connection, tables.Restatement, map(records.restatement_row, found))
        return found

    async def replace_breakdown(
        self, connection: str, period: Period, by: Cut, items: Sequence[BreakdownItem]
    ) -> None:
        if any(item.day not in period for item in items):
            raise ValueError(f"a breakdown of {period} holds a day outside it")
        breakdown = tables.Breakdown
        await self._connection.execute(
            delete(breakdown)
            .where(col(breakdown.connection) == connection, col(breakdown.cut) == by)
            .where(col(breakdown.day) >= period.start, col(breakdown.day) < period.end)
        )
        rows = records.breakdown_rows(connection, by, items)
        await insert_rows(self._connection, breakdown, rows)
        named = {item.item_id: item.item_name for item in items if item.item_id and item.item_name}
        await self.merge_names(
            connection, [Name(by, item_id, name) for item_id, name in named.items()]
        )

    async def add_balance(self, connection: str, balance: PrepaidBalance, now: datetime) -> None:
        row = records.balance_row(connection, balance, now)
        await upsert_rows(self._connection, tables.Balance, [row])

    async def replace_limits(
        self,
        connection: str,
        limits: Sequence[ProviderLimit],
        now: datetime,
        *,
        keep_since: datetime | None = None,
    ) -> None:
        table = tables.ProviderLimit
        rows = list(records.limit_rows(connection, limits, now))
        if keep_since is not None:
            read = {(limit.kind, limit.scope_id) for limit in limits}
            rows += [
                {**before._asdict(), "position": position}
                for position, before in enumerate(await self._limits(connection), len(rows))
                if before.read_at >= keep_since and (before.kind, before.scope_id) not in read
            ]
        await self._connection.execute(delete(table).where(col(table.connection) == connection))
        await insert_rows(self._connection, table, rows)

    async def _limits(self, connection: str) -> Sequence[Row[Any]]:
        table = tables.ProviderLimit
        return await self._all(
            select(table).where(col(table.connection) == connection).order_by(col(table.position))
        )

    async def merge_names(self, connection: str, names: Sequence[Name]) -> None:
        rows = (
            {
                "connection": connection,
                "kind": name.kind,
                "item_id": name.item_id,
                "name": name.name,
            }
            for name in names
        )
        await upsert_rows(self._connection, tables.Name, rows)

    async def record_success(
        self, connection: str, part: Part, now: datetime, *, degraded: str | None = None
    ) -> None:
        row = records.success_row(connection, part, now, degraded)
        await upsert_rows(self._connection, tables.ConnectionPart, [row])

    async def record_fault(
        self, connection: str, part: Part, error: ProviderError, now: datetime
    ) -> None:
        table = tables.ConnectionPart
        since = await self._connection.scalar(
            select(col(table.fault_since)).where(
                col(table.connection) == connection, col(table.part) == part
            )
        )
        row = records.fault_row(connection, part, error, since or now, now)
        await upsert_rows(self._connection, table, [row])

    async def set_earliest_served(self, connection: str, day: date) -> None:
        table = tables.Connection
        await self._connection.execute(
            update(table).where(col(table.name) == connection).values(earliest_served=day)
        )

    async def add_audit(self, entry: AuditEntry) -> None:
        """Put a change of a setting on record."""
        await insert_rows(self._connection, tables.Audit, [records.audit_row(entry)])

    async def drop_audit(self, before: datetime) -> int:
        """Let go of changes older than this; how many."""
        audit = tables.Audit
        done = await self._connection.execute(delete(audit).where(col(audit.at) < before))
        return done.rowcount

    async def put_connections(
        self, connections: Sequence[ConfiguredConnection], now: datetime
    ) -> None:
        """Remember connections as they are configured now."""
        table = tables.Connection
        known = await self._all(select(col(table.name), col(table.added_at)))
        added_at = {row.name: row.added_at for row in known}
        rows = (
            {
                "name": connection.name,
                "provider": connection.provider,
                "title": connection.title,
                "billing": connection.billing,
                "settling_days": connection.settling_days,
                "added_at": added_at.get(connection.name, now),
            }
            for connection in connections
        )
        await upsert_rows(self._connection, table, rows)

    def _settling_days(self, connection: str) -> int:
        for configured in self._configured:
            if configured.name == connection:
                return configured.settling_days
        raise ValueError(f"no connection named {connection} is configured")

    async def _known(self, connection: str, period: Period) -> dict[date, Known]:
        restatement = tables.Restatement
        denials = await self._all(
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
            for day in await self.days(period, [connection])
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
        rows = await self._all(select(table).where(col(table.connection) == connection))
        since = {row.day: row.since for row in rows}
        for chunk in chunks(sorted(covered & since.keys())):
            await self._connection.execute(
                delete(table).where(col(table.connection) == connection, col(table.day).in_(chunk))
            )
        await self._drop_charges(connection, sorted(unreadable))
        for chunk in chunks(sorted(unreadable)):
            await self._connection.execute(
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
        await upsert_rows(self._connection, table, found)

    async def _drop_empty(self, connection: str, days: Collection[date]) -> None:
        """Take back that these days were without cost, where that is what is known of them."""
        coverage = tables.Coverage
        for chunk in chunks(sorted(days)):
            await self._connection.execute(
                delete(coverage)
                .where(col(coverage.connection) == connection, col(coverage.day).in_(chunk))
                .where(col(coverage.used) == 0, col(coverage.byok_estimate) == 0)
            )

    async def _drop_charges(self, connection: str, days: Sequence[date]) -> None:
        charge, breakdown = tables.Charge, tables.Breakdown
        for chunk in chunks(days):
            await self._connection.execute(
                delete(charge)
                .where(col(charge.connection) == connection)
                .where(col(charge.day).in_(chunk))
            )
            await self._connection.execute(
                delete(breakdown)
                .where(col(breakdown.connection) == connection)
                .where(col(breakdown.cut).in_(list(ITEM_OF)), col(breakdown.day).in_(chunk))
            )

    async def _put_days(self, connection: str, days: Sequence[NewDay], now: datetime) -> None:
        charge, breakdown, coverage = tables.Charge, tables.Breakdown, tables.Coverage
        await self._drop_charges(connection, [new.day for new in days])
        await insert_rows(self._connection, charge, records.charge_rows(connection, days))
        for cut, item_of in ITEM_OF.items():
            rows = records.cut_rows(connection, days, cut, item_of)
            await insert_rows(self._connection, breakdown, rows)
        rows = records.coverage_rows(connection, days, now)
        await upsert_rows(self._connection, coverage, rows)
