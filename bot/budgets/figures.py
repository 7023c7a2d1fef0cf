"""A rule's figures in one snapshot of the ledger: the same for its evaluation and for display."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from bot.access.models import EVERYTHING, VisibilityScope
from bot.analysis.forecast import Forecast, Spending, crossing, expectation, forecast_sum
from bot.budgets.models import (
    BalanceStatus,
    Budget,
    BudgetPeriod,
    BudgetStatus,
    Facts,
    LowBalanceFacts,
    LowBalanceRule,
    LowestBalance,
    RuleStatus,
    budget_period,
)
from bot.budgets.snapshot import (
    BudgetSnapshot,
    actual,
    at_least,
    current_balance,
    each_of,
    is_unknown_team,
    last_read,
    required_part,
    spending_in_scope,
)
from bot.db.models import Part, Rule
from bot.ledger.models import BalanceReading, in_scope
from bot.scope import Scope
from providers.period import Period, utc_day

T = TypeVar("T")
WHOLE_CONNECTIONS = ("all", "provider", "connection")
NO_ACCOUNT = "The configuration has no such prepaid account any more."

_NOBODY = {
    "person": "aicost.toml names no people: add [[person]].",
    "team": "aicost.toml has no teams: add [[team]].",
}


def rule_status(
    rule: Rule, snapshot: BudgetSnapshot, visibility: VisibilityScope = EVERYTHING
) -> RuleStatus:
    """Return the current figures of a rule, and why one is missing or out of date. Of a budget for
    each person, team or project: those of the visible one that used most; of a low-balance rule,
    those of the account with the least left.

    What can't be read now is as last read, with a reason. The forecast is computed only if a
    threshold needs it, without its slow range, and is None if it is too uncertain for a warning.
    """
    target = rule.target
    if isinstance(target, LowBalanceRule):
        return _lowest(rule, target, snapshot)
    if rule.scope.kind == "each":
        return _fullest(rule, target, snapshot, visibility)
    return budget_status(rule, target, snapshot)


def alert_status(
    rule: Rule, facts: Facts, snapshot: BudgetSnapshot, visibility: VisibilityScope = EVERYTHING
) -> RuleStatus:
    """Return `rule_status`; of an alert about a low balance, the figures of its own account."""
    target = rule.target
    if isinstance(target, LowBalanceRule) and isinstance(facts, LowBalanceFacts):
        return account_status(rule, target, snapshot, facts.connection)
    return rule_status(rule, snapshot, visibility)


def each_status(rule: Rule, target: Budget, snapshot: BudgetSnapshot) -> Sequence[BudgetStatus]:
    """Return the figures of each person, team or project of such a budget."""
    period = budget_period(target.period, utc_day(snapshot.now))
    items = each_of(rule.scope, period, snapshot)
    return [budget_status(rule, target, snapshot, item) for item in items]


def _fullest(
    rule: Rule, target: Budget, snapshot: BudgetSnapshot, visibility: VisibilityScope
) -> BudgetStatus:
    pairs = [(each.name, each.provider) for each in snapshot.connections]
    seen = [
        each
        for each in each_status(rule, target, snapshot)
        if visibility.sees_scope(each.scope, pairs)
    ]
    if not seen:
        period = budget_period(target.period, utc_day(snapshot.now))
        reason = _NOBODY.get(rule.scope.name or "", "No project has any spend in this period yet.")
        return BudgetStatus(rule, target, period, reason=reason)
    over = sum(each.share >= 1 for each in seen)
    return replace(max(seen, key=lambda each: each.share), over=over, items=len(seen))


def budget_status(
    rule: Rule, target: Budget, snapshot: BudgetSnapshot, item: Scope | None = None
) -> BudgetStatus:
    """Return what a budget's spend is, at least is, or why it is unknown. `item`: whose, if it is
    for each person, team or project."""
    period = budget_period(target.period, utc_day(snapshot.now))
    scope = item or rule.scope
    status = BudgetStatus(rule, target, period, as_of=_read_at(rule, snapshot), item=item)
    spent = actual(scope, period, snapshot)
    if spent is not None:
        expected = _expect(scope, target, snapshot) if target.forecast_thresholds else None
        return replace(status, actual=spent, forecast=expected)
    spent, least = last_read(scope, period, snapshot), None
    if spent is None:
        least = at_least(scope, period, snapshot)
    return replace(
        status,
        actual=spent,
        at_least=least,
        as_of=None if spent is None and least is None else status.as_of,
        reason=_why_unknown(rule, rule.scope, snapshot),
    )


def with_forecast(status: RuleStatus, snapshot: BudgetSnapshot) -> RuleStatus:
    """Add the forecast and its range, also if it is too uncertain for a warning."""
    return budget_with_forecast(status, snapshot) if isinstance(status, BudgetStatus) else status


def budget_with_forecast(status: BudgetStatus, snapshot: BudgetSnapshot) -> BudgetStatus:
    """Add a budget's forecast and its range. A spend that is only a minimum has no forecast."""
    found = None if status.is_least else _forecast(status.scope, status.target, snapshot)
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
    key = (scope, target.period)
    if key not in known:
        spending = spending_in_scope(scope, snapshot.connections)
        parts = [snapshot.spending[each.name] for each in spending]
        period = budget_period(target.period, utc_day(snapshot.now))
        known[key] = compute(parts, period, snapshot.now)
    return known[key]


