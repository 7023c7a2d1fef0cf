"""The connections and what is known of each: balances, limits, names, faults, restatements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, String, cast, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.db import models as tables
from bot.db.models.credit import DeclaredCredit
from bot.db.session import Session
from bot.db.statements import insert_rows, upsert_rows
from bot.ledger import records
from bot.ledger.declared_credit import Declared
from bot.ledger.models import BalanceReading, Connection, LimitReading, Part, Restatement
from bot.ledger.rows import balance_of, connection_of, limit_of, restatement_of
from providers.errors import ProviderError
from providers.models import Name, NameKind, PrepaidBalance, ProviderLimit

T = TypeVar("T")


class LedgerRepository:
    """The connections and what is known of each, but for their charges.

    Of a connection that is seen in part, its balance, limits and restatements are about the whole,
    and are left out.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def connections(self) -> Sequence[Connection]:
        """The configured ones, in the order of configuration."""
        seen = {row.name: row for row in await self._all(select(tables.Connection))}
        parts: dict[str, dict[str, tables.ConnectionPart]] = defaultdict(dict)
        for part in await self._all(select(tables.ConnectionPart)):
            parts[part.connection][part.part] = part
        unreadable: dict[str, list[tables.UnreadableDay]] = defaultdict(list)
        table = tables.UnreadableDay
        for row in await self._all(select(table).order_by(col(table.day))):
            unreadable[row.connection].append(row)
        declared = {each.connection for each in await self.declared()}
        visibility = self._session.visibility
        found = []
        for configured in self._session.configured:
            if not visibility.sees(name := configured.name):
                continue
            connection = connection_of(
                configured, seen[name].earliest_served, parts[name], unreadable[name]
            )
            if visibility.of(name) is not None:  # the balance is that of all its projects
                connection = replace(connection, billing="postpaid")
            elif name in declared:  # a balance is declared of an account that is paid in advance
                connection = replace(connection, billing="prepaid")
            found.append(connection)
        return found

    async def names(self) -> Mapping[tuple[str, NameKind, str], str]:
        """The vendors' names by connection, kind and id: text from outside."""
        name = tables.Name
        rows = await self._all(select(name).where(col(name.connection).in_(self._session.names())))
        return {(row.connection, row.kind, row.item_id): row.name for row in rows}

    async def balances(
        self, connection: str, since: datetime, until: datetime
    ) -> Sequence[BalanceReading]:
        """The last reading of each clock hour between the two (both included), and the first in it
        that found nothing left, oldest first; led by the last one before if there is one."""
        if self._session.visibility.of(connection) is not None:
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
        """The last authoritative reading."""
        if self._session.visibility.of(connection) is not None:
            return None
        balance = tables.Balance
        rows = await self._all(
            select(balance)
            .where(col(balance.connection) == connection)
            .order_by(col(balance.read_at).desc())
            .limit(1)
        )
        return balance_of(rows[0]) if rows else None

    async def declared(self) -> Sequence[Declared]:
        """The balances and purchases that somebody declared, in the order of their moments."""
        rows = await self._session.exec(
            select(DeclaredCredit)
            .where(col(DeclaredCredit.connection).in_(self._session.seen_whole()))
            .order_by(col(DeclaredCredit.at), col(DeclaredCredit.id))
        )
        return [_declared(row) for row in rows.all()]

    async def limits(self) -> Sequence[LimitReading]:
        """The vendors' own caps as last read."""
        limit = tables.ProviderLimit
        rows = await self._all(
            select(limit)
            .where(col(limit.connection).in_(self._session.seen_whole()))
            .order_by(col(limit.connection), col(limit.position))
        )
        return [limit_of(row) for row in rows]

    async def restatements(self, found_since: datetime) -> Sequence[Restatement]:
        """Changed completed days found since then, newest first; of those that were kept against
        an empty read only the ones that read so still."""
        restatement = tables.Restatement
        return await self._restated(
            col(restatement.found_at) >= found_since,
            or_(col(restatement.was_kept).is_(False), _reads_empty()),
        )

    async def doubted(self) -> Sequence[Restatement]:
        """The days, whenever found so, that were last read empty and are kept as they were."""
        return await self._restated(col(tables.Restatement.was_kept).is_(True), _reads_empty())

    async def add_balance(self, connection: str, balance: PrepaidBalance, now: datetime) -> None:
        """Keep an authoritative reading."""
        row = records.balance_row(connection, balance, now)
        await upsert_rows(self._session.transaction, tables.Balance, [row])

    async def replace_limits(
        self,
        connection: str,
        limits: Sequence[ProviderLimit],
        now: datetime,
        *,
        keep_since: datetime | None = None,
    ) -> None:
        """The provider's caps as they are now. With `keep_since`, not all could be asked for: caps
        read since then that are not among these stay as they were."""
        table = tables.ProviderLimit
        rows = list(records.limit_rows(connection, limits, now))
        if keep_since is not None:
            read = {(limit.kind, limit.scope_id) for limit in limits}
            known = await self._all(
                select(table)
                .where(col(table.connection) == connection)
                .order_by(col(table.position))
            )
            rows += [
                {**before.model_dump(), "position": position}
                for position, before in enumerate(known, len(rows))
                if before.read_at >= keep_since and (before.kind, before.scope_id) not in read
            ]
        await self._session.exec(delete(table).where(col(table.connection) == connection))
        await insert_rows(self._session.transaction, table, rows)

    async def merge_names(self, connection: str, names: Sequence[Name]) -> None:
        """Remember names; a name once known outlives its project or key."""
        rows = (
            {
                "connection": connection,
                "kind": name.kind,
                "item_id": name.item_id,
                "name": name.name,
            }
            for name in names
        )
        await upsert_rows(self._session.transaction, tables.Name, rows)

    async def record_success(
        self, connection: str, part: Part, now: datetime, *, degraded: str | None = None
    ) -> None:
        """That part was read in whole; ends its fault."""
        row = records.success_row(connection, part, now, degraded)
        await upsert_rows(self._session.transaction, tables.ConnectionPart, [row])

    async def record_fault(
        self, connection: str, part: Part, error: ProviderError, now: datetime
    ) -> None:
        """That part could not be read; `since` stays that of the first failure in a row."""
        table = tables.ConnectionPart
        since = await self._session.scalar(
            select(col(table.fault_since)).where(
                col(table.connection) == connection, col(table.part) == part
            )
        )
        row = records.fault_row(connection, part, error, since or now, now)
        await upsert_rows(self._session.transaction, table, [row])

    async def set_earliest_served(self, connection: str, day: date) -> None:
        """The vendor refuses days before this one."""
        table = tables.Connection
        await self._session.exec(
            update(table).where(col(table.name) == connection).values(earliest_served=day)
        )

    async def declare(self, declared: Declared) -> Declared:
        """Keep a declaration under an id of its own; the one given is of no account."""
        row = DeclaredCredit(
            connection=declared.connection,
            kind=declared.kind,
            at=declared.at,
            amount=declared.amount,
            used_before=declared.used_before,
            expires_on=declared.expires_on,
            made_by=declared.made_by,
            made_at=declared.made_at,
        )
        self._session.add(row)
        await self._session.flush()
        return _declared(row)

    async def forget_declared(self, connection: str) -> None:
        """Take back all that was declared of a connection."""
        await self._session.exec(
            delete(DeclaredCredit).where(col(DeclaredCredit.connection) == connection)
        )

    async def _restated(self, *those: ColumnElement[bool]) -> Sequence[Restatement]:
        restatement = tables.Restatement
        rows = await self._all(
            select(restatement)
            .where(col(restatement.connection).in_(self._session.seen_whole()), *those)
            .order_by(col(restatement.found_at).desc(), col(restatement.day).desc())
        )
        return [restatement_of(row) for row in rows]

    async def _all(self, query: SelectOfScalar[T]) -> Sequence[T]:
        return (await self._session.exec(query)).all()


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


def _declared(row: DeclaredCredit) -> Declared:
    return Declared(
        id=row.id,
        connection=row.connection,
        kind=row.kind,
        at=row.at,
        amount=row.amount,
        used_before=row.used_before,
        expires_on=row.expires_on,
        made_by=row.made_by,
        made_at=row.made_at,
    )
