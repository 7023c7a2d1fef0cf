"""A budget's amount raised or lowered by a difference: the command, and what was typed of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.budgets.models import BudgetPeriod
from bot.scope import Scope

_RAISING = frozenset(("raise", "increase", "bump", "add", "plus", "more", "higher", "up"))
_LOWERING = frozenset(("lower", "reduce", "decrease", "cut", "less", "down"))


@dataclass(frozen=True, slots=True)
class AmountDifference:
    """By how much an amount changes."""

    by: Decimal
    """Dollars, or percent of the amount; negative to lower it."""
    is_percent: bool


@dataclass(frozen=True, slots=True)
class BudgetAdjustment:
    """Show a budget's amount after a change by a difference. It changes nothing."""

    scope: Scope | None
    """None: the only budget there is, or the only one in the requester's channel."""
    difference: AmountDifference
    period: BudgetPeriod | None = None
    """None: the only one of this scope."""
    channel: str | None = None
    """A Slack channel id; None for the requester's channel, or the only one with such a budget."""


def direction(keys: Collection[str]) -> int:
    """Return 1 for words that raise an amount, -1 for words that lower it, and 0 for neither or
    both."""
    is_up, is_down = not _RAISING.isdisjoint(keys), not _LOWERING.isdisjoint(keys)
    return is_up - is_down


def adjustment(
    filled: Mapping[str, Any], scope: Scope | None, channel: str | None
) -> BudgetAdjustment | None:
    """Return the command if nothing but a difference, and what the budget is for, was named; else
    None."""
    difference = filled.get("difference")
    others = ("amount", "thresholds", "forecast thresholds", "mentions", "former", "quiet")
    if not isinstance(difference, AmountDifference) or any(map(filled.get, others)):
        return None
    return BudgetAdjustment(scope, difference, filled.get("budget period"), channel)
