"""The sections of the Home tab for managers."""

from collections.abc import Collection

from bot.access.messages import audit_line
from bot.anomalies.views import anomaly_channels_text
from bot.budgets.messages.budget_words import kind_words
from bot.budgets.messages.budgets import (
    forecast_words,
    listed_words,
    rule_status_words,
    where_words,
)
from bot.budgets.models import BudgetStatus, RuleStatus
from bot.digests.messages.answers import change_button, digest_line
from bot.home.models import AdminSection, HomeData
from bot.home.views.visibility import limited_words
from bot.reports.messages.suggestions import ask
from bot.slack import openers
from bot.slack.blocks import (
    actions,
    button,
    context,
    divider,
    header,
    paragraphs,
    place,
    section,
)
from bot.slack.message import Block
from bot.wording import capitalized, plural

AUDIT = "aicost.home.audit"
CHANNELS = 8
DIGESTS = 10
"""Digests that are listed in *Your channels*."""
LIMITED = 8
MEMBERS_SEE_ALL = (
    "All members of this workspace see all spend. "
    "Guests see none, unless `AICOST_VIEWERS` names them."
)


def managed_blocks(managed: AdminSection, home_data: HomeData) -> list[Block]:
    """Return budgets, digests, alerts, connections and the audit log, each with its buttons."""
    return [
        divider(),
        context(["You see the sections below because you are a manager."]),
        *_budgets(managed, home_data),
        *_digests(managed, home_data),
        *_alerts(managed),
        *_visibility(managed),
        *_audit(managed),
    ]


def _budgets(managed: AdminSection, home_data: HomeData) -> list[Block]:
    bars = [*home_data.overall, *(bar for _, bars in home_data.bars for bar in bars)]
    above = {bar.rule.id for bar in bars}
    shown = [
        section(
            f"*{kind_words(each.rule)}*: {listed_words(each.rule)}, {where_words(each.rule)}\n"
            f"{_current_words(each, above)}".rstrip(),
            None if each.rule.is_managed else openers.change_rule(each.rule.id),
        )
        for each in managed.pressing
    ]
    rest = managed.rules - len(managed.pressing)
    if not shown:
        shown = [section("No budgets yet.")]
    elif rest > 0:
        shown.append(section(f"And {plural(rest, 'more budget')}: see All budgets."))
    buttons = [openers.new_budget(), openers.new_low_balance(), openers.balance()]
    if managed.rules:
        buttons.append(ask("All budgets", "budget list"))
    return [header("Budgets and low-balance alerts"), *shown, actions(buttons)]


def _current_words(status: RuleStatus, above: Collection[int]) -> str:
    """Return the current figures. If the spend is already in the figures above, only the
    forecast."""
    if not isinstance(status, BudgetStatus) or status.rule.id not in above:
        return rule_status_words(status)
    if status.actual is None or status.is_least or status.reason:
        return rule_status_words(status)
    forecast = forecast_words(status)
    return f"{forecast}." if forecast else ""


def _digests(managed: AdminSection, home_data: HomeData) -> list[Block]:
    words = f"{plural(managed.digests, 'digest')}"
    words += f", {managed.paused} paused." if managed.paused else "."
    if managed.digests == len(home_data.digests[:DIGESTS]):
        return []  # they are listed there, or there are none
    shown = [section(digest_line(plan), change_button(plan)) for plan in managed.first_digests]
    rest = managed.digests - len(shown)
    if rest > 0:
        shown.append(
            section(f"And {plural(rest, 'more digest')}: see `/aicost digest list` in a channel.")
        )
    return [header("Digests"), section(words), *shown]


def _alerts(managed: AdminSection) -> list[Block]:
    lines = []
    if managed.rules > len(managed.pressing):  # else each budget above has its channel
        shown = managed.alert_channels[:CHANNELS]
        lines = [
            f"{capitalized(place(channel))}: {plural(count, 'budget')}" for channel, count in shown
        ]
    if lines and len(managed.alert_channels) > CHANNELS:
        left_out = plural(len(managed.alert_channels) - CHANNELS, "more channel")
        lines.append(f"And {left_out}: see `/aicost budget list`.")
    lines.append(anomaly_channels_text(managed.anomaly_channels, managed.managed_anomaly_channels))
    return [header("Anomaly alerts"), *paragraphs(lines), actions([openers.anomalies()])]


def _visibility(managed: AdminSection) -> list[Block]:
    """Return who sees what. The state of each connection is in *Health*."""
    places = ", ".join(limited_words(rule) for rule in managed.limited[:LIMITED])
    rest = len(managed.limited) - LIMITED
    more = f" and {plural(rest, 'more place')} (see Choose who sees what)" if rest > 0 else ""
    words = f"Limited: {places}{more}." if places else MEMBERS_SEE_ALL
    keys = "API keys are set on the server. Slack never shows them."
    return [header("Access"), *paragraphs([words, keys]), actions([openers.visibility()])]


def _audit(managed: AdminSection) -> list[Block]:
    if not managed.audit:
        return [header("Changes"), section("No changes yet.")]
    lines = [audit_line(entry) for entry in managed.audit]
    return [header("Changes"), *paragraphs(lines), actions([button("All changes", AUDIT, "audit")])]
