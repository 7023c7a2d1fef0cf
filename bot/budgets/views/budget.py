"""The modal that creates, changes, moves or removes a budget or low-balance alert, and its
submission."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, get_args

from bot.budgets.evaluate import thresholds_of
from bot.budgets.messages.budget_words import rule_words
from bot.budgets.messages.budgets import rule_status_words
from bot.budgets.models import (
    DEFAULT_THRESHOLDS,
    HIGHEST_THRESHOLD,
    LONGEST_RUNWAY,
    MOST_THRESHOLDS,
    Budget,
    BudgetPeriod,
    LowBalanceRule,
    Mentions,
    RuleStatus,
)
from bot.budgets.system_alerts import typed
from bot.budgets.views.scopes import scope_of, scope_select
from bot.db.models import Rule
from bot.language.amounts import dollars
from bot.language.commands import BudgetSet, Incomplete, LowBalanceSet
from bot.language.references import is_user
from bot.reports.choices import Options
from bot.scope import Scope, ScopeKind
from bot.slack.blocks import actions, button, context, section
from bot.slack.fields import (
    Option,
    channel,
    checkboxes,
    field,
    form,
    line,
    number,
    people,
    radio,
    select,
)
from bot.slack.forms import FormErrors, Submission
from bot.slack.message import Block
from bot.slack.payloads import whole_number
from bot.wording import USD

FORM = "aicost.budget.form"
PREVIEW = "aicost.budget.preview"
SEARCH_BUDGET = "aicost.budget.scope"
SEARCH_LOW_BALANCE = "aicost.floor.scope"

SCOPE = "scope"
AMOUNT = "amount"
PERIOD = "period"
THRESHOLDS = "thresholds"
FORECAST = "forecast"
CHANNEL = "channel"
KIND = "kind"
ALWAYS = "always"
AT_LAST = "at_last"
REMOVE = "remove"
ALL_KINDS: tuple[ScopeKind, ...] = (
    "all",
    "provider",
    "connection",
    "project",
    "model",
    "key",
    "team",
    "channel",
    "each",
)
LOW_BALANCE_KINDS: tuple[ScopeKind, ...] = ("provider", "connection")
MOST_NAMED = 10
PERCENTS = (
    f"Give 1 to {MOST_THRESHOLDS} whole percentages from 1 to {HIGHEST_THRESHOLD}, such as "
    "50, 80, 100."
)
REPLACES = (
    "If this channel already has a budget for the same spend and period, this one replaces it."
)
STAYS = "Existing messages stay in their channel and are updated."
_LEAST = Decimal("0.01")
_PERIODS = {
    "daily": "Every UTC day",
    "weekly": "Every week, from Monday (UTC)",
    "monthly": "Every month (UTC)",
}


def budget_view(
    choices: Options, where: str | None, prefill: Incomplete | None = None
) -> dict[str, Any]:
    """Return the modal of a new budget, filled with `prefill`. An existing budget with the same
    scope, period and channel is changed."""
    scope = Scope("all") if prefill is None else prefill.scope  # of what was typed, none is made up
    scopes = scope_select(choices, ALL_KINDS, SEARCH_BUDGET, scope, where)
    periods = [Option(words, period) for period, words in _PERIODS.items()]
    fields = [
        field(SCOPE, "Budget for", scopes),
        field(PERIOD, "Period", select(periods, (prefill and prefill.period) or "monthly")),
        *_budget_fields(None, prefill),
        *_alert_fields((prefill and prefill.channel) or where, None, REPLACES),
    ]
    return form(FORM, "New budget", "Set budget", fields)


def prepaid(choices: Options) -> Options:
    """Return only the prepaid connections."""
    connections = tuple(each for each in choices.connections if each.billing == "prepaid")
    return Options(connections, (), (), ())


def low_balance_view(
    choices: Options, where: str | None, prefill: Incomplete | None = None
) -> dict[str, Any]:
    """Return the modal of a new low-balance alert, filled with `prefill`. Raises `ValueError` if no
    connection is prepaid."""
    offered = prepaid(choices)
    if not offered.connections:
        raise ValueError("no connection is prepaid")
    first = Scope("provider", offered.connections[0].provider)
    scope = first if prefill is None else prefill.scope
    limit = prefill and (
        typed(prefill.amount) if prefill.amount else prefill.days and str(prefill.days)
    )
    scopes = scope_select(offered, LOW_BALANCE_KINDS, SEARCH_LOW_BALANCE, scope)
    kinds = [Option("Amount left", "dollars"), Option("Days of credit left", "days")]
    fields = [
        field(SCOPE, "Whose balance", scopes),
        field(KIND, "Alert by", radio(kinds, "days" if prefill and prefill.days else "dollars")),
        field(
            AMOUNT,
            "Alert at (amount or days)",
            number(limit or None, least=typed(_LEAST), decimals=True),
            hint="An amount is in the currency of the balance."
            if choices.has_other_currencies
            else "An amount is in US dollars.",
        ),
        *_alert_fields((prefill and prefill.channel) or where, None),
    ]
    return form(FORM, "New low-balance alert", "Set alert", fields)


def change_view(status: RuleStatus) -> dict[str, Any]:
    """Return the modal that changes or removes a rule, with its current figures. `private_metadata`
    is the rule's number and version."""
    rule, target = status.rule, status.rule.target
    what = "budget" if isinstance(target, Budget) else "alert"
    remove = checkboxes([Option(f"Remove this {what}", REMOVE)])
    fields = [
        section(f"*{rule_words(rule)}*\n{rule_status_words(status)}"),
        *(_budget_fields(target) if isinstance(target, Budget) else [_low_balance_field(target)]),
        *_alert_fields(rule.channel, rule),
        field(
            REMOVE,
            f"Or remove this {what}",
            remove,
            hint="Then the other fields are ignored, and its open alerts are resolved.",
            optional=True,
        ),
        context(["To change the scope or the period, add a new budget."]),
    ]
    title = f"Change {what}"
    return form(FORM, title, "Save changes", fields, metadata=f"{rule.id} {rule.version}")


