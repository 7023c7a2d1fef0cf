"""Conditions on rows of charges, the columns of their lines, and rows as figures."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from bot.db.models import StoredCharge, StoredName
from bot.db.session import Session
from bot.ledger.models import DayFigure, LineFigure
from providers.money import total
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


Columns = tuple[Any, ...]
COST: Columns = (func.sum(col(StoredCharge.effective_cost)).label("used"),)
BY_ITEM: Columns = (
    col(StoredCharge.connection),
    col(StoredCharge.sub_account_id).label("project"),
    col(StoredCharge.model).label("model"),
)
LINE: Columns = (
    *BY_ITEM,
    col(StoredCharge.sku_id),
    col(StoredCharge.meter),
    col(StoredCharge.unit),
    col(StoredCharge.quantity).is_(None),
    col(StoredCharge.effective_cost) < 0,
    col(StoredCharge.effective_cost) == 0,
)
"""What one line is; see `LineFigure`."""
LINE_SUMS: Columns = (*COST, func.sum(col(StoredCharge.quantity)).label("quantity"))


def line_figure(row: Row[*tuple[Any, ...]]) -> LineFigure:
    """Return a row of `LINE` and `LINE_SUMS`."""
    return LineFigure(
        *(row.connection, row.project, row.model, row.sku_id, row.meter),
        *(row.used, row.quantity, row.unit),
    )


def without_lines(days: Iterable[DayFigure]) -> Sequence[LineFigure]:
    """Return one line for each connection, where only days are known."""
    used: dict[str, list[Decimal]] = defaultdict(list)
    for day in days:
        used[day.connection].append(day.used)
    return [
        LineFigure(name, None, None, None, None, total(parts), None, None)
        for name, parts in used.items()
    ]
