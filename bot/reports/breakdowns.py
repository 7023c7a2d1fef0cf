"""Build the rows of a breakdown; they add up to what was used. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.language.commands import Spend
from bot.ledger.models import Dimension, ItemFigure
from bot.reports.models import Breakdown, BreakdownRow, ConnectionSummary, DayUsed, LedgerFacts
from bot.wording import NO_CHANNEL, NOT_READ, UNALLOCATED, UNATTRIBUTED
from providers.money import total
from providers.period import Period

_RESTS: Mapping[str, str] = {
    "team": UNALLOCATED,
    "channel": NO_CHANNEL,
    "user": UNATTRIBUTED,
}
"""The row that is always there, by the dimension."""


def breakdown_of(
    query: Spend,
    facts: LedgerFacts,
    connections: Sequence[ConnectionSummary],
    days: Sequence[DayUsed],
    before: Mapping[str, Decimal | None],
) -> Breakdown:
    """Return every row. What no item accounts for is one row `UNATTRIBUTED` per connection; by
    user, always. What no team pays is one row `UNALLOCATED` per connection, always; what arose in
    no channel is `NO_CHANNEL`, also always. What days cost whose breakdown was not read is one row
    `NOT_READ`; by team, of the breakdown that allocates the connection.

    `before`: what each connection used in the period before, if rows may be compared.
    """
    by = query.by or "day"
    if by in ("week", "month"):
        return Breakdown(by, _calendar_rows(by, days), top=query.top)
    if by == "day":
        each_day = [(day.day.isoformat(), day.by_connection) for day in days]
        return Breakdown(
            by,
            tuple(
                BreakdownRow(day, connection, used, day)
                for day, parts in each_day
                for connection, used in parts
            ),
            top=query.top,
        )
    rows = [
        row
        for each in connections
        if each.used is not None
        for row in (
            [BreakdownRow(each.title, each.name, each.used, each.provider, before.get(each.name))]
            if by == "provider"
            else _pairs(each.name, each.used, facts)
            if query.then_by
            else _rows(each.name, each.used, facts, before.get(each.name), by)
        )
    ]
    # largest first, then what nobody could be named for; credits below the rows
    rows.sort(key=lambda r: (r.used < 0, r.kind != "item", -r.used, r.name, r.connection))
    return Breakdown(by, tuple(rows), query.then_by, query.top)


def _calendar_rows(by: Dimension, days: Sequence[DayUsed]) -> tuple[BreakdownRow, ...]:
    """Return a row for each week or month of each connection, newest first, named by its first
    day."""
    sums: dict[tuple[date, str], list[Decimal]] = {}
    for each in days:
        start = (Period.of_week(each.day) if by == "week" else Period.of_month(each.day)).start
        for connection, used in each.by_connection:
            sums.setdefault((start, connection), []).append(used)
    return tuple(
        BreakdownRow(
            f"{start:%Y-%m}" if by == "month" else f"week of {start}",
            connection,
            total(parts),
            item_id=f"{start}",
        )
        for (start, connection), parts in sorted(
            sums.items(), key=lambda each: each[0][0], reverse=True
        )
    )


def _pairs(connection: str, used: Decimal, facts: LedgerFacts) -> list[BreakdownRow]:
    """Return a row for each project and model; they add up to the connection's spend."""
    rows = [
        BreakdownRow(
            f"{project.label} · {model or UNATTRIBUTED}",
            connection,
            project.used,
            item_id=f"{project.item_id or ''}/{model or ''}",
        )
        for project, model in facts.pairs
        if project.connection == connection
    ]
    if rest := used - total(row.used for row in rows):
        rows.append(BreakdownRow(UNATTRIBUTED, connection, rest, kind="rest"))
    return rows


def _rows(
    connection: str,
    used: Decimal,
    facts: LedgerFacts,
    before: Decimal | None,
    by: Dimension,
) -> list[BreakdownRow]:
    """The row for the rest is there even if it is zero, where it has a name of its own."""
    if _unread(facts.items_before, connection):
        before = None
    items_before = {each.item_id: each.used for each in _named(facts.items_before, connection)}
    rows = [
        BreakdownRow(
            item.name or item.item_id or "",
            connection,
            item.used,
            item.item_id,
            None if before is None else items_before.get(item.item_id, Decimal(0)),
        )
        for item in _named(facts.items, connection)
    ]
    unread, rest_name = _unread(facts.items, connection), _RESTS.get(by)
    rest = used - total(row.used for row in rows) - unread
    if unread:
        not_read = NOT_READ[facts.allocated_by.get(connection) or by]
        rows.append(BreakdownRow(not_read, connection, unread, kind="unread"))
    if rest or rest_name:
        rest_before = None if before is None else before - total(items_before.values())
        name = rest_name or UNATTRIBUTED
        rows.append(BreakdownRow(name, connection, rest, None, rest_before, "rest"))
    return rows


def _unread(items: Sequence[ItemFigure], connection: str) -> Decimal:
    """Return what the connection used on days whose breakdown was not read."""
    return total(i.used for i in items if i.connection == connection and not i.is_read)


def _named(items: Sequence[ItemFigure], connection: str) -> list[ItemFigure]:
    """Return the connection's items that the provider attributes to something."""
    return [item for item in items if item.connection == connection and item.item_id is not None]