def _budget_fields(target: Budget | None, prefill: Incomplete | None = None) -> list[Block]:
    usual = (prefill and prefill.thresholds) or DEFAULT_THRESHOLDS
    thresholds = usual if target is None else target.thresholds
    amount = (prefill.amount if prefill else None) if target is None else target.amount
    forecast = () if target is None else target.forecast_thresholds
    period = "" if target is None else f", {target.period}"
    return [
        field(
            AMOUNT,
            f"Amount (US$){period}",
            _amount(amount),
            hint="The most you plan to spend in one period, for example 500.",
        ),
        field(
            THRESHOLDS,
            "Alert when this much is used (%)",
            line(_listed(thresholds)),
            hint="You get one alert for each percentage, once per period.",
        ),
        field(
            FORECAST,
            "Alert when the forecast reaches (%)",
            line(_listed(forecast)),
            hint="For example 100. Empty: no forecast alerts.",
            optional=True,
        ),
    ]


def _low_balance_field(target: LowBalanceRule) -> Block:
    if target.dollars is not None:
        currency = "US$" if target.currency == USD else target.currency
        return field(AMOUNT, f"Alert at this much or less ({currency})", _amount(target.dollars))
    days = number(str(target.days), least="1", decimals=False)
    return field(AMOUNT, "Alert at this many days of credit or less", days)


def _alert_fields(where: str | None, rule: Rule | None, hint: str = "") -> list[Block]:
    always, at_last = _named(rule)
    return [
        field(
            CHANNEL,
            "Channel for alerts",
            channel(where),
            hint=hint if rule is None else STAYS,
        ),
        field(
            ALWAYS,
            "Mention in each alert",
            people(always),
            hint="Slack notifies them.",
            optional=True,
        ),
        field(AT_LAST, "Mention at the highest threshold only", people(at_last), optional=True),
        actions([button("Preview the alert", PREVIEW, "preview")]),
    ]


def _amount(held: Decimal | None) -> dict[str, Any]:
    least = _LEAST if held is None else min(held, _LEAST)
    return number(None if held is None else typed(held), least=typed(least), decimals=True)


def _listed(thresholds: Sequence[int]) -> str:
    return ", ".join(map(str, thresholds))