def _read_at(rule: Rule, snapshot: BudgetSnapshot) -> datetime | None:
    read = [c.charges_read_at for c in spending_in_scope(rule.scope, snapshot.connections)]
    return min((at for at in read if at is not None), default=None)


def account_names(rule: Rule, snapshot: BudgetSnapshot) -> Sequence[str]:
    """Return the connections of the prepaid accounts that a low-balance rule covers."""
    return [c.name for c in in_scope(rule.scope, snapshot.connections) if c.billing == "prepaid"]


def account_status(
    rule: Rule, target: LowBalanceRule, snapshot: BudgetSnapshot, name: str
) -> BalanceStatus:
    """Return the figures of one account of a low-balance rule, by its connection. An amount is
    compared only with a balance in its own currency."""
    names = account_names(rule, snapshot)
    if name not in names:
        return BalanceStatus(rule, target, connection=name, reason=NO_ACCOUNT, is_gone=True)
    connection = snapshot.connection(name)
    status = BalanceStatus(
        rule,
        target,
        connection=name,
        account=connection.title if len(names) > 1 else "",
        currency=target.currency,
    )
    current = current_balance(connection, snapshot)
    if current is None or not _is_comparable(target, current):
        status = replace(status, reason=_why_unknown(rule, Scope("connection", name), snapshot))
    balance = current or snapshot.balances.get(name)
    if balance is None:
        return status
    if not _is_comparable(target, balance):
        return replace(status, currency=balance.currency)
    left = snapshot.left[name]
    end = left.runs_out_on
    return replace(
        status,
        remaining=balance.remaining,
        currency=balance.currency,
        burn_per_day=left.burn_per_day,
        runs_out_on=end,
        runs_out_earliest=left.runs_out_earliest,
        runs_out_latest=left.runs_out_latest,
        runway_days=None if end is None else (end - utc_day(snapshot.now)).days,
        total_credits=balance.total_credits,
        is_estimated=balance.is_estimated,
        as_of=balance.read_at,
    )


def _is_comparable(target: LowBalanceRule, balance: BalanceReading) -> bool:
    return target.dollars is None or balance.currency == target.currency


def _lowest(rule: Rule, target: LowBalanceRule, snapshot: BudgetSnapshot) -> BalanceStatus:
    """Return the figures of the account with the least left: in money or, if the rule is about
    days, of the one that runs out first. What is not known, or in another currency than the
    rule's, isn't compared unless all are."""
    names = account_names(rule, snapshot)
    every = [account_status(rule, target, snapshot, name) for name in names]
    if not every:
        return BalanceStatus(rule, target, reason=NO_ACCOUNT, is_gone=True)
    lowest = min(every, key=_left)
    others = tuple(each for each in every if each is not lowest and each.reason is not None)
    if not others:
        return lowest
    own = {each.name: getattr(lowest, each.name) for each in fields(lowest)}
    return LowestBalance(**own, others=others)


def _left(status: BalanceStatus) -> tuple[Decimal, date]:
    """Return a sort key that puts what can't be compared last."""
    if status.remaining is None:
        return Decimal("Infinity"), date.max
    in_money = Decimal(0) if status.target.dollars is None else status.remaining
    return in_money, status.runs_out_on or date.max


def _why_unknown(rule: Rule, scope: Scope, snapshot: BudgetSnapshot) -> str:
    """Return the first problem of a connection in the scope: the rule's, or one account of it."""
    if is_unknown_team(scope, snapshot):
        return "aicost.toml has no such team any more."
    for connection in in_scope(scope, snapshot.connections):
        if isinstance(rule.target, LowBalanceRule) and connection.billing == "postpaid":
            continue
        part = _rests_on(rule, connection.name, snapshot)
        fault = connection.fault(part)
        if fault is not None:
            return f"{fault.message.rstrip('.')}. For the fix, see `/aicost status`."
        if connection.charges_read_at is None and connection.reports_spend:
            return f"No data from {connection.title} yet."
        if isinstance(rule.target, LowBalanceRule):
            balance = current_balance(connection, snapshot)
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
