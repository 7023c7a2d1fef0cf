"""Questions to the ledger, answered inside one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, String, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.access.models import EVERYTHING, VisibilityScope
from bot.db import models as tables
from bot.db.configured import ConfiguredConnection
from bot.db.credit import CreditQueries
from bot.db.deliveries import OutboxReader
from bot.db.digests import DigestQueries
from bot.db.figures import FigureQueries
from bot.db.hours import HourQueries
from bot.db.rows import balance_of, connection_of, limit_of, restatement_of
from bot.db.rulebook import RulesQueries
from bot.db.spike_watch import SpikeWatchQueries
from bot.db.visibility import VisibilityQueries
from bot.ledger.models import (
    AuditEntry,
    BalanceReading,
    Connection,
    LimitReading,
    Restatement,
)


class SqlReading(
    FigureQueries,
    CreditQueries,
    HourQueries,
    SpikeWatchQueries,
    RulesQueries,
    DigestQueries,
    VisibilityQueries,
    OutboxReader,
):
    """`bot.ledger.ports.Reading` over one open transaction.

    Asked for no connection in particular, it tells of those that this process is configured for:
    another process on the same database may be set up for others. What `visibility` holds back is
    not there: of a connection that is seen in part, its balance, limits and restatements are about
    the whole, and are left out.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        configured: Sequence[ConfiguredConnection],
        visibility: VisibilityScope = EVERYTHING,
    ) -> None:
        self._connection = connection
        self._configured = configured
        self._visibility = visibility

    def seen_by(self, visibility: VisibilityScope) -> "SqlReading":
        """The same transaction, of which less is seen."""
        return SqlReading(self._connection, self._configured, visibility)

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
        found = []
        for configured in self._configured:
            if not self._visibility.sees(name := configured.name):
                continue
            connection = connection_of(
                configured, seen[name].earliest_served, parts[name], unreadable[name]
            )
            if self._visibility.of(name) is not None:  # the balance is that of all its projects
                connection = replace(connection, billing="postpaid")
            elif name in declared:  # a balance is declared of an account that is paid in advance
                connection = replace(connection, billing="prepaid")
            found.append(connection)
        return found

    async def balances(
        self, connection: str, since: datetime, until: datetime
    ) -> Sequence[BalanceReading]:
        if self._visibility.of(connection) is not None:
            return ()
        balance = tables.Balance
        before = (
            select(func.max(col(balance.read_at)))
            .where(col(balance.connection) == connection, col(balance.read_at) < since)
            .scalar_subquery()
        )
        within = (
            col(balance.connection) == connection,
            col(balance.read_at).between(since, until),
        )
        hour = func.substr(cast(col(balance.read_at), String), 1, len("2026-11-24 15"))
        last_of_each_hour = select(func.max(col(balance.read_at))).where(*within).group_by(hour)
        first_at_zero = (
            select(func.min(col(balance.read_at)))
            .where(*within, col(balance.remaining) <= 0)
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
        if self._visibility.of(connection) is not None:
            return None
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
            .where(col(limit.connection).in_(self._seen_whole(None)))
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
            .where(col(restatement.connection).in_(self._seen_whole(None)), *those)
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
