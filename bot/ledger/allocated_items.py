"""The items that allocation rules name, as far as they are visible: who pays each, and its cost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, or_, select
from sqlmodel import col

from bot.db.models import StoredBreakdown, StoredName
from bot.db.session import Session
from bot.ledger.queries import ITEM, ITEM_COST, is_called, on_covered_days, sums_of_each
from bot.teams.models import ConnectionAllocation, ItemKind, Shares, Teams
from providers.period import Period


@dataclass(frozen=True, slots=True)
class AllocatedItems:
    """The items of one connection that rules name."""

    allocation: ConnectionAllocation
    rows: ColumnElement[bool]
    """The visible rows of the breakdown that the rules are about."""
    shares: Mapping[str, Shares]
    """By item id."""
    used: Mapping[str, Decimal]
    """Over the period, by item id; 0 if their cost wasn't asked for."""

    def rows_of(self, ids: Iterable[str]) -> ColumnElement[bool]:
        """Return the condition for the rows of these items."""
        return and_(self.rows, ITEM.in_(sorted(ids)))

    @property
    def shared(self) -> Sequence[str]:
        """Return the items that no team pays alone."""
        return [item for item, shares in self.shares.items() if not is_alone(shares)]


class AllocatedItemRepository:
    """Reads the items of each connection that rules name. Connections that no rule is about, or of
    which none of it can be allocated, are left out."""

    def __init__(self, session: Session, teams: Teams) -> None:
        self._session = session
        self._teams = teams

    async def ever(self, connections: Iterable[str]) -> Mapping[str, AllocatedItems]:
        """Return the items that rules name and that ever had spend, without their cost."""
        names = sorted(connections)
        key = ("items", self._teams, *names, self._session.visibility)
        parts = dict.fromkeys(names, literal(True))
        return await self._session.cached(key, lambda: self._read(parts, literal(0)))

    async def with_cost(
        self, period: Period, connections: Iterable[str]
    ) -> Mapping[str, AllocatedItems]:
        """Return the items that rules name, with their cost on the covered days of a period."""
        those = await on_covered_days(self._session, period, sorted(connections))
        return await self._read(those, ITEM_COST)

    async def _read(
        self, those: Mapping[str, ColumnElement[bool]], cost: ColumnElement[Any]
    ) -> Mapping[str, AllocatedItems]:
        """`those`: the rows that count, by connection."""
        rows, found = {}, {}
        for name in those:
            allocation = self._teams.of(name)
            condition = await self._visible(name, allocation.kind or "project")
            if condition is not None and (allocation.items or allocation.rest):
                rows[name], found[name] = condition, allocation
        if not rows:
            return {}
        named = await self._names(found)
        shares: dict[str, dict[str, Shares]] = defaultdict(dict)
        used: dict[str, dict[str, Decimal]] = defaultdict(dict)
        each = {name: and_(condition, those[name]) for name, condition in rows.items()}
        for row in await sums_of_each(self._session, each, [ITEM], cost):
            if row.item_id is None:
                continue
            called = named.get((row.connection, row.item_id))
            by = found[row.connection].shares_of(row.item_id, called)
            if by is not None:
                shares[row.connection][row.item_id] = by
                used[row.connection][row.item_id] = row.used
        return {
            name: AllocatedItems(found[name], rows[name], shares[name], used[name])
            for name in found
        }

    async def _visible(self, name: str, kind: ItemKind) -> ColumnElement[bool] | None:
        """Return the condition for the visible rows of a breakdown; None if it can't be known."""
        row = StoredBreakdown
        rows = and_(col(row.connection) == name, col(row.dimension) == kind)
        projects = self._session.visibility.projects_of(name)
        if projects is None:
            return rows
        if kind != "project":
            return None
        return and_(rows, await is_called(self._session, name, "project", projects, row.item_id))

    async def _names(
        self, allocations: Mapping[str, ConnectionAllocation]
    ) -> Mapping[tuple[str, str], str]:
        name = StoredName
        kinds = [
            and_(col(name.connection) == connection, col(name.kind) == allocation.kind)
            for connection, allocation in allocations.items()
            if allocation.kind
        ]
        query = select(col(name.connection), col(name.item_id), col(name.name))
        rows = (await self._session.transaction.execute(query.where(or_(false(), *kinds)))).all()
        return {(row.connection, row.item_id): row.name for row in rows}


def is_alone(shares: Shares) -> bool:
    """Return True if one team pays everything."""
    return len(shares) == 1 and shares[0].percent == 100
