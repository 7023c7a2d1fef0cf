"""Queries of spend by team: the breakdown that a connection's rules are about, allocated.

Each day's shared cost is split on its own, so that days add up to the same as the whole period.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlmodel import col

from bot.db.models import Coverage, StoredBreakdown, StoredCharge, StoredName
from bot.db.session import Session
from bot.ledger.conditions import is_called, is_covered, within
from bot.ledger.lines import BY_ITEM, COST, LINE, LINE_SUMS, line_figure, without_lines
from bot.ledger.models import DayFigure, ItemFigure, LineFigure
from bot.teams.allocation import split, split_each
from bot.teams.models import AllocationRule, ConnectionAllocation, ItemKind, Shares, Teams
from providers.money import to_nano, total
from providers.period import Period

ZERO = Decimal(0)
SPLIT_KINDS: tuple[ItemKind | None, ...] = (None, "project")
"""What rules of a connection may be about so that a team's models and projects are known."""
_ITEM = (col(StoredBreakdown.connection), col(StoredBreakdown.item_id))
_DAY = (col(StoredBreakdown.connection), col(StoredBreakdown.day))
_USED = func.sum(col(StoredBreakdown.effective_cost)).label("used")


@dataclass(frozen=True, slots=True)
class _Items:
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
        return and_(self.rows, col(StoredBreakdown.item_id).in_(sorted(ids)))

    @property
    def shared(self) -> Sequence[str]:
        """Return the items that no team pays alone."""
        return [item for item, shares in self.shares.items() if not _is_alone(shares)]


