"""The figures that a rule is held against, from one look at the ledger; None where any is stale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.analysis.forecast import Forecast, Spending
from bot.analysis.hours import KnownHours
from bot.budgets.models import BudgetPeriod, Scope
from bot.db.models import LimitReading, Part
from bot.ledger.models import BalanceReading, By, Connection, ItemFigure
from providers.period import Period, utc_day

ITEM_KINDS: Mapping[str, By] = {"project": "project", "key": "key", "model": "model"}
READING_USABLE_FOR = timedelta(hours=24)
"""An older reading of a balance or a limit isn't evaluated."""


@dataclass(frozen=True, slots=True)
class BudgetSnapshot:
    """What rules are evaluated from: one consistent state of the ledger, read by `now`."""

    now: datetime
    connections: Sequence[Connection]
    days: Mapping[str, Mapping[date, Decimal]]
    """What each connection used on the covered days that habits are read from, and of today."""
    items: Mapping[tuple[Period, By], Mapping[str, Sequence[ItemFigure]]]
    """The breakdowns that these rules need: by id and by name, in lower case."""
    balances: Mapping[str, BalanceReading]
    burn: Mapping[str, Decimal]
    """A day's burn of each prepaid connection where it is known."""
    runs_out_on: Mapping[str, date]
    """The UTC day each such balance is used up; absent where nothing is being used."""
    spending: Mapping[str, Spending]
    """What forecasts of each connection are made from."""
    limits: Sequence[LimitReading] = ()
    left_unknown: Mapping[str, str] = field(default_factory=dict)
    """Why it is unknown what is left of a connection, where it is."""
    byok: Mapping[str, Mapping[date, Decimal]] = field(default_factory=dict)
    """The estimate of what others bill, by connection and day; no part of `days`."""
    hours: Mapping[str, KnownHours] = field(default_factory=dict)
    """What each connection used in single hours of the last weeks, where a channel has anomaly
    alerts."""
    expected: dict[tuple[Scope, BudgetPeriod], Decimal | None] = field(
        default_factory=dict, compare=False, repr=False
    )
    """What was worked out from this look already, as many rules share a scope."""
    forecast: dict[tuple[Scope, BudgetPeriod], Forecast | None] = field(
        default_factory=dict, compare=False, repr=False
    )
    """The same with its band, which takes longer."""

    def connection(self, name: str) -> Connection:
        """The configured connection of that name. Raises `KeyError`."""
        for connection in self.connections:
            if connection.name == name:
                return connection
        raise KeyError(name)


def in_scope(scope: Scope, connections: Sequence[Connection]) -> tuple[Connection, ...]:
    """The connections that a scope draws on."""
    return tuple(c for c in connections if scope.draws_on(c.name, c.provider))


def by_name(items: Sequence[ItemFigure]) -> Mapping[str, Sequence[ItemFigure]]:
    """Items under each name and id that they go by; case does not matter."""
    found: dict[str, list[ItemFigure]] = {}
    for item in items:
        for known in {known.casefold() for known in (item.name, item.item_id) if known}:
            found.setdefault(known, []).append(item)
    return found


def named_items(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Sequence[ItemFigure]:
    """What goes by a project's, key's or model's name in that period."""
    by = ITEM_KINDS.get(scope.kind)
    if by is None or scope.name is None:
        return ()
    return snapshot.items.get((period, by), {}).get(scope.name.casefold(), ())


def evaluated_from(
    scope: Scope, period: Period, snapshot: BudgetSnapshot
) -> tuple[Connection, ...]:
    """The connections that a scope's figures come from: of a project, key or model those that
    hold it, or all where none does yet."""
    connections = in_scope(scope, snapshot.connections)
    holders = {item.connection for item in named_items(scope, period, snapshot)}
    return tuple(c for c in connections if not holders or c.name in holders)


def actual(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Decimal | None:
    """What a scope used in the period so far; None where some of it is stale or not known.

    `period` may reach into the future. The running day counts as far as it is published.
    """
    by = ITEM_KINDS.get(scope.kind)
    connections = evaluated_from(scope, period, snapshot)
    if not all(is_read(c, by) for c in connections):
        return None
    return last_read(scope, period, snapshot)


def last_read(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Decimal | None:
    """The same as when it was last read, however long ago; None where a past day is not known, or
    where no day is: before the first day of the period is published, nothing is known of it."""
    so_far = period.clip(Period(date.min, utc_day(snapshot.now)))
    if not all(_is_covered(c, so_far, snapshot) for c in evaluated_from(scope, period, snapshot)):
        return None
    return _known(scope, period, snapshot)


def at_least(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Decimal | None:
    """Return what the known days of the period came to, though others are missing or stale; None
    where they came to nothing.

    Missing days can only add to it. (A credit on one of them lowers it, as any correction does.)
    """
    known = _known(scope, period, snapshot)
    return known if known is not None and known > 0 else None


def _known(scope: Scope, period: Period, snapshot: BudgetSnapshot) -> Decimal | None:
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


def is_read(connection: Connection, by: By | None) -> bool:
    """Return whether the last read of what that breakdown is made of succeeded."""
    if by == "key" and connection.fault("breakdown") is not None:
        return False
    return connection.charges_read_at is not None and connection.fault("charges") is None


def _is_covered(connection: Connection, past: Period, snapshot: BudgetSnapshot) -> bool:
    known = snapshot.days.get(connection.name, {})
    return connection.charges_read_at is not None and all(day in known for day in past)


def is_named(item: ItemFigure, name: str | None) -> bool:
    """Whether a project, key or model goes by that name or id; case does not matter."""
    if name is None:
        return False
    wanted = name.casefold()
    return any(
        known is not None and known.casefold() == wanted for known in (item.name, item.item_id)
    )


def reading(connection: Connection, snapshot: BudgetSnapshot) -> BalanceReading | None:
    """Its balance, where that was read lately and the last try to read it did not fail."""
    found = snapshot.balances.get(connection.name)
    if found is None or connection.fault(rests_on(found)) is not None:
        return None
    return found if snapshot.now - found.read_at <= READING_USABLE_FOR else None


def rests_on(found: BalanceReading) -> Part:
    """What must be read without a fault for a balance to be known: a computed one is as good as
    the charges it was computed from."""
    return "charges" if found.is_estimated else "balance"
