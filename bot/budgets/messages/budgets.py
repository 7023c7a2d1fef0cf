"""Answers about budgets and low-balance rules: set, changed, listed, removed."""

from datetime import date

from bot.budgets.messages.budget_words import (
    PERIODS,
    bar,
    least_words,
    low_balance_words,
    over_or_left,
    rule_label,
    rule_words,
    scope_words,
    share_of,
    subject_of,
    target_words,
)
from bot.budgets.models import Budget, BudgetStatus
from bot.budgets.results import Deliverability, RuleListing, RuleRemoved, RuleSet
from bot.reports.messages.suggestions import ask, page_of
from bot.slack.blocks import (
    actions,
    bounded,
    button,
    context,
    escape,
    header,
    moment,
    paragraphs,
    section,
    text_message,
)
from bot.slack.fields import Option, menu
from bot.slack.message import Block, Message
from bot.slack.openers import CHANGE_RULE, change_rule, new_budget, routing
from bot.wording import chosen, day, estimate, money, plural
from providers.redaction import clip

LISTED = 20
REASON = 400
REMOVE = "aicost.budget.remove"


def rule_set_message(answer: RuleSet) -> Message:
    """A rule was made or changed, and where it stands."""
    rule = answer.standing.rule
    buttons = [
        ask("All budgets", "budget list"),
        button("Remove", REMOVE, str(rule.id), spoken=f"Remove budget {rule.id}"),
    ]
    if not answer.is_changed:
        lines = [_unchanged(answer), standing_words(answer.standing)]
        lines += reach_lines(answer.reach, rule.channel)
        return Message(_unmarked(lines), (*paragraphs(lines), actions(buttons)))
    verb = "Set" if answer.before is None else "Changed"
    first = f"{verb}: *{rule_words(rule)}* (#{rule.id}). It warns <#{rule.channel}>."
    lines = [first]
    if answer.before is not None and answer.before != rule.target:
        lines.append(f"Before, it was {target_words(answer.before)}.")
    if answer.ended:
        lines.append(f"This ended {plural(answer.ended, 'open alert')}.")
    lines.append(standing_words(answer.standing))
    lines += reach_lines(answer.reach, rule.channel)
    if answer.is_said_in_channel:
        lines.append("A line is crossed already, so the channel is told once where things stand.")
    return Message(_unmarked(lines), (*paragraphs(lines), actions(buttons)))


def _unchanged(answer: RuleSet) -> str:
    """``Nothing changed: OpenAI already has a budget of $500 monthly here.``"""
    rule = answer.standing.rule
    target, where = rule.target, "here" if answer.is_here else f"in <#{rule.channel}>"
    if isinstance(target, Budget):
        what = f"a budget of {chosen(target.amount)} {target.period}"
    else:
        what = f"a low-balance alert at {low_balance_words(target.dollars, target.days)}"
    subject = subject_of(rule.scope)
    return f"Nothing changed: {subject.words} already {subject.has} {what} {where}."


def rule_removed_message(answer: RuleRemoved) -> Message:
    """A rule is gone."""
    lines = [f"Removed: *{rule_words(answer.rule)}* (#{answer.rule.id})."]
    if answer.ended:
        lines.append(f"This ended {plural(answer.ended, 'open alert')}.")
    return Message(
        _unmarked(lines), (*paragraphs(lines), actions([ask("All budgets", "budget list")]))
    )


def rule_listing_message(answer: RuleListing) -> Message:
    """Every rule with a bar, its figures, and what remains."""
    if not answer.standings:
        words = (
            "No budget is set yet. A manager sets one in the channel that is to be warned, "
            "for example with `/aicost budget set openai 500 monthly`."
        )
        return text_message(words, new_budget())
    page = page_of(answer.standings, answer.page, LISTED, lambda number: f"budget list {number}")
    shown = page.shown
    rest = [each for each in answer.standings if each not in shown]
    blocks: list[Block] = [header("Budgets and floors")]
    if answer.may_change:
        blocks += [section(_listed(each), change_rule(each.rule.id)) for each in shown]
    else:
        blocks += paragraphs([_listed(each) for each in shown])
    notes = [*page.notes, "Periods are UTC days, Monday weeks and calendar months."]
    blocks.append(context(notes))
    said = [f"#{each.rule.id} {rule_words(each.rule)}. {standing_words(each)}" for each in shown]
    said += page.notes
    buttons = [*page.buttons, new_budget(), routing()]
    if rest and answer.may_change:
        options = [Option(rule_label(each.rule), str(each.rule.id)) for each in rest]
        buttons.append(menu("Change another budget", CHANGE_RULE, options))
    blocks.append(actions(buttons))
    return Message(_unmarked(said), bounded(blocks))


