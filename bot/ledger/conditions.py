"""Conditions on rows of the ledger: days of a period, and items by name or id."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from bot.db.models import StoredName
from bot.db.session import Session
from providers.period import Period


def within(column: Mapped[Any], period: Period) -> ColumnElement[bool]:
    """Return the condition that a day is in the period."""
    return and_(column >= period.start, column < period.end)


async def is_called(
    session: Session, connection: str, kind: str, wanted: frozenset[str], column: Any
) -> ColumnElement[bool]:
    """Return the condition that a column has the id of an item of that kind with one of these names
    or ids, case-folded."""
    name = StoredName
    rows = await session.transaction.execute(
        select(col(name.item_id), col(name.name)).where(
            col(name.connection) == connection, col(name.kind) == kind
        )
    )
    ids = [row.item_id for row in rows if row.name.casefold() in wanted]
    return or_(col(column).in_(ids), func.lower(col(column)).in_(sorted(wanted)))
