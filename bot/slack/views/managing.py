"""The sections of the Home tab that only managers see."""

from bot.slack.blocks import actions, button, context, divider, header, paragraphs, section
from bot.slack.message import Block
from bot.slack.messages.asking import ask
from bot.slack.messages.audit import audit_line
from bot.slack.messages.digest_words import digest_line
from bot.slack.messages.rule_words import rule_words
from bot.slack.messages.rules import standing_words
from bot.slack.text import plural
from bot.slack.views import openers
from bot.spend.board import Managed

AUDIT = "aicost.home.audit"
CHANNELS = 8
PAUSED = 5
LIMITED = 8


def managed_blocks(managed: Managed) -> list[Block]:
    """Budgets, digests, alerts, connections and audit, each with what changes it."""
    return [
        divider(),
        context(["Only managers see what follows."]),
        *_budgets(managed),
        *_digests(managed),
        *_alerts(managed),
        *_connections(managed),
        *_audit(managed),
    ]


def _budgets(managed: Managed) -> list[Block]:
    lines = [
        f"*#{each.rule.id} {rule_words(each.rule)}*, in <#{each.rule.channel}>\n"
        f"{standing_words(each)}"
        for each in managed.pressing
    ]
    rest = managed.rules - len(managed.pressing)
    if not lines:
        lines = ["None is set yet."]
    elif rest > 0:
        lines.append(f"And {plural(rest, 'more budget')} further from their lines.")
    buttons = [openers.new_budget(), openers.new_floor(), openers.balance()]
    if managed.rules:
        buttons.append(ask("All budgets", "budget list"))
    return [header("Budgets"), *paragraphs(lines), actions(buttons)]


def _digests(managed: Managed) -> list[Block]:
    words = f"{plural(managed.digests, 'digest')} set."
    if managed.paused:
        words += f" Paused: {len(managed.paused)}."
    paused = [
        section(digest_line(plan), openers.change_digest(plan.id))
        for plan in managed.paused[:PAUSED]
    ]
    return [header("Digests"), section(words), *paused, actions([openers.new_digest()])]


def _alerts(managed: Managed) -> list[Block]:
    shown = managed.alert_channels[:CHANNELS]
    lines = [f"<#{channel}>: {plural(count, 'budget')}" for channel, count in shown]
    if len(managed.alert_channels) > CHANNELS:
        lines.append(f"And {plural(len(managed.alert_channels) - CHANNELS, 'more channel')}.")
    if not lines:
        return [header("Alerts"), section("No channel is warned yet: set a budget first.")]
    return [header("Alerts"), *paragraphs(lines), actions([openers.routing()])]


def _connections(managed: Managed) -> list[Block]:
    places = ", ".join(_place(place) for place in managed.limited[:LIMITED])
    rest = len(managed.limited) - LIMITED
    more = f" and {plural(rest, 'more place')}" if rest > 0 else ""
    words = f"Limited: {places}{more}." if places else "Everybody who may read sees everything."
    return [
        header("Connections"),
        section(f"Keys are set where aicost runs, and never shown.\n{words}"),
        actions([ask("Status", "status"), openers.visibility()]),
    ]


def _place(place: str) -> str:
    return f"<!subteam^{place}>" if place.startswith("S") else f"<#{place}>"


def _audit(managed: Managed) -> list[Block]:
    if not managed.audit:
        return [header("Changes"), section("Nothing has been changed yet.")]
    lines = [audit_line(entry) for entry in managed.audit]
    return [header("Changes"), *paragraphs(lines), actions([button("All changes", AUDIT, "audit")])]
