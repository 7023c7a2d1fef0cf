"""A rule's figures in one snapshot of the ledger: the same for its evaluation and for display."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from bot.analysis.forecast import Forecast, Spending, crossing, expectation, forecast_sum
from bot.budgets.models import (
    BalanceStatus,
    Budget,
    BudgetPeriod,
    BudgetStatus,
    LowBalanceRule,
    RuleStatus,
    budget_period,
)
from bot.budgets.snapshot import (
    BudgetSnapshot,
    actual,
    at_least,
    is_unknown_team,
    last_read,
    reading,
    required_part,
    spending_in_scope,
)
from bot.db.models import Part, Rule
from bot.ledger.models import BalanceReading, Connection, in_scope
from bot.scope import Scope
from providers.period import Period, utc_day

T = TypeVar("T")
WHOLE_CONNECTIONS = ("all", "provider", "connection")


def rule_status(rule: Rule, snapshot: BudgetSnapshot) -> RuleStatus:
    """Return the current figures of a rule, and why one is missing or out of date.

    What can't be read now is as last read, with a reason. The forecast is computed only if a
    threshold needs it, without its slow range, and is None if it is too uncertain for a warning.
    """
    target = rule.target
    if isinstance(target, LowBalanceRule):
        return _balance_status(rule, target, snapshot)
    return budget_status(rule, target, snapshot)


def budget_status(rule: Rule, target: Budget, snapshot: BudgetSnapshot) -> BudgetStatus:
    """Return what a budget's spend is, at least is, or why it is unknown."""
    period = budget_period(target.period, utc_day(snapshot.now))
    status = BudgetStatus(rule, target, period, as_of=_read_at(rule, snapshot))
    spent = actual(rule.scope, period, snapshot)
    if spent is not None:
        expected = _expect(rule.scope, target, snapshot) if target.forecast_thresholds else None
        return replace(status, actual=spent, forecast=expected)
    spent, least = last_read(rule.scope, period, snapshot), None
    if spent is None:
        least = at_least(rule.scope, period, snapshot)
    return replace(
        status,
        actual=spent,
        at_least=least,
        as_of=None if spent is None and least is None else status.as_of,
        reason=_why_unknown(rule, snapshot),
    )


def with_forecast(status: RuleStatus, snapshot: BudgetSnapshot) -> RuleStatus:
    """Add the forecast and its range, also if it is too uncertain for a warning."""
    return budget_with_forecast(status, snapshot) if isinstance(status, BudgetStatus) else status


def budget_with_forecast(status: BudgetStatus, snapshot: BudgetSnapshot) -> BudgetStatus:
    """Add a budget's forecast and its range. A spend that is only a minimum has no forecast."""
    found = None if status.is_least else _forecast(status.rule.scope, status.target, snapshot)
    if found is None:
        return replace(status, forecast=None)
    amount = status.target.amount
    is_reached = status.actual is None or status.actual >= amount
    return replace(
        status,
        forecast=found.expected,
        forecast_low=found.low,
        forecast_high=found.high,
        crossing_on=None if is_reached else crossing(amount, found),
    )


def _expect(scope: Scope, target: Budget, snapshot: BudgetSnapshot) -> Decimal | None:
    """Return the expected total of the current period; None if it is too uncertain for a
    warning."""
    return _forecast_by(expectation, snapshot.expected, scope, target, snapshot)


def _forecast(scope: Scope, target: Budget, snapshot: BudgetSnapshot) -> Forecast | None:
    return _forecast_by(forecast_sum, snapshot.forecast, scope, target, snapshot)


def _forecast_by(
    compute: Callable[[Sequence[Spending], Period, datetime], T | None],
    known: dict[tuple[Scope, BudgetPeriod], T | None],
    scope: Scope,
    target: Budget,
    snapshot: BudgetSnapshot,
) -> T | None:
    if scope.kind not in WHOLE_CONNECTIONS:
        return None
    asked = (scope, target.period)
    if asked not in known:
        spending = spending_in_scope(scope, snapshot.connections)
        parts = [snapshot.spending[each.name] for each in spending]
        period = budget_period(target.period, utc_day(snapshot.now))
        known[asked] = compute(parts, period, snapshot.now)
    return known[asked]


def account(rule: Rule, snapshot: BudgetSnapshot) -> tuple[Connection, BalanceReading] | None:
    """Return the connection with the least left that a low-balance rule is about, and its reading;
    None unless all are known."""
    return _least(rule, snapshot, lambda connection: reading(connection, snapshot))


def _least(
    rule: Rule, snapshot: BudgetSnapshot, read: Callable[[Connection], BalanceReading | None]
) -> tuple[Connection, BalanceReading] | None:
    """An amount is compared only with balances in its own currency."""
    accounts = [c for c in in_scope(rule.scope, snapshot.connections) if c.billing == "prepaid"]
    readings = [(c, read(c)) for c in accounts]
    known = [(c, balance) for c, balance in readings if balance is not None]
    if len(known) < len(readings):
        return None
    if rule.low_balance_dollars is not None:
        known = [each for each in known if each[1].currency == rule.low_balance_currency]
    return min(known, key=lambda each: each[1].remaining, default=None)


def _read_at(rule: Rule, snapshot: BudgetSnapshot) -> datetime | None:
    read = [c.charges_read_at for c in spending_in_scope(rule.scope, snapshot.connections)]
    return min((at for at in read if at is not None), default=None)


def _balance_status(rule: Rule, target: LowBalanceRule, snapshot: BudgetSnapshot) -> BalanceStatus:
    found = account(rule, snapshot)
    reason = None if found is not None else _why_unknown(rule, snapshot)
    last = found or _least(rule, snapshot, lambda each: snapshot.balances.get(each.name))
    if last is None:
        return BalanceStatus(rule, target, reason=reason)
    connection, balance = last
    burn, end = snapshot.burn.get(connection.name), snapshot.runs_out_on.get(connection.name)
    return BalanceStatus(
        rule,
        target,
        connection=connection.name,
        remaining=balance.remaining,
        currency=balance.currency,
        burn_per_day=burn,
        runs_out_on=end,
        runway_days=None if end is None else (end - utc_day(snapshot.now)).days,
        total_credits=balance.total_credits,
        is_estimated=balance.is_estimated,
        as_of=balance.read_at,
        reason=reason,
    )


def _why_unknown(rule: Rule, snapshot: BudgetSnapshot) -> str:
    """Return the first problem of a connection in scope."""
    if is_unknown_team(rule.scope, snapshot):
        return "aicost.toml has no such team any more."
    for connection in in_scope(rule.scope, snapshot.connections):
        if isinstance(rule.target, LowBalanceRule) and connection.billing == "postpaid":
            continue
        part = _rests_on(rule, connection.name, snapshot)
        fault = connection.fault(part)
        if fault is not None:
            return f"{fault.message.rstrip('.')}. For the fix, see `/aicost status`."
        if connection.charges_read_at is None and connection.reports_spend:
            return f"No data from {connection.title} yet."
        if isinstance(rule.target, LowBalanceRule):
            balance = reading(connection, snapshot)
            if balance is None:
                why = snapshot.left_unknown.get(connection.name)
                return why or f"{connection.title}'s balance hasn't been read recently."
            if balance.currency != rule.low_balance_currency:
                return f"The balance is in {balance.currency} now. Set this alert again."
    return "Some days of the period are not known yet."


def _rests_on(rule: Rule, connection: str, snapshot: BudgetSnapshot) -> Part:
    if isinstance(rule.target, Budget):
        return "charges"
    found = snapshot.balances.get(connection)
    return "balance" if found is None else required_part(found)
