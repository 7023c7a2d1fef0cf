"""Break a summary's figures down by model, project, key or day; each adds up to the whole."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.ledger.models import By, ItemFigure
from bot.reports.facts import LedgerFacts
from bot.reports.summary import (
    UNATTRIBUTED,
    Breakdown,
    BreakdownRow,
    ConnectionSummary,
    DayUsed,
)
from providers.money import total


def days_used(facts: LedgerFacts, connections: Sequence[ConnectionSummary]) -> tuple[DayUsed, ...]:
    """Each day that is covered for one of the connections at least."""
    order = {connection.name: place for place, connection in enumerate(connections)}
    missing = {connection.name: set(connection.missing_days) for connection in connections}
    by_day: dict[object, DayUsed] = {}
    for figure in sorted(
        (day for day in facts.days if day.connection in order),
        key=lambda day: (day.day, order[day.connection]),
    ):
        if figure.day in missing[figure.connection]:
            continue
        known = by_day.get(figure.day, DayUsed(figure.day, Decimal(0), ()))
        by_day[figure.day] = DayUsed(
            figure.day,
            total((known.used, figure.used)),
            (*known.by_connection, (figure.connection, figure.used)),
        )
    return tuple(by_day.values())


def breakdown(
    by: By,
    facts: LedgerFacts,
    connections: Sequence[ConnectionSummary],
    days: Sequence[DayUsed],
    *,
    before: Mapping[str, Decimal | None],
) -> Breakdown:
    """Every row; what no item accounts for is one row `UNATTRIBUTED` of its connection.

    `before` has what each connection used in the period before, where rows may be compared.
    """
    if by == "day":
        return Breakdown(by, _by_day(days))
    rows = [
        row
        for connection in connections
        if connection.used is not None
        for row in _of_connection(connection, connection.used, facts, before)
    ]
    rows.sort(key=_place)
    return Breakdown(by, tuple(rows))


def _place(row: BreakdownRow) -> tuple[bool, bool, Decimal, str, str]:
    """Largest first, then what nobody could be named for; credits below the rows."""
    return row.used < 0, row.name == UNATTRIBUTED, -row.used, row.name, row.connection


def _by_day(days: Sequence[DayUsed]) -> tuple[BreakdownRow, ...]:
    return tuple(
        BreakdownRow(day.day.isoformat(), connection, used, day.day.isoformat())
        for day in days
        for connection, used in day.by_connection
    )


def _of_connection(
    connection: ConnectionSummary,
    used: Decimal,
    facts: LedgerFacts,
    before: Mapping[str, Decimal | None],
) -> list[BreakdownRow]:
    items = _named(facts.items, connection.name)
    whole_before = before.get(connection.name)
    items_before = {item.item_id: item.used for item in _named(facts.items_before, connection.name)}

    def used_before(item_id: str | None) -> Decimal | None:
        if whole_before is None:
            return None
        if item_id is not None:
            return items_before.get(item_id, Decimal(0))
        return whole_before - total(items_before.values())

    rows = [
        BreakdownRow(
            item.name or item.item_id or "",
            connection.name,
            item.used,
            item.item_id,
            used_before(item.item_id),
        )
        for item in items
    ]
    rest = used - total(row.used for row in rows)
    if rest:
        rows.append(BreakdownRow(UNATTRIBUTED, connection.name, rest, None, used_before(None)))
    return rows


def _named(items: Sequence[ItemFigure], connection: str) -> list[ItemFigure]:
    """Return the connection's items that the provider attributes to something."""
    return [item for item in items if item.connection == connection and item.item_id is not None]
