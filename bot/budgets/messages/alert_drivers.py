"""The main driver of an alert, or its largest part, in mrkdwn."""

from datetime import date
from decimal import Decimal

from bot.budgets.models import (
    LIKE,
    AlertLine,
    AnomalyFacts,
    BudgetFacts,
    Contributor,
    Facts,
    LowBalanceFacts,
)
from bot.slack.blocks import name
from bot.wording import days, estimate, money, more_or_less, share_compared, undated
from providers.period import Period

Driven = BudgetFacts | LowBalanceFacts | AnomalyFacts
DRIVES = Decimal("0.05")
"""The smallest share of the spend that makes a rise the main driver."""


def driver_lines(line: AlertLine, facts: Driven) -> list[str]:
    """Return ``*Main driver:* gpt-5, …``: what rose most. ``*Largest part:* …`` if no rise is large
    enough or known. Empty without contributors."""
    if not facts.contributors:
        return []
    labels = map(name, undated([each.name for each in facts.contributors]))
    models = dict(zip(facts.contributors, labels, strict=True))
    driver = _main_driver(line, facts)
    if driver is not None:
        return [f"*Main driver:* {_rise(line, facts, driver, models[driver])}"]
    largest = facts.contributors[0]
    # of an hour, what rose most comes first; else what costs most
    is_of_hour = isinstance(facts, AnomalyFacts) and facts.hour is not None
    label = "Rose most" if is_of_hour else "Largest part"
    return [f"*{label}:* {_part(line, facts, largest, models[largest])}"]


def _main_driver(line: AlertLine, facts: Driven) -> Contributor | None:
    """Return what rose most, if it made up at least `DRIVES` of the spend. None for an hour, which
    has its own order, and for a balance, which is used up without a rise too."""
    if isinstance(facts, LowBalanceFacts) or (isinstance(facts, AnomalyFacts) and facts.hour):
        return None
    if isinstance(facts, BudgetFacts) and facts.period_start >= found_on(line):
        return None  # no day of its period is complete
    spend = facts.actual if isinstance(facts, BudgetFacts) else facts.used
    risen = max(facts.contributors, key=lambda each: each.rise or 0, default=None)
    if risen is None or (risen.rise or 0) < max(spend * DRIVES, Decimal("0.01")):
        return None
    return risen


def _rise(line: AlertLine, facts: Facts, each: Contributor, model: str) -> str:
    """``gpt-5, $61.40 more (+38%) than in 1–23 Oct ($221.40 in 1–23 Nov).`` Only complete days are
    compared."""
    used = each.used if each.used_by_yesterday is None else each.used_by_yesterday
    if not isinstance(facts, BudgetFacts):
        return f"{model}, {more_or_less(used, each.used_before)} a week before ({money(used)})."
    today = found_on(line)
    past = Period(facts.period_start, max(facts.period_start, today))
    before = days(past.before(LIKE[facts.period]), today)
    compared = more_or_less(used, each.used_before)
    return f"{model}, {compared} in {before} ({money(used)} in {days(past, today)})."


def _part(line: AlertLine, facts: Driven, each: Contributor, model: str) -> str:
    """``gpt-5, $221.40 in 1–23 Nov, 38% more than 1–23 Oct.`` Only complete days are compared, so
    the amount is theirs."""
    words = f"{model}, {money(each.used)}"
    if isinstance(facts, AnomalyFacts):
        if facts.hour and each.used_before and money(each.used_before) != money(Decimal(0)):
            amount = f"about {estimate(each.used)}" if facts.is_estimated else money(each.used)
            return f"{model}, {amount} (usual: about {estimate(each.used_before)})."
        than = " in a usual hour" if facts.hour else " a week before"
        compared = more_or_less(each.used, each.used_before)
        return f"{words}, {compared}{than}." if compared else f"{words}."
    if isinstance(facts, LowBalanceFacts):
        compared = _compared(each.used, each.used_before, "in the 7 days before")
        return f"{words} in 7 days" + (f", {compared}." if compared else ".")
    today = found_on(line)
    past = Period(facts.period_start, max(facts.period_start, today))
    if each.used_by_yesterday is None or not past:
        return f"{words}."
    before = days(past.before(LIKE[facts.period]), today)
    compared = _compared(each.used_by_yesterday, each.used_before, before)
    if not compared:
        return f"{words}."
    return f"{model}, {money(each.used_by_yesterday)} in {days(past, today)}, {compared}."


def found_on(line: AlertLine) -> date:
    """Return the UTC day on which an alert's facts were found."""
    updated_at = line.facts.updated_at if isinstance(line.facts, BudgetFacts) else None
    return (updated_at or line.crossed_at).date()


def _compared(now: Decimal, before: Decimal | None, than: str) -> str:
    """``38% more than a week before``; empty if it isn't known."""
    if before is None:
        return ""
    words = share_compared(now, before, than)
    return f"{words[0].lower()}{words[1:]}"
