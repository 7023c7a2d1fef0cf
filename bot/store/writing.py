"""Changes to the ledger inside one transaction: whole statements over rows, never objects."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from bot.spend.ledger import AuditEntry, Part, Restatement
from bot.store import tables
from bot.store.configured import ConfiguredConnection
from bot.store.cuts import ITEM_OF, sums
from bot.store.deliveries import OutboxQueries
from bot.store.reading import SqlReading
from bot.store.replacing import Known, Replacement, by_day, doubt_empty, replace
from bot.store.rulebook import RulesChanges
from providers.charge import (
    BreakdownItem,
    Charge,
    ChargesRead,
    Cut,
    Name,
    PrepaidBalance,
    ProviderLimit,
)
from providers.errors import ProviderError
from providers.period import Period

_ROWS_AT_ONCE = 1000
"""Enough for speed; more would hold up the event loop for longer than people notice."""


class SqlWriting(RulesChanges, OutboxQueries, SqlReading):
    """`bot.ports.Writing` over one open transaction, which no other writer shares."""

    async def put_connections(
        self, connections: Sequence[ConfiguredConnection], now: datetime
    ) -> None:
        """Remember connections as they are configured now."""
        table = tables.Connection
        known = await self._all(select(col(table.name), col(table.added_at)))
        added_at = {row.name: row.added_at for row in known}
        await self._upsert(
            table,
            (
                {
                    "name": connection.name,
                    "provider": connection.provider,
                    "title": connection.title,
                    "billing": connection.billing,
                    "settling_days": connection.settling_days,
                    "added_at": added_at.get(connection.name, now),
                }
                for connection in connections
            ),
        )

    async def replace_days(
        self, connection: str, read: ChargesRead, now: datetime, *, accept_empty: bool = False
    ) -> Sequence[Restatement]:
        known = await self._known(connection, read.period)
        settling = self._settling_days(connection)
        days = by_day(read)
        denied: Sequence[Restatement] = ()
        if not accept_empty:
            days, denied = doubt_empty(connection, settling, known, days, now)
        replacement = replace(connection, settling, known, days, now)
        await self._put_days(connection, replacement, now)
        found = (*replacement.restatements, *denied)
        await self._insert(tables.Restatement, map(_restatement, found))
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
        await self._insert(
            breakdown,
            (
                {
                    "connection": connection,
                    "cut": by,
                    "day": item.day,
                    "position": position,
                    "item_id": item.item_id,
                    "effective_cost": item.effective_cost,
                    "quantity": None,
                    "unit": None,
                }
                for position, item in enumerate(items)
            ),
        )
        named = {item.item_id: item.item_name for item in items if item.item_id and item.item_name}
        await self.merge_names(
            connection, [Name(by, item_id, name) for item_id, name in named.items()]
        )

    async def add_balance(self, connection: str, balance: PrepaidBalance, now: datetime) -> None:
        await self._upsert(
            tables.Balance,
            [
                {
                    "connection": connection,
                    "read_at": now,
                    "remaining": balance.remaining,
                    "total_credits": balance.total_credits,
                    "total_usage": balance.total_usage,
                }
            ],
        )

    async def replace_limits(
        self, connection: str, limits: Sequence[ProviderLimit], now: datetime
    ) -> None:
        table = tables.ProviderLimit
        await self._connection.execute(delete(table).where(col(table.connection) == connection))
        await self._insert(
            table,
            (
                {
                    "connection": connection,
                    "position": position,
                    "read_at": now,
                    "kind": limit.kind,
                    "scope_id": limit.scope_id,
                    "scope_name": limit.scope_name,
                    "amount": limit.amount,
                    "used": limit.used,
                    "remaining": limit.remaining,
                    "interval": limit.interval,
                    "resets_at": limit.resets_at,
                    "is_hard": limit.is_hard,
                    "is_enforcing": limit.is_enforcing,
                    "consequence": limit.consequence,
                }
                for position, limit in enumerate(limits)
            ),
        )

    async def merge_names(self, connection: str, names: Sequence[Name]) -> None:
        await self._upsert(
            tables.Name,
            (
                {
                    "connection": connection,
                    "kind": name.kind,
                    "item_id": name.item_id,
                    "name": name.name,
                }
                for name in names
            ),
        )

    async def record_success(
        self, connection: str, part: Part, now: datetime, *, degraded: str | None = None
    ) -> None:
        await self._upsert(
            tables.ConnectionPart,
            [
                {
                    "connection": connection,
                    "part": part,
                    "read_at": now,
                    "degraded": degraded,
                    "fault_kind": None,
                    "fault_message": None,
                    "fault_remedy": None,
                    "fault_since": None,
                    "fault_at": None,
                    "fault_is_permanent": None,
                }
            ],
        )

    async def record_fault(
        self, connection: str, part: Part, error: ProviderError, now: datetime
    ) -> None:
        table = tables.ConnectionPart
        since = (
            await self._connection.execute(
                select(col(table.fault_since)).where(
                    col(table.connection) == connection, col(table.part) == part
                )
            )
        ).scalar()
        await self._upsert(
            table,
            [
                {
                    "connection": connection,
                    "part": part,
                    "fault_kind": error.kind,
                    "fault_message": str(error),
                    "fault_remedy": error.remedy,
                    "fault_since": since or now,
                    "fault_at": now,
                    "fault_is_permanent": error.is_permanent,
                }
            ],
        )

    async def set_earliest_served(self, connection: str, day: date) -> None:
        table = tables.Connection
        await self._connection.execute(
            update(table).where(col(table.name) == connection).values(earliest_served=day)
        )

    async def add_audit(self, entry: AuditEntry) -> None:
        """Put a change of a setting on record."""
        await self._insert(
            tables.Audit,
            [
                {
                    "at": entry.at,
                    "actor": entry.actor,
                    "action": entry.action,
                    "target": entry.target,
                    "before": entry.before,
                    "after": entry.after,
                }
            ],
        )

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

    async def _put_days(self, connection: str, replacement: Replacement, now: datetime) -> None:
        charge, breakdown = tables.Charge, tables.Breakdown
        for chunk in _chunks(replacement.days):
            days = [new.day for new in chunk]
            await self._connection.execute(
                delete(charge)
                .where(col(charge.connection) == connection)
                .where(col(charge.day).in_(days))
            )
            await self._connection.execute(
                delete(breakdown)
                .where(col(breakdown.connection) == connection)
                .where(col(breakdown.cut).in_(list(ITEM_OF)), col(breakdown.day).in_(days))
            )
        await self._insert(charge, _charges(connection, replacement))
        for cut, item_of in ITEM_OF.items():
            await self._insert(breakdown, _cut(connection, replacement, cut, item_of))
        await self._upsert(
            tables.Coverage,
            (
                {
                    "connection": connection,
                    "day": new.day,
                    "used": new.used,
                    "byok_estimate": new.byok_estimate,
                    "first_read_at": new.first_read_at,
                    "last_read_at": now,
                    "last_changed_at": new.last_changed_at,
                }
                for new in replacement.days
            ),
        )

    async def _insert(self, table: type[tables.Table], rows: Iterable[Mapping[str, Any]]) -> None:
        for chunk in _chunks(rows):
            await self._connection.execute(insert(table), chunk)

    async def _upsert(self, table: type[tables.Table], rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of equal keys; what a row does not name is left as it was."""
        for chunk in _chunks(rows):
            dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
            statement = dialect.insert(table)
            key = statement.table.primary_key.columns
            new = {name: statement.excluded[name] for name in chunk[0] if name not in key}
            await self._connection.execute(
                statement.on_conflict_do_update(index_elements=list(key), set_=new), chunk
            )


def _charges(connection: str, replacement: Replacement) -> Iterable[Mapping[str, Any]]:
    for new in replacement.days:
        for position, charge in enumerate(new.charges):
            yield {
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
            }


def _cut(
    connection: str,
    replacement: Replacement,
    cut: str,
    item_of: Callable[[Charge], str | None],
) -> Iterable[Mapping[str, Any]]:
    for new in replacement.days:
        for position, item in enumerate(sums(new.charges, item_of)):
            yield {
                "connection": connection,
                "cut": cut,
                "day": new.day,
                "position": position,
                "item_id": item.item_id,
                "effective_cost": item.effective_cost,
                "quantity": item.quantity,
                "unit": item.unit,
            }


def _restatement(found: Restatement) -> Mapping[str, Any]:
    return {
        "connection": found.connection,
        "found_at": found.found_at,
        "day": found.day,
        "before": found.before,
        "after": found.after,
        "was_settled": found.was_settled,
        "was_kept": found.was_kept,
    }


def _chunks(rows: Iterable[Any]) -> Iterable[list[Any]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _ROWS_AT_ONCE)):
        yield chunk
