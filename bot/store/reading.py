"""Questions to the ledger, answered inside one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from bot.spend.ledger import (
    AuditEntry,
    BalanceReading,
    By,
    Connection,
    DayFigure,
    ItemFigure,
    LimitReading,
    LineFigure,
    Restatement,
    SkuDay,
)
from bot.store import tables
from bot.store.configured import ConfiguredConnection
from bot.store.credit import CreditQueries
from bot.store.deliveries import OutboxLook
from bot.store.digests import DigestQueries
from bot.store.hours import HourQueries
from bot.store.rows import balance_of, connection_of, day_of, limit_of, restatement_of
from bot.store.rulebook import RulesQueries
from bot.store.spike_watch import SpikeWatchQueries
from bot.store.visibility import VisibilityQueries
from providers.charge import NameKind
from providers.money import total
from providers.period import Period


class SqlReading(
    CreditQueries,
    HourQueries,
    SpikeWatchQueries,
    RulesQueries,
    DigestQueries,
    VisibilityQueries,
    OutboxLook,
):
    """`bot.ports.Reading` over one open transaction.

    Asked for no connection in particular, it tells of those that this process is configured for:
    another process on the same database may be set up for others.
    """

    def __init__(
        self, connection: AsyncConnection, configured: Sequence[ConfiguredConnection]
    ) -> None:
        self._connection = connection
        self._configured = configured

    async def connections(self) -> Sequence[Connection]:
        seen = {row.name: row for row in await self._all(select(tables.Connection))}
        parts: dict[str, dict[str, Row[Any]]] = defaultdict(dict)
        for part in await self._all(select(tables.ConnectionPart)):
            parts[part.connection][part.part] = part
        unreadable: dict[str, list[Row[Any]]] = defaultdict(list)
        table = tables.UnreadableDay
        for row in await self._all(select(table).order_by(col(table.day))):
            unreadable[row.connection].append(row)
        declared = {each.connection for each in await self.declared()}
        found = [
            connection_of(
                configured,
                seen[configured.name].earliest_served,
                parts[configured.name],
                unreadable[configured.name],
            )
            for configured in self._configured
        ]
        # Whoever declares a balance says that the account is paid in advance.
        return [replace(c, billing="prepaid") if c.name in declared else c for c in found]

    async def days(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[DayFigure]:
        coverage = tables.Coverage
        rows = await self._all(
            select(coverage)
            .where(self._among(col(coverage.connection), connections))
            .where(_within(col(coverage.day), period))
            .order_by(col(coverage.day), col(coverage.connection))
        )
        return [day_of(row) for row in rows]

    async def items(
        self, period: Period, by: By, connections: Sequence[str] | None = None
    ) -> Sequence[ItemFigure]:
        match by:
            case "model":
                items = await self._cut(period, by, connections)
            case "project":
                items = await self._named(await self._cut(period, by, connections), by)
            case "key":
                keys = await self._cut(period, by, connections)
                items = await self._named(await self._with_rest(keys, period, connections), by)
            case _:
                raise ValueError(f"there are no items by {by}")
        return sorted(items, key=lambda item: (-item.used, item.connection, item.item_id or ""))

    async def lines(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[LineFigure]:
        charge = tables.Charge
        line = (
            col(charge.connection),
            col(charge.sub_account_id),
            col(charge.model),
            col(charge.sku_id),
            col(charge.meter),
            col(charge.unit),
            col(charge.quantity).is_(None),
            col(charge.effective_cost) < 0,
            col(charge.effective_cost) == 0,
        )
        rows = await self._all(
            select(
                *line[:6],
                func.sum(col(charge.effective_cost)).label("used"),
                func.sum(col(charge.quantity)).label("quantity"),
            )
            .where(self._among(col(charge.connection), connections))
            .where(_within(col(charge.day), period))
            .group_by(*line)
        )
        return [
            LineFigure(
                row.connection,
                row.sub_account_id,
                row.model,
                row.sku_id,
                row.meter,
                row.used,
                row.quantity,
                row.unit,
            )
            for row in rows
        ]

    async def sku_days(
        self, period: Period, connections: Sequence[str], skus: Sequence[str]
    ) -> Sequence[SkuDay]:
        charge = tables.Charge
        of_day = (col(charge.connection), col(charge.sku_id), col(charge.day))
        rows = await self._all(
            select(
                *of_day,
                func.sum(col(charge.effective_cost)).label("used"),
                func.sum(col(charge.quantity)).label("quantity"),
            )
            .where(self._among(col(charge.connection), connections))
            .where(col(charge.sku_id).in_(skus))
            .where(_within(col(charge.day), period))
            .where(col(charge.effective_cost) > 0, col(charge.quantity) > 0)
            .group_by(*of_day)
        )
        return [SkuDay(row.connection, row.sku_id, row.day, row.used, row.quantity) for row in rows]

    async def names(self) -> Mapping[tuple[str, NameKind, str], str]:
        name = tables.Name
        rows = await self._all(select(name).where(self._among(col(name.connection), None)))
        return {(row.connection, row.kind, row.item_id): row.name for row in rows}

    async def balances(self, connection: str, since: datetime) -> Sequence[BalanceReading]:
        balance = tables.Balance
        before = (
            select(func.max(col(balance.read_at)))
            .where(col(balance.connection) == connection, col(balance.read_at) < since)
            .scalar_subquery()
        )
        hour = func.substr(cast(col(balance.read_at), String), 1, len("2026-11-24 15"))
        last_of_each_hour = (
            select(func.max(col(balance.read_at)))
            .where(col(balance.connection) == connection, col(balance.read_at) >= since)
            .group_by(hour)
        )
        first_at_zero = (
            select(func.min(col(balance.read_at)))
            .where(col(balance.connection) == connection, col(balance.read_at) >= since)
            .where(col(balance.remaining) <= 0)
            .group_by(hour)
        )
        wanted = last_of_each_hour.union_all(first_at_zero, select(before))
        rows = await self._all(
            select(balance)
            .where(col(balance.connection) == connection)
            .where(col(balance.read_at).in_(wanted))
            .order_by(col(balance.read_at))
        )
        return [balance_of(row) for row in rows]

    async def latest_balance(self, connection: str) -> BalanceReading | None:
        balance = tables.Balance
        rows = await self._all(
            select(balance)
            .where(col(balance.connection) == connection)
            .order_by(col(balance.read_at).desc())
            .limit(1)
        )
        return balance_of(rows[0]) if rows else None

    async def limits(self) -> Sequence[LimitReading]:
        limit = tables.ProviderLimit
        rows = await self._all(
            select(limit)
            .where(self._among(col(limit.connection), None))
            .order_by(col(limit.connection), col(limit.position))
        )
        return [limit_of(row) for row in rows]

    async def restatements(self, found_since: datetime) -> Sequence[Restatement]:
        restatement = tables.Restatement
        return await self._restated(
            col(restatement.found_at) >= found_since,
            or_(col(restatement.was_kept).is_(False), _reads_empty()),
        )

    async def doubted(self) -> Sequence[Restatement]:
        return await self._restated(col(tables.Restatement.was_kept).is_(True), _reads_empty())

    async def _restated(self, *those: ColumnElement[bool]) -> Sequence[Restatement]:
        restatement = tables.Restatement
        rows = await self._all(
            select(restatement)
            .where(self._among(col(restatement.connection), None), *those)
            .order_by(col(restatement.found_at).desc(), col(restatement.day).desc())
        )
        return [restatement_of(row) for row in rows]

    async def audit(self, since: datetime, limit: int | None = None) -> Sequence[AuditEntry]:
        audit = tables.Audit
        rows = await self._all(
            select(audit).where(col(audit.at) >= since).order_by(col(audit.id).desc()).limit(limit)
        )
        return [
            AuditEntry(row.at, row.actor, row.action, row.target, row.before, row.after)
            for row in rows
        ]

    def _among(self, column: Mapped[str], connections: Sequence[str] | None) -> ColumnElement[bool]:
        if connections is None:
            return column.in_([configured.name for configured in self._configured])
        return column.in_(connections)

    async def _all(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[Any]]:
        return (await self._connection.execute(query)).all()

    async def _cut(
        self, period: Period, by: By, connections: Sequence[str] | None
    ) -> list[ItemFigure]:
        breakdown, coverage = tables.Breakdown, tables.Coverage
        rows = await self._all(
            select(
                col(breakdown.connection),
                col(breakdown.item_id),
                func.sum(col(breakdown.effective_cost)).label("used"),
                func.sum(col(breakdown.quantity)).label("quantity"),
                (func.count(col(breakdown.unit)) == func.count()).label("is_metered"),
                func.min(col(breakdown.unit)).label("first_unit"),
                func.max(col(breakdown.unit)).label("last_unit"),
            )
            .join(
                coverage,
                and_(
                    col(coverage.connection) == col(breakdown.connection),
                    col(coverage.day) == col(breakdown.day),
                ),
            )
            .where(self._among(col(breakdown.connection), connections))
            .where(col(breakdown.cut) == by, _within(col(breakdown.day), period))
            .group_by(col(breakdown.connection), col(breakdown.item_id))
        )
        return [
            ItemFigure(row.connection, row.item_id, None, row.used, row.quantity, row.first_unit)
            if row.is_metered and row.first_unit == row.last_unit
            else ItemFigure(row.connection, row.item_id, None, row.used)
            for row in rows
        ]

    async def _with_rest(
        self, keys: list[ItemFigure], period: Period, connections: Sequence[str] | None
    ) -> list[ItemFigure]:
        """What the days hold beyond their keys, whether the vendor says so or not, has no key."""
        known = [item for item in keys if item.item_id is not None]
        amounts: dict[str, list[Decimal]] = defaultdict(list)
        for day in await self.days(period, connections):
            amounts[day.connection].append(day.used)
        for item in known:
            amounts[item.connection].append(-item.used)
        rest = {connection: total(parts) for connection, parts in amounts.items()}
        return known + [ItemFigure(name, None, None, used) for name, used in rest.items() if used]

    async def _named(self, items: list[ItemFigure], kind: NameKind) -> list[ItemFigure]:
        name = tables.Name
        rows = await self._all(
            select(col(name.connection), col(name.item_id), col(name.name)).where(
                col(name.kind) == kind
            )
        )
        names = {(row.connection, row.item_id): row.name for row in rows}
        return [replace(item, name=names.get((item.connection, item.item_id))) for item in items]


def _reads_empty() -> ColumnElement[bool]:
    """No read of the restatement's day was taken over since it was found."""
    restatement, coverage = tables.Restatement, tables.Coverage
    return (
        select(coverage)
        .where(col(coverage.connection) == col(restatement.connection))
        .where(col(coverage.day) == col(restatement.day))
        .where(col(coverage.last_read_at) < col(restatement.found_at))
        .exists()
    )


def _within(column: Mapped[date], period: Period) -> ColumnElement[bool]:
    return and_(column >= period.start, column < period.end)
