"""From an answer to the message that says it."""

from datetime import datetime

from bot.budgets.messages.alert_details import alert_details_message
from bot.budgets.messages.alert_list import alert_changed_message, alert_listing_message
from bot.budgets.messages.budgets import (
    not_done_message,
    rule_listing_message,
    rule_removed_message,
    rule_set_message,
    spikes_watched_message,
)
from bot.budgets.results import (
    AlertChanged,
    AlertDetails,
    AlertListing,
    CommandRejected,
    RuleListing,
    RuleRemoved,
    RuleSet,
    SpikesWatched,
)
from bot.digests.messages.answers import (
    digest_awaits_message,
    digest_listing_message,
    digest_paused_message,
    digest_preview_message,
    digest_removed_message,
    digest_resumed_message,
    digest_set_message,
)
from bot.digests.results import (
    DigestAwaitsYes,
    DigestListing,
    DigestPaused,
    DigestPreviewed,
    DigestRemoved,
    DigestResumed,
    DigestSet,
)
from bot.language.commands import ParseFailure
from bot.reports.answers import Answer, BalanceAnswer, HelpAnswer, SpendAnswer, StatusAnswer
from bot.reports.messages.balance import balance_message
from bot.reports.messages.declared_balance import credit_message
from bot.reports.messages.export import export_sent_message
from bot.reports.messages.forecast import forecast_message
from bot.reports.messages.help import help_message, not_understood_message
from bot.reports.messages.spend import spend_message
from bot.reports.messages.status import status_message
from bot.reports.messages.suggestions import ASK, IN_THREAD, SHARE
from bot.reports.messages.why import why_message
from bot.reports.results import CreditDeclared, ExportReady, ForecastAnswer, WhyAnswer
from bot.slack.blocks import bounded, button, context
from bot.slack.message import Block, Message
from bot.slack.openers import CHANGE_RULE
from bot.slack.text import moment, name


def answer_message(answer: Answer) -> Message:
    """How any answer reads."""
    match answer:
        case SpendAnswer():
            return spend_message(answer.query, answer.summary, answer.offered)
        case BalanceAnswer():
            return balance_message(answer.query, answer.summary)
        case StatusAnswer():
            return status_message(answer.summary, answer.states, answer.troubles, answer.health)
        case WhyAnswer():
            return why_message(answer)
        case CreditDeclared():
            return credit_message(answer)
        case ForecastAnswer():
            return forecast_message(answer)
        case HelpAnswer():
            return help_message(answer.topic)
        case ParseFailure():
            return not_understood_message(answer)
        case RuleSet():
            return rule_set_message(answer)
        case RuleRemoved():
            return rule_removed_message(answer)
        case RuleListing():
            return rule_listing_message(answer)
        case AlertListing():
            return alert_listing_message(answer)
        case AlertChanged():
            return alert_changed_message(answer)
        case AlertDetails():
            return alert_details_message(answer)
        case DigestSet():
            return digest_set_message(answer)
        case DigestAwaitsYes():
            return digest_awaits_message(answer)
        case DigestRemoved():
            return digest_removed_message(answer)
        case DigestListing():
            return digest_listing_message(answer)
        case DigestPreviewed():
            return digest_preview_message(answer)
        case DigestPaused():
            return digest_paused_message(answer)
        case DigestResumed():
            return digest_resumed_message(answer)
        case ExportReady():
            return export_sent_message(answer)
        case SpikesWatched():
            return spikes_watched_message(answer)
        case CommandRejected():
            return not_done_message(answer)


def shared(message: Message, who: str, at: datetime, details: str | None = None) -> Message:
    """An answer as the whole channel sees it: with who shared it and when, without *Share*, and
    with *Details in thread* where `details` are the words that ask for them, and without what only
    managers change."""
    words = f"Shared by {name(who)}, {moment(at)}"
    kept = [block for each in message.blocks if (block := _unshared(each, details)) is not None]
    at_end = [block for block in kept if block["type"] == "actions"]
    before = [block for block in kept if block["type"] != "actions"]
    return Message(f"{message.text} {words}.", bounded([*before, context([words])], at_end))


def without_actions(message: Message) -> Message:
    """An answer from which nothing leads on."""
    said = [block for block in message.blocks if block["type"] != "actions"]
    kept = [{key: part for key, part in each.items() if key != "accessory"} for each in said]
    return Message(message.text, tuple(kept))


def without_questions(message: Message) -> Message:
    """An answer without the buttons that ask on: a modal is in no channel, so those about "this
    channel" would find none."""
    blocks: list[Block] = []
    for block in message.blocks:
        if block["type"] == "actions":
            kept = [each for each in block["elements"] if not each["action_id"].startswith(ASK)]
            blocks += [{**block, "elements": kept}] if kept else []
        else:
            blocks.append(block)
    return Message(message.text, tuple(blocks))


def _unshared(block: Block, details: str | None) -> Block | None:
    if block["type"] != "actions":
        return {key: value for key, value in block.items() if key != "accessory"}
    elements = []
    for each in block["elements"]:
        if each["action_id"] == CHANGE_RULE:
            continue
        if each["action_id"] != SHARE:
            elements.append(each)
        elif details is not None:
            elements.append(button("Details in thread", IN_THREAD, details))
    return {**block, "elements": elements} if elements else None
