"""Budgets as of the end of the last finished day."""

from collections.abc import Sequence
from decimal import Decimal

from bot.analysis.forecast import forecast_sum
from bot.budgets.models import Budget, budget_period
from bot.budgets.snapshot import ITEM_KINDS
from bot.db.models import Rule
from bot.digests.facts import BudgetSpending, DigestFacts, KnownDays, drawn_on
from bot.digests.models import BudgetStanding
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
    if not isinstance(rule.target, Budget):
        return False
    if scope.kind == "all" or rule.scope == scope:
        return True
    if scope.kind == "provider" and rule.scope.kind == "connection":
        return providers.get(rule.scope.name or "") == scope.name
    return False


def window(target: Budget, period: Period) -> Period:
    """Return the days, up to the last finished one, of the budget period that contains it."""
    return Period(budget_period(target.period, period.end - DAY).start, period.end)


def standings(facts: DigestFacts, budgets: Sequence[BudgetSpending]) -> tuple[BudgetStanding, ...]:
    """Return each budget once, even if several channels have it; the digest's own scope first."""
    known = KnownDays(facts.days)
    found: dict[tuple[Scope, str, Decimal], BudgetStanding] = {}
    for each in budgets:
        key = (each.rule.scope, each.target.period, each.target.amount)
        if key not in found:
            found[key] = _standing(each, facts, known)
    return tuple(sorted(found.values(), key=lambda one: one.scope != facts.scope))


def is_worth_a_word(standing: BudgetStanding) -> bool:
    """Return True if it is near or over its amount, or forecast to be."""
    known = standing.at_least if standing.actual is None else standing.actual
    if known is not None and known >= standing.amount * NEAR:
        return True
    return standing.expected is not None and standing.expected >= standing.amount


def _standing(budget: BudgetSpending, facts: DigestFacts, known: KnownDays) -> BudgetStanding:
    target, scope = budget.target, budget.rule.scope
    whole = budget_period(target.period, facts.period.end - DAY)
    days = window(target, facts.period)
    is_over = whole.end <= facts.period.end
    connections = drawn_on(scope, facts)
    if scope.kind in ITEM_KINDS:
        holders = {item.connection for item in budget.items}
        connections = [each for each in connections if not holders or each.name in holders]
        is_known = known.sum(connections, days) is not None
        used = total(item.used for item in budget.items)
        return BudgetStanding(
            scope=scope,
            amount=target.amount,
            period=target.period,
            window=days,
            is_over=is_over,
            actual=used if is_known else None,
            expected=None,
            at_least=used if used > 0 and not is_known else None,
        )
    actual, least = known.sum(connections, days), known.at_least(connections, days)
    expected = None
    if not is_over:
        expected = forecast_sum(spending(connections, facts.days, facts.now), whole, facts.now)
    usable = expected is not None and not expected.is_thin and not expected.filled_days
    return BudgetStanding(
        scope=scope,
        amount=target.amount,
        period=target.period,
        window=days,
        is_over=is_over,
        actual=actual,
        expected=expected.expected if expected and usable else None,
        at_least=least if least > 0 and actual is None else None,
    )
