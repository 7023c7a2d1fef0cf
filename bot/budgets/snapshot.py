"""The figures that rules are evaluated from: one consistent state of the ledger."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.analysis.forecast import Forecast, Spending
from bot.analysis.hours import KnownHours
from bot.budgets.models import BudgetPeriod
from bot.db.models import LimitReading, Part
from bot.ledger.models import (
    PART_OF,
    BalanceReading,
    Connection,
    Dimension,
    Fault,
    ItemFigure,
    in_scope,
)
from bot.reports.models import RemainingBalance
from bot.scope import Scope
from bot.teams.models import NO_TEAMS, Teams
from providers.period import Period, utc_day

ITEM_KINDS: Mapping[str, Dimension] = {
    "project": "project",
    "key": "key",
    "model": "model",
    "team": "team",
    "person": "person",
    "channel": "channel",
}
_PARTS: Mapping[str, Part] = {"person": "users", **dict(PART_OF.items())}
READING_USABLE_FOR = timedelta(hours=24)
"""An older reading of a balance or a limit isn't evaluated."""


@dataclass(frozen=True, slots=True)
class BudgetSnapshot:
    """One consistent state of the ledger as of `now`, from which rules are evaluated."""

    now: datetime
    connections: Sequence[Connection]
    days: Mapping[str, Mapping[date, Decimal]]
    """What each connection used, on the covered days of the last `HABIT_DAYS` (400) and today."""
    items: Mapping[tuple[Period, Dimension], Mapping[str, Sequence[ItemFigure]]]
    """The breakdowns that these rules need, by id and by name, in lower case."""
    balances: Mapping[str, BalanceReading]
    left: Mapping[str, RemainingBalance]
    """How long each known balance of a prepaid connection lasts."""
    spending: Mapping[str, Spending]
    """The history of each connection, for forecasts."""
    teams: Teams = NO_TEAMS
    """Whose charges are whose."""
    people: Teams = NO_TEAMS
    """Whose provider users are whose, by Slack id."""
    unread: Mapping[tuple[Period, Dimension], Mapping[str, Collection[date]]] = field(
        default_factory=dict
    )
    """Days with cost whose breakdown was not read, by connection, for the same breakdowns."""
    limits: Sequence[LimitReading] = ()
    left_unknown: Mapping[str, str] = field(default_factory=dict)
    """Why the balance of a connection is unknown, if it is."""
    byok: Mapping[str, Mapping[date, Decimal]] = field(default_factory=dict)
    """The estimated cost billed by others, by connection and day; not part of `days`."""
    hours: Mapping[str, KnownHours] = field(default_factory=dict)
    """What each connection used in each hour of the last weeks, if a channel has anomaly alerts."""
    expected: dict[tuple[Scope, BudgetPeriod], Decimal | None] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Cache of expected totals, because many rules share a scope."""
    forecast: dict[tuple[Scope, BudgetPeriod], Forecast | None] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Cache of forecasts with their range, which take longer."""

    def connection(self, name: str) -> Connection:
        """Return the configured connection of that name. Raises `KeyError`."""
        for connection in self.connections:
            if connection.name == name:
                return connection
        raise KeyError(name)


def spending_in_scope(scope: Scope, connections: Sequence[Connection]) -> tuple[Connection, ...]:
    """Return the connections that a scope's spend comes from. Those that report only a balance are
    left out, as in every total."""
    return tuple(c for c in in_scope(scope, connections) if c.reports_spend)


def by_name(items: Sequence[ItemFigure]) -> Mapping[str, Sequence[ItemFigure]]:
    """Return items by each of their names and ids, in lower case."""
    found: dict[str, list[ItemFigure]] = {}
    for item in items:
        for known in {known.casefold() for known in (item.name, item.item_id) if known}:
            found.setdefault(known, []).append(item)
    return found


