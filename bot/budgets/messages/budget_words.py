"""Budgets and low-balance rules in words. All return plain text unless they say mrkdwn."""

import html
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from bot.budgets.models import Budget, BudgetPeriod, LowBalanceRule, Scope
from bot.db.models import Rule
from bot.slack.blocks import name
from bot.wording import chosen, money, plural, tidy
from providers.catalog import title_of
from providers.money import difference

PERIODS: dict[BudgetPeriod, str] = {
    "daily": "today",
    "weekly": "this week",
    "monthly": "this month",
}
BAR = 12
LABEL = 200


def scope_words(scope: Scope) -> str:
    """``OpenAI``, ``all providers``, ``project search`` in mrkdwn: names are from outside."""
    if scope.kind == "all":
        return "all providers"
    if scope.kind in ("provider", "connection"):
        return name(title_of(scope.name or ""))
    return f"{scope.kind} {name(scope.name or '')}"


@dataclass(frozen=True, slots=True)
class ScopeSubject:
    """A scope at the beginning of a sentence in mrkdwn, and the words that agree with it."""

    words: str
    verb: str
    has: str
    its: str


def subject_of(scope: Scope) -> ScopeSubject:
    """``OpenAI is``, ``Project search has``, ``All providers are``."""
    words = scope_words(scope)
    if scope.kind == "all":
        return ScopeSubject("All providers", "are", "have", "their")
    if scope.kind in ("project", "key", "model"):
        words = words[0].upper() + words[1:]
    return ScopeSubject(words, "is", "has", "its")


def connection_words(connection: str) -> str:
    """``OpenAI``, or the connection's own name in mrkdwn."""
    return scope_words(Scope("connection", connection))


def rule_words(rule: Rule) -> str:
    """``OpenAI: $500 monthly at 50, 80 and 100%`` in mrkdwn."""
    quiet = ", ending without a word" if rule.is_end_quiet else ""
    return f"{scope_words(rule.scope)}: {target_words(rule.target)}{quiet}"


def rule_label(rule: Rule) -> str:
    """``#3 OpenAI: $500 monthly at 50, 80, 100%`` in plain text, for menus."""
    return f"#{rule.id} {tidy(html.unescape(rule_words(rule)), LABEL)}"


def target_words(target: Budget | LowBalanceRule) -> str:
    """``$500 monthly at 50, 80, 100%`` or ``warn below $20 left``."""
    if isinstance(target, LowBalanceRule):
        return f"warn when {low_balance_words(target.dollars, target.days)} is left"
    at = ", ".join(str(threshold) for threshold in target.thresholds)
    words = f"{chosen(target.amount)} {target.period} at {at}%"
    if target.forecast_thresholds:
        at = ", ".join(str(threshold) for threshold in target.forecast_thresholds)
        words += f", and when the forecast reaches {at}%"
    return words


def low_balance_words(dollars: Decimal | None, days: int | None) -> str:
    """``$20.00 or less`` or ``a runway of 7 days or less``."""
    if dollars is not None:
        return f"{money(dollars)} or less"
    return f"a runway of {plural(days or 0, 'day')} or less"


def share_of(amount: Decimal, actual: Decimal) -> str:
    """``84%`` of a budget, rounded down: 100% is said only once it is reached."""
    if amount <= 0:
        return "over"
    whole = (max(actual, Decimal(0)) * 100 / amount).to_integral_value(rounding=ROUND_FLOOR)
    return f"{whole:,.0f}%" if whole or actual <= 0 else "under 1%"


def least_words(amount: Decimal, at_least: Decimal | None) -> str:
    """``, at least $420.00 (84%)``, to follow "is unknown"; empty where nothing is known."""
    if at_least is None:
        return ""
    return f", at least {money(at_least)} ({share_of(amount, at_least)})"


def bar(amount: Decimal, actual: Decimal) -> str:
    """Return a bar of twelve cells; the figures are next to it in words."""
    share = 0 if amount <= 0 else min(BAR, max(0, int(actual * BAR / amount)))
    return "█" * share + "░" * (BAR - share)


def over_or_left(amount: Decimal, actual: Decimal) -> str:
    """``$80.00 remains`` or ``$20.00 over``."""
    if actual == amount:
        return "nothing remains"
    left = difference(amount, actual) or amount - actual
    return f"{money(-left)} over" if left < 0 else f"{money(left)} remains"
