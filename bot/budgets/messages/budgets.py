"""Answers about budgets and low-balance rules: set, changed, listed, removed."""

from dataclasses import replace
from decimal import Decimal

from bot.access.managed import MANAGED
from bot.budgets.messages.budget_words import (
    PERIODS,
    amount_words,
    bar,
    count_words,
    kind_words,
    least_words,
    numbered,
    over_or_left,
    percents,
    rule_label,
    scope_title,
    scope_words,
    share_of,
    target_words,
    used_up_words,
)
from bot.budgets.models import BalanceStatus, Budget, BudgetStatus, LowestBalance, RuleStatus
from bot.budgets.results import Deliverability, RuleListing, RuleRemoved, RuleSet
from bot.db.models import Rule
from bot.language.commands import BudgetList
from bot.language.names import scope_text
from bot.language.text import text_of
from bot.reports.messages.plain_reasons import without_codes
from bot.reports.messages.suggestions import ask, page_of
from bot.scope import Scope
from bot.slack.blocks import (
    actions,
    button,
    context,
    escape,
    header,
    message_of,
    moment,
    name,
    paragraphs,
    place,
    section,
    text_message,
)
from bot.slack.fields import Option, menu
from bot.slack.message import Block, Message
from bot.slack.openers import CHANGE_RULE, change_rule, new_budget
from bot.wording import chosen, currency_code, likely_day, money, plural, with_range
from providers.catalog import example
from providers.period import utc_day
from providers.redaction import clip

RULES_PER_PAGE = 20
REMOVE = "aicost.budget.remove"
HELD_BACK = "\nIts channel doesn't see everything, so what is hidden there isn't alerted."
UNSEEN = "\nIts channel may not see this otherwise. It gets the alerts because a manager chose it."


def rule_set_message(answer: RuleSet) -> Message:
    """Return what was created or changed, or that nothing was, with the current state of the
    rule."""
    rule, before = answer.status.rule, answer.before
    kind, after = kind_words(rule), amount_words(rule.target)
    if not answer.is_changed:
        first = f"Nothing changed: this {kind.lower()} is set already: {_scoped(rule)}, {after}."
    elif before is None:
        first = f"*{kind} created:* {_scoped(rule)}, {after}."
    elif amount_words(before) != after:
        first = f"*{kind} changed:* {_scoped(rule)}, {amount_words(before)} → {after}."
    else:
        first = f"*{kind} changed:* {_scoped(rule)}, {after}."
    lines = [f"{first} {_goes_to(rule)}", rule_status_words(answer.status)]
    if answer.ended:
        lines.append(f"{plural(answer.ended, 'open alert')} resolved.")
    lines += reach_lines(answer.reach, rule.channel)
    if answer.is_said_in_channel:
        lines.append(
            f"{_already(answer.status)}, so one alert will be posted in {place(rule.channel)}."
        )
    remove = button("Remove", REMOVE, str(rule.id), spoken=f"Remove budget {rule.id}")
    return message_of([*paragraphs(lines), actions([ask("All budgets", "budget list"), remove])])


def _already(status: RuleStatus) -> str:
    if not isinstance(status, BudgetStatus):
        return "The balance is already that low"
    target, used = status.target, status.known
    if used is None or used * 100 < target.amount * min(target.thresholds):
        return "The forecast already passes a threshold"
    return f"{PERIODS[target.period].capitalize()} is already at {share_of(target.amount, used)}"


def _scoped(rule: Rule) -> str:
    return scope_title(rule.scope)


def _goes_to(rule: Rule) -> str:
    """``Alerts at 50%, 80% and 100% go to #ai-costs.``"""
    target, at = rule.target, ""
    if isinstance(target, Budget):
        at = f" at {percents(target.thresholds)}"
        if target.forecast_thresholds:
            at += f", and at a forecast of {percents(target.forecast_thresholds)},"
    quiet = " Nothing is posted when they are resolved." if rule.is_end_quiet else ""
    return f"Alerts{at} go to {place(rule.channel)}.{quiet}"


def rule_removed_message(answer: RuleRemoved) -> Message:
    """Return that a rule was removed."""
    rule = answer.rule
    words = f"*{kind_words(rule)} removed:* {_scoped(rule)}, {amount_words(rule.target)}."
    if answer.ended:
        words += f" {plural(answer.ended, 'open alert')} resolved."
    return message_of([section(words), actions([ask("All budgets", "budget list")])])


def rule_listing_message(answer: RuleListing) -> Message:
    """Return the rules with a bar, their figures, and what is left."""
    if not answer.statuses and answer.scope:
        of = escape(clip(scope_text(answer.scope), 120))
        return text_message(f"No budget or low-balance alert is set for {of}.", new_budget())
    if not answer.statuses:
        words = (
            "No budgets yet. A manager can add one in the channel that gets its alerts, for "
            f"example: `/aicost budget set {example('postpaid')} 500 monthly`"
        )
        return text_message(words, new_budget())
    page = page_of(
        answer.statuses,
        answer.page,
        RULES_PER_PAGE,
        lambda number: text_of(BudgetList(number, answer.scope)),
    )
    shown = page.shown
    rest = [each for each in answer.statuses if each not in shown and not each.rule.is_managed]
    blocks: list[Block] = [header("Budgets and low-balance alerts")]
    blocks += [
        section(
            _listed(each)
            + (HELD_BACK if each.rule.id in answer.held_back else "")
            + (UNSEEN if each.rule.id in answer.unseen else ""),
            change_rule(each.rule.id) if answer.may_change and not each.rule.is_managed else None,
        )
        for each in shown
    ]
    fresh = [each.as_of for each in shown if each.as_of and not each.reason]
    notes = [f"Updated {moment(min(fresh))}"] if fresh else []
    notes += [*page.notes, "Days, weeks (from Monday) and months are in UTC."]
    blocks.append(context(notes))
    buttons = [*page.buttons, new_budget()]
    if rest and answer.may_change:
        options = [Option(rule_label(each.rule), str(each.rule.id)) for each in rest]
        buttons.append(menu("Change another budget", CHANGE_RULE, options))
    return message_of([*blocks, actions(buttons)])


