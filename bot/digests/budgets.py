"""Budgets as of the end of the last finished day."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.analysis.forecast import forecast_sum
from bot.budgets.models import Budget, BudgetStatus, budget_period
from bot.budgets.snapshot import ITEM_KINDS
from bot.db.models import Rule
from bot.digests.facts import BudgetSpending, DigestFacts, KnownDays, drawn_on
from bot.reports.history import spending
from bot.scope import Scope
from providers.money import total
from providers.period import DAY, Period

NEAR = Decimal("0.8")
"""Share of a budget from which a digest mentions it on any day."""


def concerns(scope: Scope, rule: Rule, providers: dict[str, str]) -> bool:
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


def window(target: Budget, period: Period) -> Period:
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
    days = window(target, facts.period)
    status = BudgetStatus(budget.rule, target, budget_period(target.period, facts.period.end - DAY))
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
    expected = None
    if status.period.end > facts.period.end:
        parts = spending(connections, facts.days, facts.now)
        expected = forecast_sum(parts, status.period, facts.now)
    is_usable = expected is not None and not expected.is_thin and not expected.filled_days
    return replace(
        status,
        actual=actual,
        at_least=least if actual is None and least is not None and least > 0 else None,
        forecast=expected.expected if expected and is_usable else None,
        forecast_low=expected.low if expected and is_usable else None,
        forecast_high=expected.high if expected and is_usable else None,
    )
