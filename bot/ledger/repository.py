"""Connections and their state: balances, limits, names, faults, restatements."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta
from typing import get_args

from sqlalchemy import ColumnElement, String, cast, delete, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from bot.db.models import (
    Balance,
    ConnectionPart,
    Coverage,
    DeclaredBalance,
    LimitReading,
    Part,
    Restatement,
    StoredConnection,
    StoredName,
    UnreadableDay,
)
from bot.db.models.base import Money
from bot.db.session import Session, insert_rows, upsert_rows
from bot.ledger.balances import to_store
from bot.ledger.models import (
    PART_OF,
    BalanceReading,
    ConfiguredConnection,
    Connection,
    CreditChange,
    Fault,
)
from providers.errors import ProviderError
from providers.models import Name, NameKind, PrepaidBalance, ProviderLimit
from providers.money import total

EXPIRY_WARNING = timedelta(days=14)
"""How long before its expiry a key is reported."""


_Stored = tuple[
    Mapping[str, StoredConnection],
    Mapping[str, Mapping[Part, ConnectionPart]],
    Mapping[str, Sequence[UnreadableDay]],
]


class LedgerRepository:
    """Connections and what is known of each, except charges.

    The balance, limits and restatements of a partly visible connection are left out, because they
    are about all of it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def connections(self) -> Sequence[Connection]:
        """Return the configured connections, in the order of configuration."""
        session, visibility = self._session, self._session.visibility
        stored, parts, unreadable = await session.cached("connections", self._stored)
        declared = {each.connection for each in await self.declared()}
        found = []
        for configured in session.configured:
            name, shown = configured.name, configured
            if not visibility.sees(name):
                continue
            if not session.sees_whole(name):  # the balance is that of all its projects
                shown = replace(configured, billing="postpaid")
            elif name in declared:  # a balance is declared of an account that is paid in advance
                shown = replace(configured, billing="prepaid")
            known = stored.get(name)  # none in a dry run with a new connection
            served = known.earliest_served if known else None
            read = _connection(shown, served, parts[name], unreadable[name])
            found.append(replace(read, is_whole=session.sees_whole(name)))
        return found

    async def _stored(self) -> _Stored:
        session = self._session
        stored = {row.name: row for row in await session.exec(select(StoredConnection))}
        parts: dict[str, dict[Part, ConnectionPart]] = defaultdict(dict)
        for part in await session.exec(select(ConnectionPart)):
            parts[part.connection][part.part] = part
        unreadable: dict[str, list[UnreadableDay]] = defaultdict(list)
        for day in await session.exec(select(UnreadableDay).order_by(col(UnreadableDay.day))):
            unreadable[day.connection].append(day)
        return stored, parts, unreadable

    async def names(self) -> Mapping[tuple[str, NameKind, str], str]:
        """Return the providers' names by connection, kind and id: text from outside."""
        name = StoredName
        rows = await self._session.exec(
            select(col(name.connection), col(name.kind), col(name.item_id), col(name.name)).where(
                col(name.connection).in_(self._session.names())
            )
        )
        return {(connection, kind, item_id): text for connection, kind, item_id, text in rows}

    async def expiring_keys(self, now: datetime) -> Sequence[StoredName]:
        """Return the keys that expire within `EXPIRY_WARNING`, soonest first."""
        name = StoredName
        found = await self._session.exec(
            select(name)
            .where(col(name.connection).in_(self._session.seen_whole()), col(name.kind) == "key")
            .where(col(name.expires_at) > now, col(name.expires_at) <= now + EXPIRY_WARNING)
            .order_by(col(name.expires_at), col(name.name))
        )
        return found.all()

    async def balances(
        self, connection: str, since: datetime, until: datetime
    ) -> Sequence[BalanceReading]:
        """Return the last reading of each clock hour between the two (both inclusive), and the
        first in it with nothing left, oldest first. The last reading before them comes first, if
        there is one. All are in the currency of the last one."""
        read_at, is_own = col(Balance.read_at), col(Balance.connection) == connection
        within = (is_own, read_at.between(since, until))
        hour = func.substr(cast(read_at, String), 1, len("2026-11-24 15"))
        last_of_each_hour = select(func.max(read_at)).where(*within).group_by(hour)
        first_at_zero = (
            select(func.min(read_at)).where(*within, col(Balance.remaining) <= 0).group_by(hour)
        )
        before = select(func.max(read_at)).where(is_own, read_at < since).scalar_subquery()
        wanted = last_of_each_hour.union_all(first_at_zero, select(before))
        found = await self._balances(connection, read_at.in_(wanted))
        return [each for each in found if each.currency == found[-1].currency]

    async def latest_balance(self, connection: str) -> BalanceReading | None:
        """Return the last balance read from the provider."""
        read_at, is_own = col(Balance.read_at), col(Balance.connection) == connection
        latest = select(func.max(read_at)).where(is_own).scalar_subquery()
        return next(iter(await self._balances(connection, read_at == latest)), None)

    async def credit_changes(
        self, since: datetime, before: datetime, connection: str | None = None
    ) -> Sequence[CreditChange]:
        """Return what balance readings from `since` on and before `before` show as bought or taken
        back since the reading before each; by connection (None: of all), oldest first. What the
        first reading ever found was bought before it, nobody knows when."""
        names = self._session.seen_whole(None if connection is None else [connection])
        bought_before = func.lag(col(Balance.total_credits), type_=Money()).over(
            partition_by=(col(Balance.connection), col(Balance.currency)),
            order_by=col(Balance.read_at),
        )
        readings = (
            select_columns(
                col(Balance.connection),
                col(Balance.read_at),
                col(Balance.currency),
                col(Balance.total_credits).label("bought"),
                bought_before.label("bought_before"),
            )
            .where(col(Balance.connection).in_(names), col(Balance.read_at) < before)
            .subquery()
            .c
        )
        rows = await self._session.transaction.execute(
            select_columns(
                *(readings.connection, readings.read_at, readings.currency),
                *(readings.bought, readings.bought_before),
            )
            .where(readings.read_at >= since, readings.bought != readings.bought_before)
            .order_by(readings.connection, readings.read_at)
        )
        return [
            CreditChange(name, read_at, total((bought, -earlier)), currency)
            for name, read_at, currency, bought, earlier in rows
        ]

    async def declared(self, connection: str | None = None) -> Sequence[DeclaredBalance]:
        """Return the declared balances and purchases of a connection (None: of each), in order of
        time."""
        names = self._session.seen_whole(None if connection is None else [connection])

        async def read() -> Sequence[DeclaredBalance]:
            found = await self._session.exec(
                select(DeclaredBalance)
                .where(col(DeclaredBalance.connection).in_(names))
                .order_by(col(DeclaredBalance.at), col(DeclaredBalance.id))
            )
            return found.all()

        return await self._session.cached(("declared", *names), read)

    async def limits(self) -> Sequence[LimitReading]:
        """Return the providers' own limits as last read."""
        names = self._session.seen_whole()

        async def read() -> Sequence[LimitReading]:
            found = await self._session.exec(
                select(LimitReading)
                .where(col(LimitReading.connection).in_(names))
                .order_by(col(LimitReading.connection), col(LimitReading.position))
            )
            return found.all()

        return await self._session.cached(("limits", *names), read)

    async def restatements(self, found_since: datetime) -> Sequence[Restatement]:
        """Return changed completed days found since then, newest first. Of those kept despite an
        empty read, only the ones that still read empty."""
        return await self._restatements(
            col(Restatement.found_at) >= found_since,
            or_(col(Restatement.was_kept).is_(False), _reads_empty()),
        )

    async def suspect_days(self) -> Sequence[Restatement]:
        """Return the days that were last read empty and keep their earlier figure, whenever that
        was found."""
        return await self._restatements(col(Restatement.was_kept).is_(True), _reads_empty())

    async def add_balance(self, connection: str, balance: PrepaidBalance, now: datetime) -> None:
        """Store a balance read from the provider."""
        last = None
        if balance.total_usage is None or balance.others:
            last = await self.latest_balance(connection)
        await self._session.merge(to_store(connection, balance, last, now))

    async def replace_limits(
        self,
        connection: str,
        limits: Sequence[ProviderLimit],
        now: datetime,
        *,
        keep_since: datetime | None = None,
        without: Collection[str] = (),
    ) -> None:
        """Replace the provider's limits. With `keep_since`, not all could be read: limits read
        since then that are missing here stay, except of projects and keys `without` one."""
        rows = [{**asdict(limit), "read_at": now} for limit in limits]
        if keep_since is not None:
            read = {(limit.kind, limit.scope_id) for limit in limits}
            known = await self._session.exec(
                select(LimitReading)
                .where(LimitReading.connection == connection)
                .order_by(col(LimitReading.position))
            )
            rows += [
                before.model_dump()
                for before in known
                if before.read_at >= keep_since
                and (before.kind, before.scope_id) not in read
                and before.scope_id not in without
            ]
        is_own = col(LimitReading.connection) == connection
        await self._session.exec(delete(LimitReading).where(is_own))
        placed = (
            {**row, "connection": connection, "position": position}
            for position, row in enumerate(rows)
        )
        await insert_rows(self._session.transaction, LimitReading, placed)

    async def merge_names(self, connection: str, names: Sequence[Name]) -> None:
        """Store names. A name stays after its project or key is deleted."""
        rows = ({"connection": connection, **asdict(name)} for name in names)
        await upsert_rows(self._session.transaction, StoredName, rows)

    async def record_success(
        self, connection: str, part: Part, now: datetime, *, degraded: str | None = None
    ) -> None:
        """Record that the part was read completely, which ends its fault."""
        stored = await self._part(connection, part)
        stored.read_at, stored.degraded = now, degraded
        stored.fault_kind = stored.fault_message = stored.fault_remedy = None
        stored.fault_since = stored.fault_at = stored.fault_is_permanent = None

    async def record_fault(
        self, connection: str, part: Part, error: ProviderError, now: datetime
    ) -> None:
        """Record that the part could not be read. `since` stays that of the first failure in a
        row."""
        stored = await self._part(connection, part)
        stored.fault_kind, stored.fault_message = error.kind, str(error)
        stored.fault_remedy, stored.fault_is_permanent = error.remedy, error.is_permanent
        stored.fault_since, stored.fault_at = stored.fault_since or now, now

    async def forget_part(self, part: Part) -> None:
        """Forget all reads and failures of that part, for every connection. The data stays."""
        await self._session.exec(delete(ConnectionPart).where(col(ConnectionPart.part) == part))

    async def set_earliest_served(self, connection: str, day: date) -> None:
        """Record that the provider refuses days before this one."""
        stored = StoredConnection
        await self._session.exec(
            update(stored).where(col(stored.name) == connection).values(earliest_served=day)
        )

    async def declare(self, declared: DeclaredBalance) -> None:
        """Store a declaration; it gets its id."""
        self._session.add(declared)
        await self._session.flush()

    async def forget_declared(self, connection: str) -> None:
        """Delete everything declared for a connection."""
        is_own = col(DeclaredBalance.connection) == connection
        await self._session.exec(delete(DeclaredBalance).where(is_own))

    async def _part(self, connection: str, part: Part) -> ConnectionPart:
        stored = await self._session.get(ConnectionPart, (connection, part))
        if stored is None:
            stored = ConnectionPart(connection=connection, part=part)
            self._session.add(stored)
        return stored

    async def _balances(self, connection: str, those: ColumnElement[bool]) -> list[BalanceReading]:
        """Return the balances in order; none for a partly visible connection."""
        if not self._session.sees_whole(connection):
            return []
        rows = await self._session.exec(
            select(Balance)
            .where(Balance.connection == connection, those)
            .order_by(col(Balance.read_at))
        )
        return [
            BalanceReading(
                *(row.connection, row.read_at, row.remaining, row.total_credits, row.total_usage),
                currency=row.currency,
                note=row.note,
            )
            for row in rows
        ]

    async def _restatements(self, *those: ColumnElement[bool]) -> Sequence[Restatement]:
        found = await self._session.exec(
            select(Restatement)
            .where(col(Restatement.connection).in_(self._session.seen_whole()), *those)
            .order_by(col(Restatement.found_at).desc(), col(Restatement.day).desc())
        )
        return found.all()