class TeamCharges:
    """What teams pay of what the session sees; or people, who are allocated by the same rules.

    Of a partly visible connection, only the visible projects count. If its rules are about keys or
    users, nothing of it can be allocated: no provider reports which project those spent in.
    """

    def __init__(self, session: Session, teams: Teams) -> None:
        self._session = session
        self._teams = teams

    async def sums(self, period: Period, days: Sequence[DayFigure]) -> Sequence[ItemFigure]:
        """Return what each team pays by connection, largest first; the rest is unallocated.

        `days`: the covered days of the period, with their visible spend.
        """
        found = await self._items(period, {day.connection for day in days}, with_cost=True)
        amounts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        for name, items in found.items():
            for item, shares in items.shares.items():
                if _is_alone(shares):
                    amounts[name, shares[0].team].append(items.used[item])
            rest = items.allocation.rest
            if _is_alone(rest):
                whole = total(day.used for day in days if day.connection == name)
                if left := whole - total(items.used.values()):
                    amounts[name, rest[0].team].append(left)
        for name, _, parts in await self._parts(found, period, days):
            for team, part in parts.items():
                amounts[name, team].append(part)
        teams = set(self._teams.names)
        figures = [
            ItemFigure(name, team, team, total(parts))
            for (name, team), parts in amounts.items()
            if team in teams
        ]
        return sorted(figures, key=lambda each: (-each.used, each.connection, each.item_id or ""))

    async def days(
        self, period: Period, team: str, days: Sequence[DayFigure]
    ) -> Sequence[DayFigure]:
        """Return these covered days with what one team pays of them."""
        found = await self._items(period, {day.connection for day in days})
        amounts: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
        own = [
            items.rows_of(mine)
            for items in found.values()
            if (mine := [item for item, shares in items.shares.items() if _pays(team, shares)])
        ]
        for row in await self._by_day(_DAY, own, period):
            amounts[row.connection, row.day].append(row.used)
        for name, items in found.items():
            if _pays(team, items.allocation.rest):
                for day, left in await self._rest(name, items, period, days):
                    amounts[name, day].append(left)
        for name, day, parts in await self._parts(found, period, days):
            amounts[name, day].append(parts.get(team, ZERO))
        return [
            replace(each, used=total(amounts[each.connection, each.day]), byok_estimate=ZERO)
            for each in days
            if each.connection in found
        ]

    async def items(
        self, period: Period, team: str, by: Literal["model", "project"], days: Sequence[DayFigure]
    ) -> Sequence[ItemFigure]:
        """Return what a team pays by model or project, without names, largest first.

        `days`: what `days` returned for the team. Where keys or users allocate a connection, its
        models and projects aren't known, and nothing of it is returned.
        """
        found = {
            name: items
            for name, items in (await self._items(period, {d.connection for d in days})).items()
            if items.allocation.kind in SPLIT_KINDS
        }
        costs: dict[str, dict[str | None, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
        for row in await self._charges(period, team, found, BY_ITEM, COST):
            items = found[row.connection]
            shares = items.shares.get(row.project, items.allocation.rest)
            costs[row.connection][getattr(row, by)].append(split(row.used, shares)[team])
        figures = []
        for name, by_item in costs.items():
            sums = {item: total(parts) for item, parts in by_item.items()}
            whole = total(day.used for day in days if day.connection == name)
            _add_rounding(sums, whole, len(days))
            figures += [ItemFigure(name, item, None, used) for item, used in sums.items() if used]
        return sorted(figures, key=lambda each: (-each.used, each.connection, each.item_id or ""))

    async def lines(
        self, period: Period, team: str, days: Sequence[DayFigure]
    ) -> Sequence[LineFigure]:
        """Return what a team pays by line, in no order. Where keys or users allocate a connection,
        its lines aren't known: all that the team pays there is one line without a name.

        `days`: what `days` returned for the team.
        """
        every = await self._items(period, {day.connection for day in days})
        found = {n: items for n, items in every.items() if items.allocation.kind in SPLIT_KINDS}
        known: dict[str, list[LineFigure]] = defaultdict(list)
        for row in await self._charges(period, team, found, LINE, LINE_SUMS):
            items = found[row.connection]
            shares = items.shares.get(row.project, items.allocation.rest)
            known[row.connection].append(_line_of(row, team, shares))
        unnamed = without_lines(day for day in days if day.connection not in found)
        for name, lines in known.items():
            whole = total(day.used for day in days if day.connection == name)
            over = whole - total(line.used for line in lines)
            if over and abs(to_nano(over)) <= len(days) * len(lines):
                at = max(range(len(lines)), key=lambda number: lines[number].used)
                lines[at] = replace(lines[at], used=lines[at].used + over)
        return [*unnamed, *(line for lines in known.values() for line in lines)]

    async def _charges(
        self,
        period: Period,
        team: str,
        found: Mapping[str, _Items],
        by: tuple[Any, ...],
        sums: tuple[Any, ...],
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return sums of the charges that the team pays, wholly or in part."""
        charge, seen = StoredCharge, []
        project = col(charge.sub_account_id)
        for name, items in found.items():
            projects = self._session.visibility.projects_of(name)
            own = sorted(item for item, shares in items.shares.items() if _has(team, shares))
            mine: ColumnElement[bool] = project.in_(own)
            if _has(team, items.allocation.rest):
                mine = or_(mine, project.is_(None), project.not_in(sorted(items.shares)))
            rows = and_(col(charge.connection) == name, mine)
            if projects is not None:
                those = is_called(self._session, name, "project", projects, charge.sub_account_id)
                rows = and_(rows, await those)
            seen.append(rows)
        query = select(*by, *sums).where(or_(false(), *seen), within(col(charge.day), period))
        return await self._all(query.group_by(*by))

    async def paid_by(self, team: str, connections: Sequence[str]) -> Sequence[str]:
        """Return the connections with visible charges that the team pays, wholly or in part."""
        key = ("paid by", self._session.about, team, *connections, self._session.visibility)
        return await self._session.cached(key, lambda: self._paid_by(team, connections))

    async def _paid_by(self, team: str, connections: Sequence[str]) -> Sequence[str]:
        found = []
        for name, items in (await self._items(None, connections)).items():
            shares = list(items.shares.values())
            is_rest_seen = self._session.visibility.projects_of(
                name
            ) is None or await self._has_rest(items)
            if is_rest_seen:
                shares.append(items.allocation.rest)
            if any(share.team == team for each in shares for share in each):
                found.append(name)
        return found

    async def unmatched(self, period: Period) -> Sequence[AllocationRule]:
        """Return the rules for items with names or ids that nothing with spend in the period
        has."""
        row, name = StoredBreakdown, StoredName
        found = await self._all(
            select(col(row.connection), col(row.dimension), col(row.item_id))
            .where(within(col(row.day), period), col(row.item_id).is_not(None))
            .distinct()
        )
        items = {(each.connection, each.dimension, each.item_id) for each in found}
        named = await self._all(
            select(col(name.connection), col(name.kind), col(name.item_id), col(name.name))
        )
        known = {(connection, kind, item.casefold()) for connection, kind, item in items}
        known |= {
            (connection, kind, called.casefold())
            for connection, kind, item, called in named
            if (connection, kind, item) in items
        }
        connections = self._session.names()
        return [
            rule
            for rule in self._teams.rules
            if rule.kind
            and not any((c, rule.kind, rule.name) in known for c in connections if rule.is_for(c))
        ]

    async def _items(
        self, period: Period | None, connections: Iterable[str], *, with_cost: bool = False
    ) -> Mapping[str, _Items]:
        """Return the items that rules name and that a period has (None: that there ever were)."""
        rows, found = {}, {}
        for name in sorted(connections):
            allocation = self._teams.of(name)
            condition = await self._visible(name, allocation.kind or "project")
            if condition is not None and (allocation.items or allocation.rest):
                rows[name], found[name] = condition, allocation
        if not rows:
            return {}
        named = await self._names(found)
        query: Select[*tuple[Any, ...]]
        if with_cost:
            query = select(*_ITEM, _USED).join(Coverage, is_covered()).group_by(*_ITEM)
        else:
            query = select(*_ITEM, literal(0).label("used")).distinct()
        if period is not None:
            query = query.where(within(col(StoredBreakdown.day), period))
        shares: dict[str, dict[str, Shares]] = defaultdict(dict)
        used: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for row in await self._of_each(query, rows.values()):
            if row.item_id is None:
                continue
            called = named.get((row.connection, row.item_id))
            by = found[row.connection].shares_of(row.item_id, called)
            if by is not None:
                shares[row.connection][row.item_id] = by
                used[row.connection][row.item_id] = row.used
        return {name: _Items(found[name], rows[name], shares[name], used[name]) for name in found}

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
        rows = await self._all(query.where(or_(false(), *kinds)))
        return {(row.connection, row.item_id): row.name for row in rows}

    async def _parts(
        self, found: Mapping[str, _Items], period: Period, days: Sequence[DayFigure]
    ) -> Sequence[tuple[str, date, Mapping[str, Decimal]]]:
        """Return each day's shared costs by connection, split by team."""
        shared = [items.rows_of(items.shared) for items in found.values() if items.shared]
        columns = (*_DAY, col(StoredBreakdown.item_id))
        costs: dict[tuple[str, date, Shares], list[Decimal]] = defaultdict(list)
        for row in await self._by_day(columns, shared, period):
            shares = found[row.connection].shares[row.item_id]
            costs[row.connection, row.day, shares].append(row.used)
        for name, items in found.items():
            rest = items.allocation.rest
            if rest and not _is_alone(rest):
                for day, left in await self._rest(name, items, period, days):
                    costs[name, day, rest].append(left)
        return [
            (name, day, split_each(amounts, shares))
            for (name, day, shares), amounts in costs.items()
        ]

    async def _rest(
        self, name: str, items: _Items, period: Period, days: Sequence[DayFigure]
    ) -> Sequence[tuple[date, Decimal]]:
        """Return what no rule for an item takes, on the days with any."""
        rows = await self._by_day(_DAY, [items.rows_of(items.shares)], period)
        taken = {row.day: row.used for row in rows}
        left = {
            day.day: day.used - taken.get(day.day, ZERO) for day in days if day.connection == name
        }
        return [(day, amount) for day, amount in left.items() if amount]

    async def _has_rest(self, items: _Items) -> bool:
        item = col(StoredBreakdown.item_id)
        unnamed = or_(item.is_(None), item.not_in(sorted(items.shares)))
        return bool(await self._all(select(item).where(items.rows, unnamed).limit(1)))

    async def _by_day(
        self, columns: Sequence[Any], rows: Sequence[ColumnElement[bool]], period: Period
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return sums of these rows on covered days, for each combination of the columns."""
        query = select(*columns, _USED).join(Coverage, is_covered())
        query = query.where(within(col(StoredBreakdown.day), period)).group_by(*columns)
        return await self._of_each(query, rows)

    async def _of_each(
        self, query: Select[*tuple[Any, ...]], rows: Iterable[ColumnElement[bool]]
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return what a query finds of the rows of each connection. Each has its own part of a
        union: one condition for all takes twice the time."""
        parts = [query.where(those) for those in rows]
        if not parts:
            return ()
        return (await self._session.transaction.execute(union_all(*parts))).all()

    async def _all(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await self._session.transaction.execute(query)).all()


def _line_of(row: Row[*tuple[Any, ...]], team: str, shares: Shares) -> LineFigure:
    """Return a team's part of a line: of the cost and of the quantity."""
    percent = next(share.percent for share in shares if share.team == team)
    quantity = row.quantity if row.quantity is None else row.quantity * percent / 100
    return replace(line_figure(row), used=split(row.used, shares)[team], quantity=quantity)


def _add_rounding(sums: dict[str | None, Decimal], whole: Decimal, days: int) -> None:
    """Add what splitting each day differs from splitting the sum to the largest of them: a nano for
    each day and item at most."""
    over = whole - total(sums.values())
    if over and abs(to_nano(over)) <= days * len(sums):
        largest = max(sums, key=lambda item: sums[item])
        sums[largest] += over


def _is_alone(shares: Shares) -> bool:
    """Return True if one team pays everything."""
    return len(shares) == 1 and shares[0].percent == 100


def _has(team: str, shares: Shares) -> bool:
    """Return True if the team pays a part."""
    return any(share.team == team for share in shares)


def _pays(team: str, shares: Shares) -> bool:
    """Return True if this team alone pays everything."""
    return _is_alone(shares) and shares[0].team == team
