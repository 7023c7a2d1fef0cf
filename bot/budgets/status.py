"""The current state of a rule, for lists and for the answer to a change.

What could not be read now is shown as it was last read, and marked so; it is not evaluated.
"""

from datetime import datetime

from bot.analysis.forecast import crossing
from bot.budgets.figures import account, budget_figures, forecast, last_account
from bot.budgets.models import Budget, BudgetStatus, LowBalanceRule, budget_period
from bot.budgets.snapshot import BudgetSnapshot, at_least, in_scope, last_read, reading, rests_on
from bot.db.models import Part, Rule
from providers.period import utc_day


def budget_status(rule: Rule, snapshot: BudgetSnapshot) -> BudgetStatus:
    """The figures there are; where one is missing or not up to date, why."""
    if isinstance(rule.target, Budget):
        return _budget_standing(rule, rule.target, snapshot)
    return _low_balance_standing(rule, snapshot)


def _budget_standing(rule: Rule, target: Budget, snapshot: BudgetSnapshot) -> BudgetStatus:
    figures = budget_figures(rule, target, snapshot)
    if figures is None or figures.is_least:
        return _budget_when_last_read(rule, target, snapshot)
    expected = forecast(rule.scope, target, snapshot)
    return BudgetStatus(
        rule,
        actual=figures.actual,
        forecast=expected.expected if expected else None,
        forecast_low=expected.low if expected else None,
        forecast_high=expected.high if expected else None,
        crossing_on=crossing(target.amount, expected).likely
        if expected and figures.actual < target.amount
        else None,
        as_of=_read_at(rule, snapshot),
    )


def _budget_when_last_read(rule: Rule, target: Budget, snapshot: BudgetSnapshot) -> BudgetStatus:
    period = budget_period(target.period, utc_day(snapshot.now))
    used = last_read(rule.scope, period, snapshot)
    least = at_least(rule.scope, period, snapshot) if used is None else None
    at = None if used is None and least is None else _read_at(rule, snapshot)
    return BudgetStatus(
        rule, actual=used, at_least=least, as_of=at, reason=_why_unknown(rule, snapshot)
    )


def _read_at(rule: Rule, snapshot: BudgetSnapshot) -> datetime | None:
    read = [c.charges_read_at for c in in_scope(rule.scope, snapshot.connections)]
    return min((at for at in read if at is not None), default=None)


def _low_balance_standing(rule: Rule, snapshot: BudgetSnapshot) -> BudgetStatus:
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
    """The first thing that is wrong with a connection in scope, and its fix."""
    for connection in in_scope(rule.scope, snapshot.connections):
        if isinstance(rule.target, LowBalanceRule) and connection.billing == "postpaid":
            continue
        part = _rests_on(rule, connection.name, snapshot)
        fault = connection.fault(part)
        if fault is not None:
            return f"{fault.message.rstrip('.')}. {fault.remedy}"
        if connection.charges_read_at is None:
            return f"{connection.title} has not been read yet."
        if isinstance(rule.target, LowBalanceRule) and reading(connection, snapshot) is None:
            why = snapshot.left_unknown.get(connection.name)
            return why or f"{connection.title}'s balance has not been read lately."
    return "Some days of the period are not known yet."


def _rests_on(rule: Rule, connection: str, snapshot: BudgetSnapshot) -> Part:
    if isinstance(rule.target, Budget):
        return "charges"
    found = snapshot.balances.get(connection)
    return "balance" if found is None else rests_on(found)
