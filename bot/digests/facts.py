"""What a digest is built from: one consistent state of the ledger, limited to a scope,
and the budgets as they are now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from bot.analysis.drivers import Change
from bot.analysis.seasonality import History
from bot.budgets.models import Budget, BudgetStatus, budget_period
from bot.budgets.snapshot import ITEM_KINDS
from bot.db.models import Restatement, Rule
from bot.ledger.models import Connection, DayFigure, ExpiringKey, ItemFigure, in_scope
from bot.reports.models import Summary
from bot.scope import Scope
from providers.money import total
from providers.period import DAY, Period, midnight


@dataclass(frozen=True, slots=True)
class BudgetSpending:
    """A budget, and what its project, key or model used. For whole connections, see the days."""

    rule: Rule
    target: Budget
    items: Sequence[ItemFigure]
    """Spend in the budget's period up to the last finished day, of the items with its name."""
    unread: Collection[str] = ()
    """Connections with days in it whose breakdown was not read."""
    current: BudgetStatus | None = None
    """What every other message shows now, today included, if its period isn't over."""


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """Facts about a scope at one moment."""

    now: datetime
    scope: Scope
    period: Period
    before: Period
    summary: Summary
    """The period's summary over the connections in scope: their state and balances."""
    connections: Sequence[Connection]
    """The connections in scope."""
    everything: Sequence[Connection]
    days: Sequence[DayFigure]
    """All connections, the last `HABIT_DAYS` (400) days."""
    items: Sequence[ItemFigure]
    """By model, over the period."""
    items_before: Sequence[ItemFigure]
    restatements: Sequence[Restatement]
    """Those found since the digest before, newest first."""
    budgets: Sequence[BudgetSpending]
    recap_month: Period | None
    recap_restatements: Sequence[Restatement]
    """Those found since that month ended, newest first."""
    change: Change | None = None
    """The causes of the change from `before` to `period`; None if it can't be compared."""
    expiring_keys: Sequence[ExpiringKey] = ()
    """Keys in use of these connections that expire soon, soonest first."""


class KnownDays:
    """The known days of each connection, within a scope."""

    def __init__(self, days: Sequence[DayFigure]) -> None:
        self._used: dict[str, dict[date, Decimal]] = {}
        self._finished: dict[str, set[date]] = {}
        for figure in days:
            self._used.setdefault(figure.connection, {})[figure.day] = figure.used
            if figure.last_read_at >= midnight(figure.day + DAY):
                self._finished.setdefault(figure.connection, set()).add(figure.day)

    def used(self, connection: str, period: Period) -> Decimal | None:
        """Return the spend; None if a day is not known."""
        days = self._used.get(connection, {})
        if not all(day in days for day in period):
            return None
        return total(days[day] for day in period)

    def sum(self, connections: Sequence[Connection], period: Period) -> Decimal | None:
        """Return the sum over the connections; None if a day of one is not known, or if there are
        none."""
        parts = [self.used(each.name, period) for each in connections]
        known = [part for part in parts if part is not None]
        return total(known) if known and len(known) == len(parts) else None

    def at_least(self, connections: Sequence[Connection], period: Period) -> Decimal | None:
        """Return the sum over the known days, also those of incomplete connections; None if no day
        is known."""
        known = [
            used
            for each in connections
            for day, used in self._used.get(each.name, {}).items()
            if day in period
        ]
        return total(known) if known else None

    def missing(self, connection: str, period: Period) -> tuple[date, ...]:
        """Return the days that are not known."""
        days = self._used.get(connection, {})
        return tuple(day for day in period if day not in days)

    def unfinished(self, connection: str, period: Period) -> tuple[date, ...]:
        """Return the known days that were last read before they had ended."""
        days = self._used.get(connection, {})
        finished = self._finished.get(connection, set())
        return tuple(day for day in period if day in days and day not in finished)

    def is_finished(self, connection: str, period: Period) -> bool:
        """Return True if each day is known and was read after it had ended."""
        return all(day in self._finished.get(connection, ()) for day in period)

    def first(self, connection: str) -> date | None:
        """Return the first known day."""
        return min(self._used.get(connection, {}), default=None)

    def history(self, connections: Sequence[Connection], before: date) -> History:
        """Return the sum on each finished day that is known for all of them."""
        finished = [self._finished.get(each.name, set()) for each in connections]
        if not finished:
            return ()
        common = sorted(day for day in set.intersection(*finished) if day < before)
        return tuple(
            (day, total(self._used[each.name][day] for each in connections)) for day in common
        )


def drawn_on(scope: Scope, facts: DigestFacts) -> Sequence[Connection]:
    """Return the connections that a budget's scope may include, of all connections."""
    return in_scope(scope, facts.everything)


NEAR = Decimal("0.8")
"""Share of a budget from which a digest mentions it on any day."""


def budget_concerns(scope: Scope, rule: Rule, providers: dict[str, str]) -> bool:
    """Return True if a rule is a budget within a digest's scope.

    `providers` has the provider of each connection.
    """
    if not isinstance(rule.target, Budget) or rule.scope.kind == "each":
        return False  # a channel's report names nobody: the alerts do
    if scope.kind == "all" or rule.scope == scope:
        return True
    if scope.kind == "provider" and rule.scope.kind == "connection":
        return providers.get(rule.scope.name or "") == scope.name
    return False


def budget_window(target: Budget, period: Period) -> Period:
    """Return the days, up to the last finished one, of the budget period that contains it."""
    return Period(budget_period(target.period, period.end - DAY).start, period.end)


def budget_statuses(
    facts: DigestFacts, budgets: Sequence[BudgetSpending]
) -> tuple[BudgetStatus, ...]:
    """Return each budget once, even if several channels have it; the digest's own scope first."""
    known = KnownDays(facts.days)
    found: dict[tuple[Scope, str, Decimal], BudgetStatus] = {}
    for each in budgets:
        key = (each.rule.scope, each.target.period, each.target.amount)
        if key not in found:
            found[key] = _status(each, facts, known)
    return tuple(sorted(found.values(), key=lambda one: one.rule.scope != facts.scope))


def is_worth_a_word(status: BudgetStatus) -> bool:
    """Return True if it is near or over its amount, or forecast to be."""
    if status.share >= NEAR:
        return True
    return status.forecast is not None and status.forecast >= status.target.amount


def _status(budget: BudgetSpending, facts: DigestFacts, known: KnownDays) -> BudgetStatus:
    target, scope = budget.target, budget.rule.scope
    days = budget_window(target, facts.period)
    period = budget_period(target.period, facts.period.end - DAY)
    if budget.current is not None and budget.current.period == period:
        return budget.current
    status = BudgetStatus(budget.rule, target, period)
    connections = drawn_on(scope, facts)
    if scope.kind in ITEM_KINDS:
        holders = {item.connection for item in budget.items}
        connections = [each for each in connections if not holders or each.name in holders]
        is_known = known.sum(connections, days) is not None
        is_known = is_known and not any(each.name in budget.unread for each in connections)
        used = total(item.used for item in budget.items)
        if is_known:
            return replace(status, actual=used)
        return replace(status, at_least=used if used > 0 else None)
    actual, least = known.sum(connections, days), known.at_least(connections, days)
    is_least = actual is None and least is not None and least > 0
    return replace(status, actual=actual, at_least=least if is_least else None)
