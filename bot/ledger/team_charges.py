"""Queries of spend by team: the breakdown that a connection's rules are about, allocated.

Each day's shared cost is split on its own, so that days add up to the same as the whole period.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, false, or_, select
from sqlmodel import col

from bot.db.models import StoredBreakdown, StoredCharge, StoredName
from bot.db.session import Session
from bot.ledger.allocated_items import AllocatedItemRepository, AllocatedItems, is_alone
from bot.ledger.models import DayFigure, ItemFigure, LineFigure
from bot.ledger.queries import (
    BY_ITEM,
    COST,
    ITEM,
    LINE,
    LINE_SUMS,
    is_called,
    line_figure,
    sums_of_each,
    unread_costs,
    unread_days,
    within,
    without_lines,
)
from bot.teams.models import AllocationRule, ItemKind, Shares, Teams, split, split_each
from providers.models import BreakdownDimension
from providers.money import to_nano, total
from providers.period import Period

ZERO = Decimal(0)
SPLIT_KINDS: tuple[ItemKind | None, ...] = (None, "project")
"""What rules of a connection may be about so that a team's models and projects are known."""
_DAY = col(StoredBreakdown.day)
ReadUnread = Callable[
    [Session, Period, BreakdownDimension, Sequence[str]],
    Awaitable[Mapping[str, Mapping[date, Decimal]]],
]


