"""The figures that a rule is held against, from one look at the ledger; None where any is stale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.spend.ledger import BalanceReading, By, Connection, DayFigure, ItemFigure
from bot.spend.rules import Scope
from providers.period import Period, utc_day

ITEM_KINDS: Mapping[str, By] = {"project": "project", "key": "key", "model": "model"}
READING_LIFE = timedelta(hours=24)
"""A balance read longer ago than this says nothing about now."""


@dataclass(frozen=True, slots=True)
class Books:
    """What rules are judged from: one consistent look, taken by `now`."""

    now: datetime
    connections: Sequence[Connection]
    days: Sequence[DayFigure]
    """Of the last ten weeks and the running day."""
    items: Mapping[tuple[Period, By], Sequence[ItemFigure]]
    """The cuts that the rules at hand need."""
    balances: Mapping[str, BalanceReading]

    def connection(self, name: str) -> Connection:
        """The configured connection of that name. Raises `KeyError`."""
        for connection in self.connections:
            if connection.name == name:
                return connection
        raise KeyError(name)


def in_scope(scope: Scope, connections: Sequence[Connection]) -> tuple[Connection, ...]:
    """The connections that a scope draws on: for projects, keys and models all of them."""
    if scope.kind == "provider":
        return tuple(c for c in connections if c.provider == scope.name)
    if scope.kind == "connection":
        return tuple(c for c in connections if c.name == scope.name)
    return tuple(connections)


def actual(scope: Scope, period: Period, books: Books) -> Decimal | None:
    """What a scope used in the period so far; None where some of it is stale or not known.

    `period` may reach into the future. The running day counts as far as it is published.
    """
    so_far = period.clip(Period(date.min, utc_day(books.now)))
    connections = in_scope(scope, books.connections)
    by = ITEM_KINDS.get(scope.kind)
    if by is not None:
        items = [i for i in books.items.get((period, by), ()) if is_named(i, scope.name)]
        holders = {item.connection for item in items}
        connections = tuple(c for c in connections if not holders or c.name in holders)
    if not connections or not all(is_fresh(c, so_far, by, books) for c in connections):
        return None
    if by is not None:
        return sum((item.used for item in items), Decimal(0))
    names = {c.name for c in connections}
    return sum(
        (d.used for d in books.days if d.connection in names and d.day in period), Decimal(0)
    )


def is_fresh(connection: Connection, past: Period, by: By | None, books: Books) -> bool:
    """Whether its charges are read without a fault, and every one of these past days is known."""
    if connection.charges_read_at is None or connection.fault("charges") is not None:
        return False
    if by == "key" and connection.fault("breakdown") is not None:
        return False
    known = {d.day for d in books.days if d.connection == connection.name}
    return all(day in known for day in past)


def is_named(item: ItemFigure, name: str | None) -> bool:
    """Whether a project, key or model goes by that name or id; case does not matter."""
    if name is None:
        return False
    wanted = name.casefold()
    return any(
        known is not None and known.casefold() == wanted for known in (item.name, item.item_id)
    )


def reading(connection: Connection, books: Books) -> BalanceReading | None:
    """Its balance, where that was read lately and the last try to read it did not fail."""
    found = books.balances.get(connection.name)
    if found is None or connection.fault("balance") is not None:
        return None
    return found if books.now - found.read_at <= READING_LIFE else None


def daily(scope: Scope, books: Books) -> tuple[tuple[date, Decimal], ...]:
    """What a scope of whole connections used on each complete day that all of them cover."""
    names = {c.name for c in in_scope(scope, books.connections)}
    totals: dict[date, Decimal] = {}
    seen: dict[date, set[str]] = {}
    for figure in books.days:
        if figure.connection in names and figure.day < utc_day(books.now):
            totals[figure.day] = totals.get(figure.day, Decimal(0)) + figure.used
            seen.setdefault(figure.day, set()).add(figure.connection)
    return tuple((day, totals[day]) for day in sorted(totals) if seen[day] == names)
