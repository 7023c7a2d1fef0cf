"""What several queries of charges and breakdowns share: conditions, columns, sums, covered days,
and rows as figures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Mapped
from sqlmodel import col

from bot.db.models import ConnectionPart, Coverage, StoredBreakdown, StoredCharge, StoredName
from bot.db.session import Session
from bot.ledger.models import PART_OF, DayFigure, LineFigure
from providers.models import BreakdownDimension
from providers.money import total
from providers.period import DAY, Period, utc_day

ITEM = col(StoredBreakdown.item_id)
ITEM_COST = func.sum(col(StoredBreakdown.effective_cost))


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


async def sums_of_each(
    session: Session,
    rows: Mapping[str, ColumnElement[bool]],
    by: Sequence[Any],
    cost: ColumnElement[Any] = ITEM_COST,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `cost`, as `used`, of these rows of each connection by these columns. Each connection
    has its own part of a union, grouped by nothing more: that takes a third of the time."""
    parts = [
        select(literal(name).label("connection"), *by, cost.label("used"))
        .where(those)
        .group_by(*by)
        for name, those in rows.items()
    ]
    if not parts:
        return ()
    return (await session.transaction.execute(union_all(*parts))).all()


async def on_covered_days(
    session: Session, period: Period, connections: Sequence[str]
) -> Mapping[str, ColumnElement[bool]]:
    """Return the condition for the breakdown rows of the covered days, for each connection that has
    any. Mostly these follow each other: the first and the last take a third of the time of a
    join."""
    day, row = Coverage, StoredBreakdown
    rows = await session.transaction.execute(
        select(col(day.connection), func.min(day.day), func.max(day.day), func.count())
        .where(col(day.connection).in_(connections), within(col(day.day), period))
        .group_by(col(day.connection))
    )
    found = {}
    for name, first, last, count in rows:
        span = Period(first, last + DAY)
        found[name] = and_(col(row.connection) == name, within(col(row.day), span))
        if count < len(span):
            is_covered = exists().where(
                col(day.connection) == col(row.connection), col(day.day) == col(row.day)
            )
            found[name] = and_(found[name], is_covered)
    return found


async def unread_days(
    session: Session, period: Period, by: BreakdownDimension, connections: Sequence[str]
) -> dict[str, Mapping[date, Decimal]]:
    """Return the covered days with cost whose breakdown was not read, with that cost, of
    connections that have this breakdown. One that was read has rows on each day with cost, also for
    what it attributes to nothing."""
    day, row, part = Coverage, StoredBreakdown, ConnectionPart
    is_offered = exists().where(
        col(part.connection) == col(day.connection), col(part.part) == PART_OF[by]
    )
    is_read = exists().where(
        col(row.connection) == col(day.connection),
        col(row.dimension) == by,
        col(row.day) == col(day.day),
    )
    rows = await session.transaction.execute(
        select(col(day.connection), col(day.day), col(day.used))
        .where(col(day.connection).in_(connections))
        .where(within(col(day.day), period), col(day.used) != 0, is_offered, ~is_read)
    )
    found: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for connection, at, used in rows:
        found[connection][at] = used
    return dict(found)


async def unread_costs(
    session: Session, period: Period, by: BreakdownDimension, connections: Sequence[str]
) -> Mapping[str, Mapping[date, Decimal]]:
    """Return what `unread_days` returns, and what days cost more since their breakdown was read:
    charges are read more often. Nobody knows yet whose that is."""
    found = await unread_days(session, period, by, connections)
    day, part = Coverage, ConnectionPart
    rows = await session.transaction.execute(
        select(col(day.connection), col(day.day), col(day.used), col(part.read_at))
        .join(part, and_(col(part.connection) == day.connection, col(part.part) == PART_OF[by]))
        .where(col(day.connection).in_(connections), within(col(day.day), period))
        .where(col(day.last_changed_at) > col(part.read_at))
    )
    changed = {
        (name, at): used
        for name, at, used, read_at in rows
        if read_at is not None and at >= utc_day(read_at)
    }
    row = StoredBreakdown
    those = {
        name: and_(
            col(row.connection) == name,
            col(row.dimension) == by,
            col(row.day).in_([at for owner, at in changed if owner == name]),
        )
        for name, _ in changed
    }
    known = {
        (each.connection, each.day): each.used
        for each in await sums_of_each(session, those, [col(row.day)])
    }
    for (name, at), used in changed.items():
        if more := total((used, -known.get((name, at), Decimal(0)))):
            found[name] = {**found.get(name, {}), at: more}
    return found
