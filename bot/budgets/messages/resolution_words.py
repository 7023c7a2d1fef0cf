"""The reply in an alert's thread when it is resolved, in words."""

from bot.budgets.messages.budget_words import (
    connection_words,
    count_words,
    percents,
    scope_title,
    share_of,
)
from bot.budgets.messages.low_balance import account_title
from bot.budgets.models import (
    AlertResolution,
    AnomalyFacts,
    BudgetFacts,
    DataOutageFacts,
    Facts,
    LimitFacts,
    LowBalanceFacts,
)
from bot.slack.blocks import escape, hour_words
from bot.wording import chosen, day, money, window
from providers.period import Period
from providers.redaction import clip


def end_words(end: AlertResolution) -> str:
    """``Resolved: OpenAI is below 80% again. Now $398.10 of $500 used (79%).``"""
    return f"Resolved: {_end_sentence(end, end.facts)}"


def _end_sentence(end: AlertResolution, facts: Facts) -> str:
    match facts:
        case BudgetFacts():
            return _budget_end(end, facts)
        case LowBalanceFacts():
            currency = facts.currency
            left = f" {money(end.figure, currency)} left." if end.figure is not None else ""
            title = account_title(facts)
            if end.ended == "topped_up":
                by = end.bought is not None
                bought = f" by {money(end.bought, currency)}" if by else ""
                return f"{title} was topped up{bought}.{left}"
            if end.ended in ("changed", "removed"):
                return f"the low-balance alert for {title} was {end.ended}.{left}"
            if end.ended == "account_removed":
                return f"the configuration no longer has {title} as a prepaid account."
            return f"{title}'s balance is back above the threshold.{left}"
        case DataOutageFacts():
            connection = connection_words(facts.connection)
            if end.ended == "removed":
                return f"no budget in this channel depends on {connection} now."
            return f"data from {connection} is back, and its budgets are checked again."
        case LimitFacts():
            what = escape(clip(facts.what, 200))
            if end.ended == "period_ended":
                return f"{what} was reset."
            return f"{what} is no longer {'used up' if facts.is_biting else 'nearly used up'}."
        case AnomalyFacts():
            connection = connection_words(facts.connection)
            when = hour_words(facts.hour) if facts.hour else f"{facts.day:%a} {day(facts.day)}"
            if end.ended == "below_line":
                return f"corrected figures of {connection} for {when} are as usual."
            rate = "hourly" if facts.hour else "daily"
            return f"{connection}'s {rate} spend was usual again after that of {when}."


def _budget_end(end: AlertResolution, facts: BudgetFacts) -> str:
    if end.items > 1:
        return _ends_of_each(end, facts)
    scope = scope_title(facts.scope)
    passed = percents(sorted((*end.lower, end.level.percent)))
    if end.ended == "period_ended":
        span = window(Period(facts.period_start, facts.period_end), facts.period_start)
        return f"the period of the {scope} budget has ended ({span}); it was at {passed}."
    if end.ended == "removed":
        return f"the {scope} budget was removed; it was at {passed}."
    if end.ended == "changed":
        words = f"the {scope} budget was changed; it was at {passed}."
    elif end.ended == "came_true":
        words = f"actual spend of {scope} reached {passed}, as forecast."
    else:
        verb = "are" if facts.scope.kind == "all" else "is"
        words = f"{scope} {verb} below {passed} again."
    if end.figure is not None and end.amount is not None:
        share = share_of(end.amount, end.figure)
        words += f" Now {money(end.figure)} of {chosen(end.amount)} used ({share})."
    return words


def _ends_of_each(end: AlertResolution, facts: BudgetFacts) -> str:
    """Return that several people's budgets ended, without their names, which would notify them."""
    those = count_words(facts.scope.kind, end.items)
    if end.ended == "period_ended":
        span = window(Period(facts.period_start, facts.period_end), facts.period_start)
        return f"the period of the budgets of {those} has ended ({span})."
    if end.ended in ("changed", "removed"):
        return f"the budgets of {those} were {end.ended}."
    if end.ended == "came_true":
        return f"actual spend of {those} reached a threshold, as forecast."
    return f"{those} are below a threshold again."