def _named(rule: Rule | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the people that a rule mentions at every threshold, and those it mentions at only
    some."""
    if rule is None:
        return (), ()
    everywhere = {level.percent for level in thresholds_of(rule.target)}
    found: dict[str, set[int]] = {}
    for threshold, who in rule.mentions:
        if is_user(who):
            found.setdefault(who, set()).add(threshold)
    always = tuple(who for who, thresholds in found.items() if thresholds == everywhere)
    return always, tuple(who for who in found if who not in always)


def seen_version(sent: Submission) -> tuple[int, int] | None:
    """Return the number and version of the rule that the form changes; None for a new rule. Raises
    `Outdated`."""
    if not sent.metadata:
        return None
    rule, _, version = sent.metadata.partition(" ")
    return whole_number(rule), whole_number(version)


def is_removal(sent: Submission) -> bool:
    """Return True if the rule is to be removed."""
    return REMOVE in sent.options(REMOVE)


def read_rule(sent: Submission, rule: Rule | None) -> BudgetSet | LowBalanceSet | FormErrors:
    """Return the command of a form that was opened for `rule` or for a new one, or what to fix
    under each field."""
    errors: dict[str, str] = {}
    is_low = KIND in sent.held if rule is None else isinstance(rule.target, LowBalanceRule)
    target = (_read_low_balance if is_low else _read_budget)(sent, rule, errors)
    scope = scope_of(sent.text(SCOPE)) if rule is None else rule.scope
    if scope is None:
        errors[SCOPE] = "Choose a scope."
    where = sent.conversation(CHANNEL)
    if not where:
        errors[CHANNEL] = "Choose a channel."
    if len({*sent.people(ALWAYS), *sent.people(AT_LAST)}) > MOST_NAMED:
        errors[ALWAYS] = f"Mention at most {MOST_NAMED} people."
    if errors or scope is None or target is None:
        return FormErrors(errors)
    mentions, quiet = _mentions(sent, rule, target), rule is not None and rule.is_end_quiet
    if isinstance(target, Budget):
        parts = target.amount, target.period, target.thresholds, target.forecast_thresholds
        return BudgetSet(scope, *parts, where, mentions, quiet)
    return LowBalanceSet(scope, target.dollars, target.days, where, mentions, quiet)


def _read_budget(sent: Submission, rule: Rule | None, errors: dict[str, str]) -> Budget | None:
    amount = dollars(sent.text(AMOUNT))
    thresholds, forecast = percents(sent.text(THRESHOLDS)), percents(sent.text(FORECAST))
    chosen = sent.text(PERIOD) if rule is None else rule.period
    period = next((each for each in get_args(BudgetPeriod) if each == chosen), None)
    if amount is None:
        errors[AMOUNT] = "Give an amount in dollars, such as 500 or 500.50."
    if period is None:
        errors[PERIOD] = "Choose a period."
    if not thresholds:
        errors[THRESHOLDS] = PERCENTS
    if forecast is None:
        errors[FORECAST] = PERCENTS
    if amount is None or period is None or not thresholds or forecast is None:
        return None
    return Budget(amount, period, thresholds, forecast)


def _read_low_balance(
    sent: Submission, rule: Rule | None, errors: dict[str, str]
) -> LowBalanceRule | None:
    amount = dollars(sent.text(AMOUNT))
    is_in_days = sent.text(KIND) == "days" if rule is None else rule.low_balance_days is not None
    if amount is None:
        errors[AMOUNT] = "Give a number, such as 20."
    elif not is_in_days:
        return LowBalanceRule(dollars=amount)
    elif amount == int(amount) <= LONGEST_RUNWAY:
        return LowBalanceRule(days=int(amount))
    else:
        errors[AMOUNT] = f"Give a whole number of days, at most {LONGEST_RUNWAY}."
    return None


def _mentions(sent: Submission, rule: Rule | None, target: Budget | LowBalanceRule) -> Mentions:
    """Return the mentions as chosen, plus the user groups that a form can't show. Unchanged if the
    choice is unchanged."""
    after = sorted({level.percent for level in thresholds_of(target)})
    kept: Mentions = ()
    if rule is not None:
        before = [level.percent for level in thresholds_of(rule.target)]
        kept = map_mentions_to_thresholds(rule.mentions, before, after)
    always, at_last = sent.people(ALWAYS), sent.people(AT_LAST)
    if (set(always), set(at_last)) == tuple(map(set, _named(rule))):
        return kept
    groups = tuple(each for each in kept if not is_user(each[1]))
    chosen = [(threshold, who) for who in always for threshold in after]
    chosen += [(after[-1], who) for who in at_last if who not in always]
    return (*groups, *chosen)


def map_mentions_to_thresholds(
    mentions: Mentions, before: Sequence[int], after: Sequence[int]
) -> Mentions:
    """Keep each person's mentions when thresholds change. All stays all, and last stays last.
    Others keep their threshold, or move up to the next one."""
    old, new = sorted(set(before)), sorted(set(after))
    if old == new or not new:
        return mentions
    found: list[tuple[int, str]] = []
    for who in dict.fromkeys(who for _, who in mentions):
        named = {threshold for threshold, each in mentions if each == who}
        if named >= set(old):
            found += [(line, who) for line in new]
        else:
            found += [(_next_threshold(line, old, new), who) for line in sorted(named)]
    return tuple(dict.fromkeys(found))


def _next_threshold(line: int, old: Sequence[int], new: Sequence[int]) -> int:
    if line == old[-1]:
        return new[-1]
    return next((each for each in new if each >= line), new[-1])


def percents(text: str) -> tuple[int, ...] | None:
    """Return the ascending percentages of ``50, 80, 100``; empty for no text, None for invalid
    text."""
    words = text.replace("%", " ").replace(",", " ").replace(";", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) <= 4 for word in words):
        return None
    found = tuple(sorted({int(word) for word in words}))
    if len(found) > MOST_THRESHOLDS or any(not 0 < each <= HIGHEST_THRESHOLD for each in found):
        return None
    return found