def where_words(rule: Rule) -> str:
    """``in #ai-costs, managed by aicost.toml`` in mrkdwn."""
    return f"in {place(rule.channel)}{f', {MANAGED}' if rule.is_managed else ''}"


def reach_lines(reach: Deliverability, channel: str) -> list[str]:
    """Return what to do so that a channel gets its alerts; empty if it does."""
    if reach == "sure":
        return []
    first = (
        f"I'm not in {place(channel)} yet. Invite me there with /invite @aicost."
        if reach == "invite"
        else f"Slack doesn't say whether I can post in {place(channel)}. Check that I'm in it."
    )
    return [f"{first} Alerts that can't be posted go to you and the managers directly."]


def budget_line(status: BudgetStatus) -> str:
    """``Budget (OpenAI, $500 per month): $420.00 used this month …``."""
    rule = status.rule
    what = f"{kind_words(rule)} ({_scoped(rule)}, {amount_words(status.target)})"
    return f"{what}: {rule_status_words(status)}"


def rule_status_words(status: RuleStatus) -> str:
    """``$420.00 used this month (84%), $80.00 left. Forecast: about $610 …``."""
    reason = without_codes(status.reason or "")
    if isinstance(status, BudgetStatus) and status.item is not None:
        own = rule_status_words(replace(status, item=None))
        if status.items == 1:
            return f"{scope_title(status.item)}: {own}"
        over = count_words(status.item.kind, status.over)
        reached = f"{over} of {status.items} at {chosen(status.target.amount)} or more"
        return f"{reached}. Highest: {scope_words(status.item)}, {own}"
    if isinstance(status, BalanceStatus) and status.account:
        own = rule_status_words(replace(status, account=""))
        words = f"{name(status.account)}: {own[0].lower()}{own[1:]}"
        others = status.others if isinstance(status, LowestBalance) else ()
        return " ".join([words, *map(_other_account, others)])
    if isinstance(status, BudgetStatus):
        if status.actual is None:
            least = least_words(status.target.amount, status.at_least)
            return f"Spend so far is unknown{least}: {reason}"
        words = _budget_words(status, status.actual, status.target)
    elif status.remaining is None:
        return f"The balance is unknown: {reason}"
    else:
        left = status.remaining
        overdrawn = " (overdrawn)" if left < 0 else ""
        words = f"{money(left, status.currency)} left{overdrawn}"
        if status.runs_out_on and left > 0:
            first, last = status.runs_out_earliest, status.runs_out_latest
            today = utc_day(status.as_of) if status.as_of else status.runs_out_on
            words += f", lasts until {likely_day(status.runs_out_on, first, last, today)} (UTC)"
    if reason:
        at = f" {moment(status.as_of)}" if status.as_of else ""
        return f"Last read{at}: {words}. {reason}"
    return f"{words}."


def _other_account(status: BalanceStatus) -> str:
    """``DeepSeek (china)'s balance is in CNY, so this alert doesn't watch it. Set another …``, or
    why it is not known."""
    if not status.is_in_other_currency:
        return rule_status_words(status)
    account, currency = name(status.account), currency_code(status.currency)
    command = f"budget set {scope_text(Scope('connection', status.connection))} left"
    amount = f"{(status.target.dollars or Decimal(0)).normalize():f}"
    return (
        f"{account}'s balance is in {currency}, so this alert doesn't watch it. "
        f"Set another one, in {currency}, for example: `/aicost {escape(command)} {amount}`"
    )


def _budget_words(status: BudgetStatus, used: Decimal, target: Budget) -> str:
    words = (
        f"{money(used)} used {PERIODS[target.period]} "
        f"({share_of(target.amount, used, target.thresholds)}), "
        f"{over_or_left(target.amount, used)}"
    )
    forecast = forecast_words(status)
    return f"{words}. {forecast}" if forecast else words


def forecast_words(status: BudgetStatus) -> str:
    """``Forecast: about $610 ($590–$640), $500 will be used up about 28 Nov (UTC)``; empty if
    there is none."""
    if status.forecast is None:
        return ""
    expected = with_range(status.forecast, status.forecast_low, status.forecast_high)
    amount = status.target.amount
    end = used_up_words(amount, status.forecast_low, status.crossing_on)
    return f"Forecast: {expected}" + (f", {chosen(amount)} {end} (UTC)" if end else "")


def listed_words(rule: Rule) -> str:
    """``OpenAI, $500 monthly, alerts at 50%, 80% and 100%`` in mrkdwn, after the rule's number."""
    is_budget = isinstance(rule.target, Budget)
    terms = target_words(rule.target) if is_budget else amount_words(rule.target)
    return f"{_scoped(rule)}, {terms}"


def _listed(status: RuleStatus) -> str:
    rule = status.rule
    drawn = ""
    if isinstance(status, BudgetStatus) and status.actual is not None:
        drawn = f"{bar(status.target.amount, status.actual)} "
    return (
        f"*{numbered(rule)}*: {listed_words(rule)}, {where_words(rule)}\n"
        f"{drawn}{rule_status_words(status)}"
    )
