"""The question behind the button *Why*: the scope and period of an alert about spend."""

from datetime import date

from bot.budgets.models import AnomalyFacts, BudgetFacts, BudgetPeriod, Facts
from bot.language.commands import Why
from bot.language.text import text_of
from bot.scope import Scope
from providers.period import DAY, Period

_CURRENT: dict[BudgetPeriod, str] = {"daily": "today", "weekly": "wtd", "monthly": "mtd"}


def why_question(facts: Facts, today: date) -> str | None:
    """Return what to type for the causes. None for an unusual hour, which is compared with the same
    hour of other days, for a person, whose costs only they see, and for alerts that aren't about
    spend."""
    match facts:
        case BudgetFacts(scope=Scope(kind="person")):
            return None
        case BudgetFacts(scope=scope):
            period = Period(facts.period_start, facts.period_end)
            is_part = scope.kind in ("project", "key", "model", "team", "channel")
            whole = None if is_part or scope.kind == "all" else scope
            return _typed(whole, scope if is_part else None, period, _period_text(facts, today))
        case AnomalyFacts(hour=None):
            whole = Scope("connection", facts.connection)
            return _typed(whole, None, Period.of_day(facts.day), str(facts.day))
        case _:
            return None


def _typed(scope: Scope | None, about: Scope | None, period: Period, text: str) -> str:
    return text_of(Why(scope, period, text, text, about))


def _period_text(facts: BudgetFacts, today: date) -> str:
    """Return a budget's period as it is typed: the current one, or one that has ended."""
    if facts.period_start <= today < facts.period_end:
        return _CURRENT[facts.period]
    if facts.period == "monthly":
        return f"{facts.period_start:%Y-%m}"
    last = facts.period_end - DAY
    return f"{last}" if facts.period == "daily" else f"{facts.period_start}..{last}"