def named_items(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Sequence[ItemFigure]:
    """Return the projects, keys, models, teams or channels with the scope's name in that period."""
    by = ITEM_KINDS.get(scope.kind)
    if by is None or scope.name is None:
        return ()
    return snapshot.items.get((period, by), {}).get(scope.name.casefold(), ())


def each_of(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Sequence[Scope]:
    """Return the people or teams that are configured, or the projects with spend in the period.
    Projects of one name count as one, as in a budget of that name."""
    match scope.name:
        case "person":
            return [Scope("person", name) for name in snapshot.people.names]
        case "team":
            return [Scope("team", name) for name in snapshot.teams.names]
        case _:
            found: dict[str, Scope] = {}
            for items in snapshot.items.get((period, "project"), {}).values():
                for name in (item.name or item.item_id for item in items):
                    if name:
                        found.setdefault(name.casefold(), Scope("project", name))
            return list(found.values())


def evaluated_from(
    scope: Scope, period: Period, snapshot: BudgetSnapshot
) -> tuple[Connection, ...]:
    """Return the connections that a scope's figures come from. For a project, key or model: those
    that have it, or all if none has it yet."""
    connections = spending_in_scope(scope, snapshot.connections)
    holders = {item.connection for item in named_items(scope, period, snapshot)}
    return tuple(c for c in connections if not holders or c.name in holders)


def actual(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Decimal | None:
    """Return a scope's spend in the period so far; None if any of it is stale or not known.

    `period` may reach into the future. The running day counts as far as it is published.
    """
    for connection in evaluated_from(scope, period, snapshot):
        if connection.charges_read_at is None or read_fault(scope, connection, snapshot):
            return None
    return last_read(scope, period, snapshot)


def last_read(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Decimal | None:
    """Like `actual`, but also from stale data. None if a past day is not known, or if no day is, as
    before the first day of the period is published."""
    so_far = period.clip(Period(date.min, utc_day(snapshot.now)))
    by = ITEM_KINDS.get(scope.kind)
    unread = snapshot.unread.get((period, by), {}) if by else {}
    for connection in evaluated_from(scope, period, snapshot):
        if not _is_covered(connection, so_far, snapshot):
            return None
        if any(day in so_far for day in unread.get(connection.name, ())):
            return None
    return _known(scope, period, snapshot)


def at_least(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Decimal | None:
    """Return the spend of the known days of the period, even if others are missing or stale; None
    if it is zero.

    Missing days can only add to it. (A credit on one of them lowers it, as any correction does.)
    """
    known = _known(scope, period, snapshot)
    return known if known is not None and known > 0 else None


def _known(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Decimal | None:
    if is_unknown_team(scope, snapshot):
        return None
    connections = evaluated_from(scope, period, snapshot)
    if not any(day in period for c in connections for day in snapshot.days.get(c.name, {})):
        return None
    if scope.kind in ITEM_KINDS:
        return sum((item.used for item in named_items(scope, period, snapshot)), Decimal(0))
    return sum(
        (
            used
            for connection in connections
            for day, used in snapshot.days.get(connection.name, {}).items()
            if day in period
        ),
        Decimal(0),
    )


def is_unknown_team(scope: Scope, snapshot: BudgetSnapshot) -> bool:
    """Return True for a team that isn't configured any more, so that nothing is known of it."""
    return scope.kind == "team" and snapshot.teams.called(scope.name or "") is None


def read_fault(scope: Scope, connection: Connection, snapshot: BudgetSnapshot) -> Fault | None:
    """Return why the scope's figures could not be read at the connection last; None if they were.
    Those of a key or person, or of a team with keys or users, also need that breakdown."""
    kind: str | None = scope.name if scope.kind == "each" else scope.kind
    if kind == "team":
        kind = snapshot.teams.of(connection.name).kind
    part = _PARTS.get(kind or "")
    return connection.fault("charges") or (connection.fault(part) if part else None)


def _is_covered(connection: Connection, past: Period, snapshot: BudgetSnapshot) -> bool:
    known = snapshot.days.get(connection.name, {})
    return connection.charges_read_at is not None and all(day in known for day in past)


def is_named(item: ItemFigure, name: str | None) -> bool:
    """Return True if a project, key or model has that name or id, ignoring case."""
    if name is None:
        return False
    wanted = name.casefold()
    return any(
        known is not None and known.casefold() == wanted for known in (item.name, item.item_id)
    )


def current_balance(connection: Connection, snapshot: BudgetSnapshot) -> BalanceReading | None:
    """Return the balance of a connection, if it was read recently and the last read did not
    fail."""
    found = snapshot.balances.get(connection.name)
    if found is None or connection.fault(required_part(found)) is not None:
        return None
    return found if snapshot.now - found.read_at <= READING_USABLE_FOR else None


def required_part(reading: BalanceReading) -> Part:
    """Return the part of the sync that must succeed for a balance to be known. A computed balance
    depends on charges."""
    return "charges" if reading.is_estimated else "balance"
