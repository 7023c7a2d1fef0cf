"""Where a rule stands: its figures as of one look at the books, None where any is not known."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from bot.analysis.forecast import Forecast, Spending, expectation, forecast_sum
from bot.budgets.models import (
    BalanceFigures,
    Budget,
    BudgetFigures,
    LowBalanceRule,
    Scope,
    budget_period,
)
from bot.budgets.snapshot import BudgetSnapshot, actual, at_least, in_scope, reading
from bot.db.models import Alert, Rule
from bot.ledger.models import BalanceReading, Connection
from providers.period import Period, utc_day

WHOLE_CONNECTIONS = ("all", "provider", "connection")


def budget_figures(rule: Rule, target: Budget, snapshot: BudgetSnapshot) -> BudgetFigures | None:
    """What the rule's lines are held against; the forecast only where the rule asks for it.

    Where days are missing it is what the known days came to, if they came to anything.
    """
    period = budget_period(target.period, utc_day(snapshot.now))
    spent = actual(rule.scope, period, snapshot)
    if spent is None:
        least = at_least(rule.scope, period, snapshot)
        return BudgetFigures(least, None, is_least=True) if least is not None else None
    expected = expect(rule.scope, target, snapshot) if target.forecast_thresholds else None
    return BudgetFigures(spent, expected)


def expect(scope: Scope, target: Budget, snapshot: BudgetSnapshot) -> Decimal | None:
    """Where the present period is expected to end; None where that is too uncertain to warn by."""
    if scope.kind not in WHOLE_CONNECTIONS:
        return None
    asked = (scope, target.period)
    if asked not in snapshot.expected:
        snapshot.expected[asked] = expectation(*_known(scope, target, snapshot))
    return snapshot.expected[asked]


def forecast(scope: Scope, target: Budget, snapshot: BudgetSnapshot) -> Forecast | None:
    """Where the present period will end, with a band; None where that cannot be said."""
    if scope.kind not in WHOLE_CONNECTIONS:
        return None
    asked = (scope, target.period)
    if asked not in snapshot.forecast:
        snapshot.forecast[asked] = forecast_sum(*_known(scope, target, snapshot))
    return snapshot.forecast[asked]


def _known(
    scope: Scope, target: Budget, snapshot: BudgetSnapshot
) -> tuple[Sequence[Spending], Period, datetime]:
    """What forecasts of the present period are made from, the period and the moment."""
    parts = [snapshot.spending[each.name] for each in in_scope(scope, snapshot.connections)]
    return parts, budget_period(target.period, utc_day(snapshot.now)), snapshot.now


def balance_figures(
    rule: Rule, target: LowBalanceRule, snapshot: BudgetSnapshot
) -> BalanceFigures | None:
    """Return the reading that a low-balance rule is compared with: of several accounts, the one
    with the least left."""
    found = account(rule.scope, snapshot)
    if found is None:
        return None
    _, balance = found
    days: int | None = None
    if target.days is not None:
        burn = snapshot.burn.get(balance.connection)
        if burn is None:
            return None
        end = snapshot.runs_out_on.get(balance.connection)
        days = None if end is None else (end - utc_day(snapshot.now)).days
    return BalanceFigures(balance.remaining, days, balance.total_credits)


def account(scope: Scope, snapshot: BudgetSnapshot) -> tuple[Connection, BalanceReading] | None:
    """The scope's connection with the least left, and its reading; None unless all are read."""
    return _least(scope, snapshot, lambda connection: reading(connection, snapshot))


def last_account(
    scope: Scope, snapshot: BudgetSnapshot
) -> tuple[Connection, BalanceReading] | None:
    """The same by the last readings there are, however old; None where one was never read."""
    return _least(scope, snapshot, lambda connection: snapshot.balances.get(connection.name))


def _least(
    scope: Scope, snapshot: BudgetSnapshot, read: Callable[[Connection], BalanceReading | None]
) -> tuple[Connection, BalanceReading] | None:
    accounts = [c for c in in_scope(scope, snapshot.connections) if c.billing == "prepaid"]
    readings = [(c, read(c)) for c in accounts]
    known = [(c, balance) for c, balance in readings if balance is not None]
    if not known or len(known) < len(readings):
        return None
    return min(known, key=lambda each: each[1].remaining)


def figure_now(
    rule: Rule, episode: Alert, snapshot: BudgetSnapshot
) -> tuple[Decimal | None, Decimal | None]:
    """The actual spend or what is left as of now, and what was bought since the crossing."""
    if isinstance(rule.target, Budget):
        period = budget_period(rule.target.period, utc_day(snapshot.now))
        return actual(rule.scope, period, snapshot), None
    found = account(rule.scope, snapshot)
    if found is None:
        return None, None
    balance = found[1]
    before = episode.credits_at_crossing
    bought = None if before is None else balance.total_credits - before
    return balance.remaining, bought if bought is not None and bought > 0 else None
