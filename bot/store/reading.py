"""Questions to the ledger, answered inside one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from bot.spend.ledger import (
    AuditEntry,
    BalanceReading,
    By,
    Connection,
    DayFigure,
    Fault,
    ItemFigure,
    LimitReading,
    Part,
    Restatement,
)
from bot.store import tables
from bot.store.configured import ConfiguredConnection
from bot.store.deliveries import OutboxLook
from bot.store.rulebook import RulesQueries
from providers.charge import NameKind, ProviderLimit
from providers.money import total
from providers.period import Period


class SqlReading(RulesQueries, OutboxLook):
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
        return [
            _connection(configured, seen[configured.name].earliest_served, parts[configured.name])
            for configured in self._configured
        ]

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
        return [_day(row) for row in rows]

    async def items(
        self, period: Period, by: By, connections: Sequence[str] | None = None
    ) -> Sequence[ItemFigure]:
        match by:
            case "model":
                items = await self._charged(period, col(tables.Charge.model), connections)
            case "project":
                items = await self._charged(period, col(tables.Charge.sub_account_id), connections)
                items = await self._named(items, "project")
            case "key":
                items = await self._named(await self._by_key(period, connections), "key")
            case _:
                raise ValueError(f"there are no items by {by}")
        return sorted(items, key=lambda item: (-item.used, item.connection, item.item_id or ""))

    async def balances(self, connection: str, since: datetime) -> Sequence[BalanceReading]:
        balance = tables.Balance
        before = (
            select(func.max(col(balance.read_at)))
            .where(col(balance.connection) == connection, col(balance.read_at) < since)
            .scalar_subquery()
        )
        rows = await self._all(
            select(balance)
            .where(col(balance.connection) == connection)
            .where(col(balance.read_at) >= func.coalesce(before, since))
            .order_by(col(balance.read_at))
        )
        return [_balance(row) for row in rows]

    async def latest_balance(self, connection: str) -> BalanceReading | None:
        balance = tables.Balance
        rows = await self._all(
            select(balance)
            .where(col(balance.connection) == connection)
            .order_by(col(balance.read_at).desc())
            .limit(1)
        )
        return _balance(rows[0]) if rows else None

    async def limits(self) -> Sequence[LimitReading]:
        limit = tables.ProviderLimit
        rows = await self._all(
            select(limit)
            .where(self._among(col(limit.connection), None))
            .order_by(col(limit.connection), col(limit.position))
        )
        return [_limit(row) for row in rows]

    async def restatements(self, found_since: datetime) -> Sequence[Restatement]:
        restatement = tables.Restatement
        rows = await self._all(
            select(restatement)
            .where(self._among(col(restatement.connection), None))
            .where(col(restatement.found_at) >= found_since)
            .order_by(col(restatement.found_at).desc(), col(restatement.day).desc())
        )
        return [_restatement(row) for row in rows]

    async def audit(self, since: datetime) -> Sequence[AuditEntry]:
        audit = tables.Audit
        rows = await self._all(
            select(audit).where(col(audit.at) >= since).order_by(col(audit.id).desc())
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

    async def _charged(
        self, period: Period, item: Mapped[str | None], connections: Sequence[str] | None
    ) -> list[ItemFigure]:
        charge = tables.Charge
        rows = await self._all(
            select(
                col(charge.connection),
                item.label("item"),
                func.sum(col(charge.effective_cost)).label("used"),
                func.sum(col(charge.quantity)).label("quantity"),
                (func.count(col(charge.unit)) == func.count()).label("is_metered"),
                func.min(col(charge.unit)).label("first_unit"),
                func.max(col(charge.unit)).label("last_unit"),
            )
            .where(self._among(col(charge.connection), connections))
            .where(_within(col(charge.day), period))
            .group_by(col(charge.connection), item)
        )
        return [
            ItemFigure(row.connection, row.item, None, row.used, row.quantity, row.first_unit)
            if row.is_metered and row.first_unit == row.last_unit
            else ItemFigure(row.connection, row.item, None, row.used)
            for row in rows
        ]

    async def _by_key(self, period: Period, connections: Sequence[str] | None) -> list[ItemFigure]:
        breakdown, coverage = tables.Breakdown, tables.Coverage
        rows = await self._all(
            select(
                col(breakdown.connection),
                col(breakdown.item_id),
                func.sum(col(breakdown.effective_cost)).label("used"),
            )
            .join(
                coverage,
                and_(
                    col(coverage.connection) == col(breakdown.connection),
                    col(coverage.day) == col(breakdown.day),
                ),
            )
            .where(self._among(col(breakdown.connection), connections))
            .where(col(breakdown.cut) == "key", col(breakdown.item_id).is_not(None))
            .where(_within(col(breakdown.day), period))
            .group_by(col(breakdown.connection), col(breakdown.item_id))
        )
        items = [ItemFigure(row.connection, row.item_id, None, row.used) for row in rows]
        used: dict[str, list[Decimal]] = defaultdict(list)
        for day in await self.days(period, connections):
            used[day.connection].append(day.used)
        for item in items:
            used[item.connection].append(-item.used)
        rest = {connection: total(amounts) for connection, amounts in used.items()}
        items += [ItemFigure(name, None, None, amount) for name, amount in rest.items() if amount]
        return items

    async def _named(self, items: list[ItemFigure], kind: NameKind) -> list[ItemFigure]:
        name = tables.Name
        rows = await self._all(
            select(col(name.connection), col(name.item_id), col(name.name)).where(
                col(name.kind) == kind
            )
        )
        names = {(row.connection, row.item_id): row.name for row in rows}
        return [
            ItemFigure(
                item.connection,
                item.item_id,
                names.get((item.connection, item.item_id)),
                item.used,
                item.quantity,
                item.unit,
            )
            for item in items
        ]


def _within(column: Mapped[date], period: Period) -> ColumnElement[bool]:
    return and_(column >= period.start, column < period.end)


def _connection(
    configured: ConfiguredConnection, earliest_served: date | None, parts: dict[str, Row[Any]]
) -> Connection:
    def read_at(part: Part) -> datetime | None:
        return parts[part].read_at if part in parts else None

    return Connection(
        name=configured.name,
        provider=configured.provider,
        title=configured.title,
        billing=configured.billing,
        settling_days=configured.settling_days,
        charges_read_at=read_at("charges"),
        balance_read_at=read_at("balance"),
        breakdown_read_at=read_at("breakdown"),
        earliest_served=earliest_served,
        degraded=parts["charges"].degraded if "charges" in parts else None,
        faults=tuple(
            _fault(parts[part])
            for part in get_args(Part)
            if part in parts and parts[part].fault_kind is not None
        ),
    )


def _day(row: Row[Any]) -> DayFigure:
    return DayFigure(
        connection=row.connection,
        day=row.day,
        used=row.used,
        byok_estimate=row.byok_estimate,
        first_read_at=row.first_read_at,
        last_read_at=row.last_read_at,
        last_changed_at=row.last_changed_at,
    )


def _fault(row: Row[Any]) -> Fault:
    return Fault(
        part=row.part,
        kind=row.fault_kind,
        message=row.fault_message,
        remedy=row.fault_remedy,
        since=row.fault_since,
        at=row.fault_at,
        is_permanent=row.fault_is_permanent,
    )


def _balance(row: Row[Any]) -> BalanceReading:
    return BalanceReading(
        row.connection, row.read_at, row.remaining, row.total_credits, row.total_usage
    )


def _limit(row: Row[Any]) -> LimitReading:
    limit = ProviderLimit(
        kind=row.kind,
        scope_id=row.scope_id,
        scope_name=row.scope_name,
        amount=row.amount,
        used=row.used,
        remaining=row.remaining,
        interval=row.interval,
        resets_at=row.resets_at,
        is_hard=row.is_hard,
        is_enforcing=row.is_enforcing,
        consequence=row.consequence,
    )
    return LimitReading(row.connection, row.read_at, limit)


def _restatement(row: Row[Any]) -> Restatement:
    return Restatement(
        connection=row.connection,
        day=row.day,
        before=row.before,
        after=row.after,
        found_at=row.found_at,
        was_settled=row.was_settled,
        was_kept=row.was_kept,
    )