def reach_lines(reach: Deliverability, channel: str) -> list[str]:
    """What is to be done before a channel gets its alerts; nothing where it will."""
    if reach == "sure":
        return []
    first = (
        f"I am not in <#{channel}>: invite me there with /invite @aicost."
        if reach == "invite"
        else f"Slack does not tell me whether I can post in <#{channel}>: see that I am in it."
    )
    return [f"{first} An alert that can't be posted comes to its maker and the managers directly."]


def budget_line(standing: BudgetStatus) -> str:
    """``#3 OpenAI, $500.00 monthly: $420.00 used this month, …``."""
    rule = standing.rule
    if not isinstance(rule.target, Budget):
        return ""
    amount = f"{money(rule.target.amount)} {rule.target.period}"
    return f"#{rule.id} {scope_words(rule.scope)}, {amount}: {standing_words(standing)}"


def standing_words(standing: BudgetStatus) -> str:
    """``$420.00 used this month, 84%, $80.00 remains; forecast $610.00 …``."""
    target = standing.rule.target
    if isinstance(target, Budget):
        return _budget_words(standing, target)
    if standing.left is None:
        return f"What is left is unknown: {escape(clip(standing.reason or '', REASON))}"
    words = (
        f"{money(standing.left)} left (overdrawn)"
        if standing.left < 0
        else f"{money(standing.left)} left"
    )
    end = (
        f", until {_utc(standing.runs_out_on)}"
        if standing.runs_out_on and standing.left > 0
        else ""
    )
    return _stale(f"{words}{end}", standing) if standing.reason else f"Now: {words}{end}."


def _stale(words: str, standing: BudgetStatus) -> str:
    at = f" {moment(standing.as_of)}" if standing.as_of else ""
    return f"When last read{at}: {words}. {escape(clip(standing.reason or '', REASON))}"


def _budget_words(standing: BudgetStatus, target: Budget) -> str:
    used = standing.actual
    if used is None:
        least = least_words(target.amount, standing.at_least)
        return f"Used so far is unknown{least}: {escape(clip(standing.reason or '', REASON))}"
    words = (
        f"{money(used)} used {PERIODS[target.period]}, {share_of(target.amount, used)}, "
        f"{over_or_left(target.amount, used)}"
    )
    if standing.reason:
        return _stale(words, standing)
    if standing.forecast is None:
        return f"{words}."
    words += f"; forecast {estimate(standing.forecast)}"
    if standing.forecast_low is not None and standing.forecast_high is not None:
        words += f" ({estimate(standing.forecast_low)} to {estimate(standing.forecast_high)})"
    if standing.crossing_on is not None:
        words += f", reached about {_utc(standing.crossing_on)}"
    return f"{words}."


def _listed(standing: BudgetStatus) -> str:
    rule = standing.rule
    drawn = ""
    if isinstance(rule.target, Budget) and standing.actual is not None:
        drawn = f"{bar(rule.target.amount, standing.actual)} "
    fresh = f" Read {moment(standing.as_of)}." if standing.as_of and not standing.reason else ""
    return (
        f"*#{rule.id} {scope_words(rule.scope)}*: {target_words(rule.target)}, in "
        f"<#{rule.channel}>\n{drawn}{standing_words(standing)}{fresh}"
    )


def _utc(value: date) -> str:
    return f"{day(value)} (UTC)"


def _unmarked(lines: list[str]) -> str:
    return " ".join(lines).replace("*", "")