class TeamCharges:
    """What teams pay of what the session sees; or people, who are allocated by the same rules.

    Of a partly visible connection, only the visible projects count. If its rules are about keys or
    users, nothing of it can be allocated: which project those spent in isn't read.
    """

    def __init__(self, session: Session, teams: Teams) -> None:
        self._session = session
        self._teams = teams
        self._items = AllocatedItemRepository(session, teams)

    async def sums(self, period: Period, days: Sequence[DayFigure]) -> Sequence[ItemFigure]:
        """Return what each team pays by connection, largest first; the rest is unallocated. Costs
        whose breakdown was not read are apart.

        `days`: the covered days of the period, with their visible spend.
        """
        connections = {day.connection for day in days}
        found = await self._items.with_cost(period, connections)
        unread = await self._unread(period, connections, unread_costs)
        read = _without(days, unread)
        amounts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        for name, items in found.items():
            for item, shares in items.shares.items():
                if is_alone(shares):
                    amounts[name, shares[0].team].append(items.used[item])
            rest = items.allocation.rest
            if is_alone(rest):
                whole = total(day.used for day in read if day.connection == name)
                if left := whole - total(items.used.values()):
                    amounts[name, rest[0].team].append(left)
        by_shares: dict[tuple[str, Shares], list[Decimal]] = defaultdict(list)
        for (name, _, by), costs in (await self._shared(found, period, read)).items():
            by_shares[name, by] += costs
        for (name, by), costs in by_shares.items():
            for team, part in split_each(costs, by).items():
                amounts[name, team].append(part)
        teams = set(self._teams.names)
        figures = [
            ItemFigure(name, team, team, total(parts))
            for (name, team), parts in amounts.items()
            if team in teams
        ]
        figures += [
            ItemFigure(name, None, None, total(costs.values()), is_read=False)
            for name, costs in unread.items()
        ]
        return sorted(figures, key=lambda each: (-each.used, each.connection, each.item_id or ""))

    async def days(
        self, period: Period, team: str, days: Sequence[DayFigure]
    ) -> Sequence[DayFigure]:
        """Return these covered days with what one team pays of them. A day that `unread_days`
        returns is unknown, so it is left out; so is what a day cost since its breakdown was
        read."""
        connections = {day.connection for day in days}
        found = await self._items.ever(connections)
        unread = await self.unread_days(period, connections)
        known = [
            day
            for day in days
            if day.connection in found and day.day not in unread.get(day.connection, ())
        ]
        read = _without(known, await self._unread(period, connections, unread_costs))
        amounts: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
        own = {
            name: items.rows_of(mine)
            for name, items in found.items()
            if (mine := [item for item, shares in items.shares.items() if _pays(team, shares)])
        }
        for row in await self._by_day(own, period):
            amounts[row.connection, row.day].append(row.used)
        for name, items in found.items():
            if _pays(team, items.allocation.rest):
                for day, left in await self._rest(name, items, period, read):
                    amounts[name, day].append(left)
        for (name, day, by), costs in (await self._shared(found, period, read)).items():
            if _has(team, by):
                amounts[name, day].append(split_each(costs, by)[team])
        return [
            replace(each, used=total(amounts[each.connection, each.day]), byok_estimate=ZERO)
            for each in read
        ]

    async def unread_days(
        self, period: Period, connections: Iterable[str]
    ) -> Mapping[str, Mapping[date, Decimal]]:
        """Return the covered days with cost of which nobody knows who pays, by connection: it is
        allocated by a breakdown that was not read."""
        return await self._unread(period, connections, unread_days)

    async def _unread(
        self, period: Period, connections: Iterable[str], read: ReadUnread
    ) -> Mapping[str, Mapping[date, Decimal]]:
        """Return what `read` finds of the breakdowns by which connections are allocated."""
        found: dict[str, Mapping[date, Decimal]] = {}
        kinds: tuple[Literal["key", "user"], ...] = ("key", "user")
        for kind in kinds:
            names = [
                name
                for name in sorted(connections)
                if self._teams.of(name).kind == kind
                and self._session.visibility.projects_of(name) is None
            ]
            if names:
                found |= await read(self._session, period, kind, names)
        return found

    async def items(
        self, period: Period, team: str, by: Literal["model", "project"], days: Sequence[DayFigure]
    ) -> Sequence[ItemFigure]:
        """Return what a team pays by model or project, without names, largest first.

        `days`: what `days` returned for the team. Where keys or users allocate a connection, its
        models and projects aren't known, and nothing of it is returned.
        """
        found = {
            name: items
            for name, items in (await self._items.ever({day.connection for day in days})).items()
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
        every = await self._items.ever({day.connection for day in days})
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
        found: Mapping[str, AllocatedItems],
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
        for name, items in (await self._items.ever(connections)).items():
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

    async def _shared(
        self, found: Mapping[str, AllocatedItems], period: Period, days: Sequence[DayFigure]
    ) -> Mapping[tuple[str, date, Shares], Sequence[Decimal]]:
        """Return the costs that several teams share, by connection, day and shares."""
        shared = {n: items.rows_of(items.shared) for n, items in found.items() if items.shared}
        covered = {(day.connection, day.day) for day in days}
        costs: dict[tuple[str, date, Shares], list[Decimal]] = defaultdict(list)
        for row in await self._by_day(shared, period, ITEM):
            if (row.connection, row.day) in covered:
                shares = found[row.connection].shares[row.item_id]
                costs[row.connection, row.day, shares].append(row.used)
        for name, items in found.items():
            rest = items.allocation.rest
            if rest and not is_alone(rest):
                for day, left in await self._rest(name, items, period, days):
                    costs[name, day, rest].append(left)
        return costs

    async def _rest(
        self, name: str, items: AllocatedItems, period: Period, days: Sequence[DayFigure]
    ) -> Sequence[tuple[date, Decimal]]:
        """Return what no rule for an item takes, on the days with any."""
        rows = await self._by_day({name: items.rows_of(items.shares)}, period)
        taken = {row.day: row.used for row in rows}
        left = {
            day.day: day.used - taken.get(day.day, ZERO) for day in days if day.connection == name
        }
        return [(day, amount) for day, amount in left.items() if amount]

    async def _has_rest(self, items: AllocatedItems) -> bool:
        unnamed = or_(ITEM.is_(None), ITEM.not_in(sorted(items.shares)))
        return bool(await self._all(select(ITEM).where(items.rows, unnamed).limit(1)))

    async def _by_day(
        self, rows: Mapping[str, ColumnElement[bool]], period: Period, *columns: Any
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return sums of these rows of each connection by day and these columns, also on days that
        aren't covered."""
        those = {name: and_(part, within(_DAY, period)) for name, part in rows.items()}
        return await sums_of_each(self._session, those, [_DAY, *columns])

    async def _all(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await self._session.transaction.execute(query)).all()


def _without(
    days: Sequence[DayFigure], costs: Mapping[str, Mapping[date, Decimal]]
) -> Sequence[DayFigure]:
    """Return the days less these costs, which are by connection."""
    return [
        replace(day, used=day.used - cost)
        if (cost := costs.get(day.connection, {}).get(day.day))
        else day
        for day in days
    ]


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


def _has(team: str, shares: Shares) -> bool:
    """Return True if the team pays a part."""
    return any(share.team == team for share in shares)


def _pays(team: str, shares: Shares) -> bool:
    """Return True if this team alone pays everything."""
    return is_alone(shares) and shares[0].team == team
