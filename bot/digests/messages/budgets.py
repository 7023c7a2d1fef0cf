"""The lines of a digest about budgets, open alerts and a settled month, in mrkdwn."""

from datetime import date

from bot.budgets.messages.alert_words import subjects_with_numbers
from bot.budgets.messages.budget_words import (
    forecast_words,
    least_words,
    scope_words,
    share_of,
)
from bot.budgets.models import BudgetStatus
from bot.digests.messages.sentences import changed_words, span_of
from bot.digests.models import Digest, Recap
from bot.slack.blocks import escape
from bot.wording import chosen, day, day_list, money, month_name, plural, signed
from providers.period import DAY, Period

BUDGETS = 2
ALERTS = 3
CHANGES = 3


def budget_lines(digest: Digest) -> list[str]:
    """Return a line for each budget that is half used, forecast to be exceeded, or unknown. Of
    many, those with the largest share used."""
    found = [each for each in digest.budgets if _matters(each)]
    if len(found) > BUDGETS:
        found.sort(key=lambda each: (each.actual is None, -each.share))
    lines = [budget_line(each, digest.period, digest) for each in found[:BUDGETS]]
    rest = len(found) - len(lines)
    more = f"And {plural(rest, 'more budget')}: see `/aicost budget list`."
    return [*lines, more] if rest else lines


def _matters(budget: BudgetStatus) -> bool:
    amount = budget.target.amount
    if budget.actual is None or budget.actual * 2 >= amount:
        return True
    return budget.forecast is not None and budget.forecast >= amount


def budget_line(budget: BudgetStatus, period: Period, digest: Digest) -> str:
    """``OpenAI budget, including today: *80%* of $500 used ($400.00), forecast about $612, over
    budget, so it will be used up about 28 Nov.``"""
    scope, target = budget.rule.scope, budget.target
    words = scope_words(scope)
    is_whole = scope.kind in ("provider", "connection")
    what = f"{words} budget" if is_whole else f"Budget for {words}"
    amount = f"{chosen(target.amount)} {target.period}"
    if budget.actual is None or budget.is_least:
        least = least_words(target.amount, budget.known or None)
        return f"{what} ({amount}): unknown{least}; some days are missing."
    has_ended = budget.period.end <= period.end
    if has_ended:
        ended = budget.period
        when = month_name(ended.start) if target.period == "monthly" else span_of(ended, digest)
        what = f"{what} for {when}"
    else:
        what = f"{what}, including today"
    if has_ended or target.period == "monthly":  # what a budget is unless it says otherwise
        amount = chosen(target.amount)
    share = share_of(target.amount, budget.actual, target.thresholds)
    used = f"{what}: *{share}* of {amount} used ({money(budget.actual)}"
    used += ", *over budget*)" if budget.actual > target.amount else ")"
    if budget.forecast is None:
        return f"{used}."
    low, high = budget.forecast_low, budget.forecast_high
    crossing = budget.crossing_on
    forecast = forecast_words(target.amount, budget.actual, budget.forecast, low, high, crossing)
    return f"{used}, forecast {forecast}."


def alerts_line(digest: Digest) -> str | None:
    """``*Open alerts:* OpenAI budget (#1, #4), OpenRouter balance (#3).``"""
    found = [escape(each) for each in subjects_with_numbers(digest.alerts)]
    if not found:
        return None
    rest = len(found) - ALERTS
    shown = [*found[:ALERTS], *([f"{rest} more (see `/aicost alerts list`)"] if rest > 0 else [])]
    return f"*{'Open alert' if len(digest.alerts) == 1 else 'Open alerts'}:* {', '.join(shown)}."


def recap_lines(recap: Recap, digest: Digest) -> list[str]:
    """Return the lines of a settled month, and what changed before it settled."""
    today, month = digest.now.date(), month_name(recap.month.start)
    if recap.used is None:
        missing = day_list(recap.missing_days, today)
        return [f"*{month} has settled*, but what it cost is unknown: no data for {missing}."]
    budgets = [budget_line(each, recap.month, digest) for each in recap.budgets[:BUDGETS]]
    lines = [_settled(recap, today), *budgets]
    if digest.cadence == "monthly":
        return lines  # the heading has the rest
    changed = changed_words(recap.used, recap.used_before, month_name(recap.month.start - DAY))
    compared = f", {changed}" if changed else ""
    return [f"*{month} settled at {money(recap.used)}*{compared}.", *lines]


def _settled(recap: Recap, today: date) -> str:
    if not recap.changes:
        return "No day changed after the month ended."
    changed = [
        f"{day(each.day, today)} {money(each.before)} → {money(each.after)}"
        for each in recap.changes[:CHANGES]
    ]
    rest, month = len(recap.changes) - len(changed), recap.month.start
    more = f" and {plural(rest, 'more day')} (see `/aicost {month:%Y-%m} by day`)" if rest else ""
    return (
        f"{plural(len(recap.changes), 'day')} changed after the month ended, by "
        f"{signed(recap.change)} in total: {', '.join(changed)}{more}."
    )
