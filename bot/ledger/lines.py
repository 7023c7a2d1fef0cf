"""The columns of lines of charges, and their rows as figures."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func
from sqlmodel import col

from bot.db.models import StoredCharge
from bot.ledger.models import DayFigure, LineFigure
from providers.money import total

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
