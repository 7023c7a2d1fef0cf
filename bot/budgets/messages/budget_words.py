"""Budgets and low-balance rules in words. All functions return plain text unless they say
mrkdwn."""

import html
from collections.abc import Collection, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from bot.budgets.models import Budget, BudgetPeriod, LowBalanceRule
from bot.db.models import Rule
from bot.language.references import is_channel, reference
from bot.scope import Scope
from bot.slack.blocks import name
from bot.wording import chosen, day, estimate, listed, money, plural, rounded, tidy, with_range
from providers.catalog import title_of
from providers.money import difference

PERIODS: dict[BudgetPeriod, str] = {
    "daily": "today",
    "weekly": "this week",
    "monthly": "this month",
}
_PER: dict[BudgetPeriod, str] = {"daily": "per day", "weekly": "per week", "monthly": "per month"}
BAR = 10
STEP = 5
LABEL = 200


def scope_words(scope: Scope) -> str:
    """``OpenAI``, ``all providers``, ``project search`` in mrkdwn: names are from outside."""
    if scope.kind == "all":
        return "all providers"
    if scope.kind in ("provider", "connection"):
        return name(title_of(scope.name or ""))
    if scope.kind == "person":
        return reference(scope.name or "")
    if scope.kind == "channel":
        channel = scope.name or ""  # from the provider: only an id becomes a reference
        return f"AI in {reference(channel) if is_channel(channel) else name(channel)}"
    return f"{scope.kind} {name(scope.name or '')}"


def scope_title(scope: Scope) -> str:
    """``OpenAI``, ``All providers``, ``Project search`` in mrkdwn, capitalized for the start of a
    line."""
    words = scope_words(scope)
    is_name = scope.kind in ("provider", "connection", "person")
    return words if is_name else words[0].upper() + words[1:]


def count_words(kind: str | None, count: int) -> str:
    """``4 people``, ``1 team``, ``2 projects``."""
    return f"{count:,} people" if kind == "person" and count != 1 else plural(count, kind or "item")


def connection_words(connection: str) -> str:
    """``OpenAI``, or the connection's own name in mrkdwn."""
    return scope_words(Scope("connection", connection))


def rule_words(rule: Rule) -> str:
    """``OpenAI: $500 monthly, alerts at 50%, 80% and 100%`` in mrkdwn."""
    return f"{scope_title(rule.scope)}: {target_words(rule.target)}"


def rule_label(rule: Rule) -> str:
    """``Budget 3, OpenAI: $500 monthly, alerts at 50%, 80% and 100%`` in plain text, for menus."""
    words = html.unescape(rule_words(rule))
    if rule.scope.kind == "channel":  # plain text can't show a channel's name
        words = f"One channel: {target_words(rule.target)}"
    return f"{numbered(rule)}, {tidy(words, LABEL)}"


def kind_words(rule: Rule) -> str:
    """``Budget`` or ``Low-balance alert``."""
    return "Budget" if isinstance(rule.target, Budget) else "Low-balance alert"


def numbered(rule: Rule) -> str:
    """``Budget 3``, ``Low-balance alert (budget 2)``: the number that commands take. ``#2`` is the
    number of an alert that was opened."""
    kind = kind_words(rule)
    return f"{kind} {rule.id}" if isinstance(rule.target, Budget) else f"{kind} (budget {rule.id})"


def target_words(target: Budget | LowBalanceRule) -> str:
    """``$500 monthly, alerts at 50%, 80% and 100%`` or ``alert at $20.00 or less``."""
    if isinstance(target, LowBalanceRule):
        return f"alert at {low_balance_words(target)}"
    words = f"{chosen(target.amount)} {target.period}, alerts at {percents(target.thresholds)}"
    if target.forecast_thresholds:
        words += f", forecast at {percents(target.forecast_thresholds)}"
    return words


def amount_words(target: Budget | LowBalanceRule) -> str:
    """``$500 per month``, ``$20.00 or less``."""
    if isinstance(target, LowBalanceRule):
        return low_balance_words(target)
    return f"{chosen(target.amount)} {_PER[target.period]}"


def percents(thresholds: Sequence[int]) -> str:
    """``50%, 80% and 100%``."""
    return listed([f"{each}%" for each in thresholds])


def low_balance_words(target: LowBalanceRule) -> str:
    """``$20.00 or less`` or ``7 days of credit or less``."""
    if target.dollars is not None:
        return f"{money(target.dollars, target.currency)} or less"
    return f"{plural(target.days or 0, 'day')} of credit or less"


def share_of(amount: Decimal, actual: Decimal, thresholds: Collection[int] = ()) -> str:
    """``84%`` of a budget, to the nearest percent. A multiple of 5, as most thresholds are, and one
    of `thresholds` appear only once they are reached: 79.6% is ``79%``."""
    if amount <= 0:
        return "over"
    share = max(actual, Decimal(0)) * 100 / amount
    whole = int(share.to_integral_value(rounding=ROUND_HALF_UP))
    if whole > share and (whole % STEP == 0 or whole in thresholds):
        whole -= 1
    return f"{whole:,}%" if whole or actual <= 0 else "under 1%"


def least_words(amount: Decimal, at_least: Decimal | None) -> str:
    """``, at least $420.00 (84%)``, to follow "is unknown"; empty if nothing is known."""
    if at_least is None:
        return ""
    return f", at least {money(at_least)} ({share_of(amount, at_least)})"


def forecast_words(
    amount: Decimal,
    actual: Decimal,
    forecast: Decimal,
    low: Decimal | None,
    high: Decimal | None,
    crossing_on: date | None,
) -> str:
    """``about $612, over budget, so it will be used up about 28 Nov``, ``about $531 ($498–$571), so
    it may be used up about 30 Nov``: over only if the whole range is, and not if the budget is
    already exceeded. “Just over” if the rounded figure isn't over. Without the day where the
    expected spend doesn't reach the amount."""
    about = f"about {estimate(forecast)}"
    if actual > amount:
        return about
    first, last = (forecast, forecast) if low is None or high is None else (low, high)
    end = used_up_words(amount, low, crossing_on)
    if first > amount:
        just = "just " if rounded(forecast) <= amount else ""  # “about $500, over budget”
        return f"{about}, {just}over budget{f', so it {end}' if end else ''}"
    if last > amount:
        return f"{with_range(forecast, low, high)}, so it {end or 'may go over budget'}"
    return about


def used_up_words(amount: Decimal, low: Decimal | None, crossing_on: date | None) -> str:
    """``will be used up about 28 Nov``, or ``may be`` if `low`, the low end of the forecast, isn't
    over the budget; empty without a day."""
    if crossing_on is None:
        return ""
    is_likely = low is None or low > amount
    return f"{'will' if is_likely else 'may'} be used up about {day(crossing_on)}"


def bar(amount: Decimal, actual: Decimal) -> str:
    """Return a bar of ten cells."""
    share = 0 if amount <= 0 else min(BAR, max(0, int(actual * BAR / amount)))
    return "█" * share + "░" * (BAR - share)


def over_or_left(amount: Decimal, actual: Decimal) -> str:
    """``$80.00 left`` or ``$20.00 over budget``."""
    if actual == amount:
        return "nothing left"
    left = difference(amount, actual) or amount - actual
    return f"{money(-left)} over budget" if left < 0 else f"{money(left)} left"
