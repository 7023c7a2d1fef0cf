"""Visibility in the database: the rules set in Slack, and figures of some projects alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.seeing.visibility import Part, VisibilityRule
from bot.spend.ledger import By, DayFigure, ItemFigure
from bot.store import tables
from bot.store.rows import day_of
from bot.store.statements import upsert_rows
from providers.period import Period

ZERO = Decimal(0)


class VisibilityQueries:
    """`bot.seeing.sights.SightReading` over one open transaction, without the ledger's part."""

    _connection: AsyncConnection

    async def visibility(self) -> Sequence[VisibilityRule]:
        """The rules set in Slack, by place."""
        table = tables.Visibility
        rows = await self._connection.execute(select(table).order_by(col(table.place)))
        return [
            VisibilityRule(row.place, Part(_set(row.connections), _set(row.projects)))
            for row in rows.all()
        ]

    async def days_of_projects(
        self, period: Period, connection: str, projects: frozenset[str]
    ) -> Sequence[DayFigure]:
        """The connection's covered days, with what these projects (names or ids, case-folded) used
        of each."""
        coverage, charge = tables.Coverage, tables.Charge
        sums = await self._connection.execute(
            select(
                col(charge.day),
                func.sum(col(charge.effective_cost)).label("used"),
                func.sum(col(charge.byok_estimate)).label("byok_estimate"),
            )
            .where(await self._of_projects(connection, period, projects))
            .group_by(col(charge.day))
        )
        used: dict[date, tuple[Decimal, Decimal]] = {
            row.day: (row.used, row.byok_estimate) for row in sums.all()
        }
        covered = await self._connection.execute(
            select(coverage)
            .where(col(coverage.connection) == connection)
            .where(col(coverage.day) >= period.start, col(coverage.day) < period.end)
            .order_by(col(coverage.day))
        )
        figures = []
        for row in covered.all():
            spent, byok = used.get(row.day, (ZERO, ZERO))
            figures.append(replace(day_of(row), used=spent, byok_estimate=byok))
        return figures

    async def items_of_projects(
        self, period: Period, by: By, connection: str, projects: frozenset[str]
    ) -> Sequence[ItemFigure]:
        """What these projects used over the period, by model or by project. By key there is no
        telling: vendors don't say which project a key's use belongs to."""
        if by == "key":
            spent = sum(
                (day.used for day in await self.days_of_projects(period, connection, projects)),
                ZERO,
            )
            return [ItemFigure(connection, None, None, spent)] if spent else []
        charge = tables.Charge
        cut: Any = col(charge.model) if by == "model" else col(charge.sub_account_id)
        rows = await self._connection.execute(
            select(cut.label("item_id"), func.sum(col(charge.effective_cost)).label("used"))
            .where(await self._of_projects(connection, period, projects))
            .group_by(cut)
        )
        names = await self._project_names(connection) if by == "project" else {}
        return [
            ItemFigure(connection, row.item_id, names.get(row.item_id), row.used)
            for row in rows.all()
        ]

    async def _of_projects(
        self, connection: str, period: Period, projects: frozenset[str]
    ) -> ColumnElement[bool]:
        """The connection's charges of the period that belong to these names or ids."""
        charge = tables.Charge
        names = await self._project_names(connection)
        ids = [item_id for item_id, name in names.items() if name.casefold() in projects]
        return and_(
            col(charge.connection) == connection,
            col(charge.day) >= period.start,
            col(charge.day) < period.end,
            or_(
                col(charge.sub_account_id).in_(ids),
                func.lower(col(charge.sub_account_id)).in_(sorted(projects)),
            ),
        )

    async def _project_names(self, connection: str) -> dict[str, str]:
        name = tables.Name
        rows = await self._connection.execute(
            select(col(name.item_id), col(name.name)).where(
                col(name.connection) == connection, col(name.kind) == "project"
            )
        )
        return {row.item_id: row.name for row in rows.all()}


class VisibilityChanges(VisibilityQueries):
    """`bot.seeing.sights.SightWriting` over one open transaction, without the other parts."""

    async def put_visibility(self, rule: VisibilityRule, by: str, now: datetime) -> None:
        """Make this place's rule, or change it."""
        row = {
            "place": rule.place,
            "connections": _list(rule.part.connections),
            "projects": _list(rule.part.projects),
            "made_by": by,
            "made_at": now,
        }
        await upsert_rows(self._connection, tables.Visibility, [row])

    async def remove_visibility(self, place: str) -> None:
        """That place sees everything again."""
        table = tables.Visibility
        await self._connection.execute(delete(table).where(col(table.place) == place))


def _set(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _list(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)
