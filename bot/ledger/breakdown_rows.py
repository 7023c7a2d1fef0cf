"""Queries of breakdown rows that several repositories share: sums, covered days, unread days."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, literal, select, union_all
from sqlmodel import col

from bot.db.models import ConnectionPart, Coverage, StoredBreakdown
from bot.db.session import Session
from bot.ledger.charge_columns import within
from bot.ledger.models import PART_OF
from providers.models import BreakdownDimension
from providers.money import total
from providers.period import DAY, Period, utc_day

ITEM, COST = col(StoredBreakdown.item_id), func.sum(col(StoredBreakdown.effective_cost))


async def sums_of_each(
    session: Session,
    rows: Mapping[str, ColumnElement[bool]],
    by: Sequence[Any],
    cost: ColumnElement[Any] = COST,
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
