"""A rule's figures in one snapshot of the ledger, for evaluation and display."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from bot.analysis.forecast import Forecast, Spending, crossing, expectation, forecast_sum
from bot.budgets.models import (
    BalanceFigures,
    Budget,
    BudgetFigures,
    BudgetPeriod,
    BudgetStatus,
    LowBalanceRule,
    budget_period,
)
from bot.budgets.snapshot import (
    BudgetSnapshot,
    actual,
    at_least,
    in_scope,
    last_read,
    reading,
    required_part,
)
from bot.db.models import Alert, Part, Rule
from bot.ledger.models import BalanceReading, Connection
from bot.scope import Scope
from providers.period import Period, utc_day

T = TypeVar("T")
WHOLE_CONNECTIONS = ("all", "provider", "connection")


def budget_figures(rule: Rule, target: Budget, snapshot: BudgetSnapshot) -> BudgetFigures | None:
    """Return the figures that the rule is compared with; a forecast only if the rule needs one.

    If days are missing, the figures are the minimum from the known days, if that is above zero.
    """
    period = budget_period(target.period, utc_day(snapshot.now))
    spent = actual(rule.scope, period, snapshot)
    if spent is None:
        least = at_least(rule.scope, period, snapshot)
        return BudgetFigures(least, None, is_least=True) if least is not None else None
    expected = expect(rule.scope, target, snapshot) if target.forecast_thresholds else None
    return BudgetFigures(spent, expected)


def expect(scope: Scope, target: Budget, snapshot: BudgetSnapshot) -> Decimal | None:
    """Return the expected total of the current period; None if it is too uncertain for a
    warning."""
    return _forecast_by(expectation, snapshot.expected, scope, target, snapshot)


def forecast(scope: Scope, target: Budget, snapshot: BudgetSnapshot) -> Forecast | None:
    """Return the forecast of the current period with its range; None if there is none."""
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
        parts = [snapshot.spending[each.name] for each in in_scope(scope, snapshot.connections)]
        period = budget_period(target.period, utc_day(snapshot.now))
        known[asked] = compute(parts, period, snapshot.now)
    return known[asked]


def balance_figures(
    rule: Rule, target: LowBalanceRule, snapshot: BudgetSnapshot
) -> BalanceFigures | None:
    """Return the reading that a low-balance rule is compared with: the account with the least
    left."""
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
    """Return the scope's connection with the least left, and its reading; None unless all are
    known."""
    return _least(scope, snapshot, lambda connection: reading(connection, snapshot))


def last_account(
    scope: Scope, snapshot: BudgetSnapshot
) -> tuple[Connection, BalanceReading] | None:
    """Return the same from the last readings, however old; None if any was never read."""
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
    """Return the current spend or remaining balance, and what was bought since the crossing."""
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


def budget_status(rule: Rule, snapshot: BudgetSnapshot) -> BudgetStatus:
    """Return the current figures of a rule, and why one is missing or out of date.

    What can't be read now is shown as last read, and marked. It isn't evaluated.
    """
    target = rule.target
    if isinstance(target, LowBalanceRule):
        return _low_balance_status(rule, snapshot)
    period = budget_period(target.period, utc_day(snapshot.now))
    spent = actual(rule.scope, period, snapshot)
    if spent is None:
        spent = last_read(rule.scope, period, snapshot)
        least = at_least(rule.scope, period, snapshot) if spent is None else None
        read_at = None if spent is None and least is None else _read_at(rule, snapshot)
        reason = _why_unknown(rule, snapshot)
        return BudgetStatus(rule, actual=spent, at_least=least, as_of=read_at, reason=reason)
    status = BudgetStatus(rule, actual=spent, as_of=_read_at(rule, snapshot))
    expected = forecast(rule.scope, target, snapshot)
    if expected is None:
        return status
    return replace(
        status,
        forecast=expected.expected,
        forecast_low=expected.low,
        forecast_high=expected.high,
        crossing_on=crossing(target.amount, expected) if spent < target.amount else None,
    )


def _read_at(rule: Rule, snapshot: BudgetSnapshot) -> datetime | None:
    read = [c.charges_read_at for c in in_scope(rule.scope, snapshot.connections)]
    return min((at for at in read if at is not None), default=None)


def _low_balance_status(rule: Rule, snapshot: BudgetSnapshot) -> BudgetStatus:
    found = account(rule.scope, snapshot)
    reason = None if found is not None else _why_unknown(rule, snapshot)
    last = found or last_account(rule.scope, snapshot)
    if last is None:
        return BudgetStatus(rule, reason=reason)
    connection, balance = last
    return BudgetStatus(
        rule,
        left=balance.remaining,
        runs_out_on=snapshot.runs_out_on.get(connection.name),
        as_of=balance.read_at,
        reason=reason,
    )


def _why_unknown(rule: Rule, snapshot: BudgetSnapshot) -> str:
    """Return the first problem of a connection in scope."""
    for connection in in_scope(rule.scope, snapshot.connections):
        if isinstance(rule.target, LowBalanceRule) and connection.billing == "postpaid":
            continue
        part = _rests_on(rule, connection.name, snapshot)
        fault = connection.fault(part)
        if fault is not None:
            return f"{fault.message.rstrip('.')}. For the fix, see `/aicost status`."
        if connection.charges_read_at is None:
            return f"No data from {connection.title} yet."
        if isinstance(rule.target, LowBalanceRule) and reading(connection, snapshot) is None:
            why = snapshot.left_unknown.get(connection.name)
            return why or f"{connection.title}'s balance hasn't been read recently."
    return "Some days of the period are not known yet."


def _rests_on(rule: Rule, connection: str, snapshot: BudgetSnapshot) -> Part:
    if isinstance(rule.target, Budget):
        return "charges"
    found = snapshot.balances.get(connection)
    return "balance" if found is None else required_part(found)
