"""Queries of spend by day, item and line, limited to what is visible."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlmodel import col

from bot.db.models import Coverage, StoredBreakdown, StoredCharge, StoredName
from bot.db.session import Session
from bot.ledger.models import PART_OF, DayFigure, Dimension, ItemFigure, LineFigure, SkuDay
from bot.ledger.queries import (
    ITEM,
    LINE,
    LINE_SUMS,
    is_called,
    line_figure,
    on_covered_days,
    sums_of_each,
    unread_costs,
    unread_days,
    within,
    without_lines,
)
from bot.ledger.team_charges import TeamCharges
from providers.models import BreakdownDimension, NameKind
from providers.money import total
from providers.period import Period

ZERO = Decimal(0)


class ChargeRepository:
    """Spend by day, item and line.

    For a partly visible connection, only the visible projects count; in a session about one
    project, key, model or team, only that one.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def days(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[DayFigure]:
        """Return the covered days of the period, by day, then connection."""
        if payer := self._session.payer:
            teams, name = payer
            every = await ChargeRepository(self._session.narrowed(None)).days(period, connections)
            return await TeamCharges(self._session, teams).days(period, name, every)
        found = [*await self._covered(period, self._session.seen_whole(connections))]
        for name, projects in self._session.seen_in_part(connections):
            found += await self._days_of_part(period, name, projects)
        return sorted(found, key=lambda figure: (figure.day, figure.connection))

    async def items(
        self, period: Period, by: Dimension, connections: Sequence[str] | None = None
    ) -> Sequence[ItemFigure]:
        """Return sums over the period, for each model, project, key, user, channel, team or person;
        largest first. What is unallocated is left out. What a team pays is known by model and
        project only where its rules are about projects or whole connections."""
        if by in ("team", "person"):
            payers = self._session.teams if by == "team" else self._session.person_costs
            days = await self.days(period, connections)
            return await TeamCharges(self._session, payers).sums(period, days)
        if payer := self._session.payer:
            if by not in ("model", "project"):
                return await self._unattributed(period, connections)
            of_team = await self.days(period, connections)
            paid = TeamCharges(self._session, payer[0])
            items = list(await paid.items(period, payer[1], by, of_team))
            return await self._named(items, "project") if by == "project" else items
        whole = self._session.seen_whole(connections)
        match by:
            case "model":
                items = await self._sums(period, by, whole)
            case "project":
                items = await self._named(await self._sums(period, by, whole), by)
            case "key" | "user" | "channel":
                known = await self._sums(period, by, whole)
                unread = await unread_costs(self._session, period, by, whole)
                items = await self._named(await self._with_rest(known, unread, period, whole), by)
            case _:
                raise ValueError(f"there are no items by {by}")
        for name, projects in self._session.seen_in_part(connections):
            items += await self._items_of_part(period, by, name, projects)
        return sorted(items, key=lambda item: (-item.used, item.connection, item.item_id or ""))

    async def unread_days(
        self, period: Period, by: Dimension, connections: Sequence[str] | None = None
    ) -> Mapping[str, Mapping[date, Decimal]]:
        """Return the days whose breakdown is unknown because it was not read, with their cost, of
        fully visible connections; by team or person, that of the breakdown that allocates them."""
        if by == "key" or by == "user" or by == "channel":
            whole = self._session.seen_whole(connections)
            return await unread_days(self._session, period, by, whole)
        if by in ("team", "person"):
            payers = self._session.teams if by == "team" else self._session.person_costs
            names = self._session.names(connections)
            return await TeamCharges(self._session, payers).unread_days(period, names)
        return {}

    async def with_charges(self, connections: Sequence[str]) -> Sequence[str]:
        """Return the connections that ever charged for what the session is about."""
        if self._session.about is None:
            return connections
        if payer := self._session.payer:
            teams, name = payer
            return await TeamCharges(self._session, teams).paid_by(name, connections)
        found = []
        for name, projects in self._session.seen_in_part(connections):
            if projects is None:
                known = select(col(StoredBreakdown.day)).where(await self._rows_of_item(name))
            elif self._session.about.kind in ("key", "channel"):  # not split by project
                continue
            else:
                known = select(col(StoredCharge.day)).where(await self._part(name, projects))
            if await self._all(known.limit(1)):
                found.append(name)
        return found

    async def pairs(
        self, period: Period, connections: Sequence[str]
    ) -> Sequence[tuple[ItemFigure, str | None]]:
        """Return sums over the period by project and model, largest first."""
        sums: dict[tuple[str, str | None, str | None], list[Decimal]] = defaultdict(list)
        for line in await self.lines(period, connections):
            sums[line.connection, line.project_id, line.model].append(line.used)
        keys = list(sums)
        items = [
            ItemFigure(name, project, None, total(sums[name, project, model]))
            for name, project, model in keys
        ]
        named = await self._named(items, "project")
        both = [(item, model) for item, (_, _, model) in zip(named, keys, strict=True)]
        return sorted(both, key=lambda each: -each[0].used)

    async def lines(
        self, period: Period, connections: Sequence[str] | None = None
    ) -> Sequence[LineFigure]:
        """Return sums over the period by line of each model and project, in no order. Of a key or
        channel, and where a team's or person's lines aren't known, each connection is one line."""
        if self._session.about is not None and self._session.about.kind in ("key", "channel"):
            return without_lines(await self.days(period, connections))
        if payer := self._session.payer:
            of_team = await self.days(period, connections)
            return await TeamCharges(self._session, payer[0]).lines(period, payer[1], of_team)
        seen: list[ColumnElement[bool]] = [
            col(StoredCharge.connection).in_(self._session.seen_whole(connections))
        ]
        for name, projects in self._session.seen_in_part(connections):
            seen.append(await self._part(name, projects))
        query = select(*LINE, *LINE_SUMS).where(or_(*seen), within(col(StoredCharge.day), period))
        return [line_figure(row) for row in await self._all(query.group_by(*LINE))]

    async def sku_days(
        self, period: Period, connections: Sequence[str], skus: Sequence[str]
    ) -> Sequence[SkuDay]:
        """Return the single days of these line items, of rows with cost and quantity, in no
        order."""
        charge = StoredCharge
        of_day = (col(charge.connection), col(charge.sku_id), col(charge.day))
        rows = await self._all(
            select(
                *of_day,
                func.sum(col(charge.effective_cost)).label("used"),
                func.sum(col(charge.quantity)).label("quantity"),
            )
            .where(col(charge.connection).in_(self._session.seen_whole(connections)))
            .where(col(charge.sku_id).in_(skus))
            .where(within(col(charge.day), period))
            .where(col(charge.effective_cost) > 0, col(charge.quantity) > 0)
            .group_by(*of_day)
        )
        return [SkuDay(row.connection, row.sku_id, row.day, row.used, row.quantity) for row in rows]

    async def _covered(self, period: Period, connections: Sequence[str]) -> Sequence[DayFigure]:
        key = ("covered", period, *connections)
        return await self._session.cached(key, lambda: self._read_covered(period, connections))

    async def _read_covered(self, period: Period, names: Sequence[str]) -> Sequence[DayFigure]:
        coverage = Coverage
        rows = await self._all(
            select(
                col(coverage.connection),
                col(coverage.day),
                col(coverage.used),
                col(coverage.byok_estimate),
                col(coverage.first_read_at),
                col(coverage.last_read_at),
                col(coverage.last_changed_at),
            )
            .where(col(coverage.connection).in_(names))
            .where(within(col(coverage.day), period))
        )
        return [DayFigure(*row) for row in rows]

    async def _all(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await self._session.transaction.execute(query)).all()

    async def _sums(
        self, period: Period, by: Dimension, connections: Sequence[str]
    ) -> list[ItemFigure]:
        days = await on_covered_days(self._session, period, connections)
        of_this = col(StoredBreakdown.dimension) == by
        those = {name: and_(covered, of_this) for name, covered in days.items()}
        rows = await sums_of_each(self._session, those, [ITEM])
        return [ItemFigure(row.connection, row.item_id, None, row.used) for row in rows]

    async def _unattributed(
        self, period: Period, connections: Sequence[str] | None
    ) -> Sequence[ItemFigure]:
        used: dict[str, list[Decimal]] = defaultdict(list)
        for day in await self.days(period, connections):
            used[day.connection].append(day.used)
        return [ItemFigure(name, None, None, total(parts)) for name, parts in used.items()]

    async def _with_rest(
        self,
        items: list[ItemFigure],
        unread: Mapping[str, Mapping[date, Decimal]],
        period: Period,
        connections: Sequence[str],
    ) -> list[ItemFigure]:
        """Return the use by key, user or channel. The part of the days that none of them explains
        has none, whether or not the provider says so. The `unread` costs are apart."""
        known = [item for item in items if item.item_id is not None]
        amounts: dict[str, list[Decimal]] = defaultdict(list)
        for day in await self._covered(period, connections):
            amounts[day.connection].append(day.used)
        for item in known:
            amounts[item.connection].append(-item.used)
        apart = [
            ItemFigure(name, None, None, total(of_day.values()), is_read=False)
            for name, of_day in unread.items()
        ]
        for item in apart:
            amounts[item.connection].append(-item.used)
        rest = {connection: total(parts) for connection, parts in amounts.items()}
        left = [ItemFigure(name, None, None, used) for name, used in rest.items() if used]
        return known + left + apart

    async def _named(self, items: list[ItemFigure], kind: NameKind) -> list[ItemFigure]:
        name = StoredName
        rows = await self._all(
            select(col(name.connection), col(name.item_id), col(name.name)).where(
                col(name.kind) == kind
            )
        )
        names = {(row.connection, row.item_id): row.name for row in rows}
        return [replace(item, name=names.get((item.connection, item.item_id))) for item in items]

    async def _days_of_part(
        self, period: Period, connection: str, projects: frozenset[str] | None
    ) -> list[DayFigure]:
        """Return the covered days with the spend of this part. For a fully visible connection the
        sums by item are added, because they are fewer than the charges. A day whose breakdown was
        not read is unknown for a key or channel, so it is left out."""
        about, covered = self._session.about, await self._covered(period, [connection])
        if about is not None and about.kind in ("key", "channel"):
            by: BreakdownDimension = "key" if about.kind == "key" else "channel"
            unread = (await unread_days(self._session, period, by, [connection])).get(
                connection, {}
            )
            covered = [figure for figure in covered if figure.day not in unread]
        part = await self._part(connection, projects)
        has_byok = any(figure.byok_estimate for figure in covered)
        if projects is None:
            of_item = await self._rows_of_item(connection)
            used = await self._by_day(StoredBreakdown, "effective_cost", of_item, period)
            has_byok = has_byok and about is not None and about.has_items
        else:
            used = await self._by_day(StoredCharge, "effective_cost", part, period)
        byok = await self._by_day(StoredCharge, "byok_estimate", part, period) if has_byok else {}
        return [
            replace(
                figure,
                used=used.get(figure.day, ZERO),
                byok_estimate=byok.get(figure.day, ZERO),
            )
            for figure in covered
        ]

    async def _by_day(
        self,
        table: type[StoredCharge | StoredBreakdown],
        column: str,
        those: ColumnElement[bool],
        period: Period,
    ) -> Mapping[date, Decimal]:
        """Sums of a column of these rows by day."""
        rows = await self._all(
            select(col(table.day), func.sum(getattr(table, column)).label("amount"))
            .where(those, within(col(table.day), period))
            .group_by(col(table.day))
        )
        return {row.day: row.amount for row in rows}

    async def _items_of_part(
        self, period: Period, by: Dimension, connection: str, projects: frozenset[str] | None
    ) -> list[ItemFigure]:
        """Return what this part used over the period. By key, user and channel that is unknown:
        providers don't report which project or model their use belongs to."""
        about = self._session.about
        if by in PART_OF or (about is not None and not about.has_items):
            days = await self._days_of_part(period, connection, projects)
            used = total(day.used for day in days)
            return [ItemFigure(connection, None, None, used)] if used else []
        charge = StoredCharge
        item: Any = col(charge.model) if by == "model" else col(charge.sub_account_id)
        rows = await self._all(
            select(item.label("item_id"), func.sum(col(charge.effective_cost)).label("used"))
            .where(await self._part(connection, projects))
            .where(within(col(charge.day), period))
            .group_by(item)
        )
        items = [ItemFigure(connection, row.item_id, None, row.used) for row in rows]
        return await self._named(items, by) if by == "project" else items

    async def _part(self, connection: str, projects: frozenset[str] | None) -> ColumnElement[bool]:
        """Return the condition for the connection's charges of these projects (None: any), and of
        the session's model or project."""
        charge, about = StoredCharge, self._session.about
        those = [col(charge.connection) == connection]
        if projects is not None:
            those.append(
                await is_called(
                    self._session, connection, "project", projects, charge.sub_account_id
                )
            )
        if about is not None and about.kind == "project":
            wanted = frozenset(((about.name or "").casefold(),))
            those.append(
                await is_called(self._session, connection, "project", wanted, charge.sub_account_id)
            )
        elif about is not None:
            those.append(func.lower(col(charge.model)) == (about.name or "").lower())
        return and_(*those)

    async def _rows_of_item(self, connection: str) -> ColumnElement[bool]:
        """Return the condition for the connection's breakdown rows of the session's item."""
        row, about = StoredBreakdown, self._session.about
        kind, name = (about.kind, about.name or "") if about else ("", "")
        those = [col(row.connection) == connection, col(row.dimension) == kind]
        if kind in ("project", "key"):
            wanted = frozenset((name.casefold(),))
            those.append(await is_called(self._session, connection, kind, wanted, row.item_id))
        else:
            those.append(func.lower(col(row.item_id)) == name.lower())
        return and_(*those)
