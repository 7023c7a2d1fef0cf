"""Visibility in the database: the rules set in Slack, and figures of some projects alone."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.access.models import Part, VisibilityRule
from bot.db import models as tables
from bot.db.statements import upsert_rows

ZERO = Decimal(0)


class VisibilityQueries:
    """The rules set in Slack of who sees what."""

    _connection: AsyncConnection

    async def visibility(self) -> Sequence[VisibilityRule]:
        """The rules set in Slack, by place."""
        table = tables.Visibility
        rows = await self._connection.execute(select(table).order_by(col(table.place)))
        return [
            VisibilityRule(row.place, Part(_set(row.connections), _set(row.projects)))
            for row in rows.all()
        ]


class VisibilityChanges(VisibilityQueries):
    """`bot.access.service.VisibilityWriting` over one open transaction, without the other parts."""

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