def _reads_empty() -> ColumnElement[bool]:
    """Return the condition that no read of the restatement's day was accepted since it was
    found."""
    return (
        select(Coverage)
        .where(col(Coverage.connection) == col(Restatement.connection))
        .where(col(Coverage.day) == col(Restatement.day))
        .where(col(Coverage.last_read_at) < col(Restatement.found_at))
        .exists()
    )


def _connection(
    configured: ConfiguredConnection,
    earliest_served: date | None,
    parts: Mapping[Part, ConnectionPart],
    unreadable: Sequence[UnreadableDay],
) -> Connection:
    known = [parts[part] for part in get_args(Part) if part in parts]
    read_at = {row.part: row.read_at for row in known}
    own = {each.name: getattr(configured, each.name) for each in fields(ConfiguredConnection)}
    return Connection(
        **own,
        charges_read_at=read_at.get("charges"),
        balance_read_at=read_at.get("balance"),
        breakdowns_read_at={by: at for by, part in PART_OF.items() if (at := read_at.get(part))},
        earliest_served=earliest_served,
        degraded=parts["charges"].degraded if "charges" in parts else None,
        faults=tuple(fault for row in known if (fault := _fault(row))),
        notes={row.part: row.degraded for row in known if row.degraded and row.part != "charges"},
        unreadable=tuple(unreadable),
    )


def _fault(part: ConnectionPart) -> Fault | None:
    if part.fault_kind is None or part.fault_since is None or part.fault_at is None:
        return None
    return Fault(
        part=part.part,
        kind=part.fault_kind,
        message=part.fault_message or "",
        remedy=part.fault_remedy or "",
        since=part.fault_since,
        at=part.fault_at,
        is_permanent=bool(part.fault_is_permanent),
    )
