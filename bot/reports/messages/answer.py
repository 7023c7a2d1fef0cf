"""From an answer to the message that says it."""

from datetime import datetime

from bot.language.commands import CommandRejected, ParseFailure
from bot.reports.messages.balance import balance_message
from bot.reports.messages.declared_balance import credit_message
from bot.reports.messages.export import export_sent_message
from bot.reports.messages.forecast import forecast_message
from bot.reports.messages.help import help_message, not_understood_message
from bot.reports.messages.spend import spend_message
from bot.reports.messages.status import status_message
from bot.reports.messages.suggestions import IN_THREAD, SHARE
from bot.reports.messages.why import why_message
from bot.reports.results import (
    BalanceAnswer,
    CreditDeclared,
    ExportReady,
    ForecastAnswer,
    HelpAnswer,
    ReportAnswer,
    SpendAnswer,
    StatusAnswer,
    WhyAnswer,
)
from bot.slack.blocks import bounded, button, context, moment, name
from bot.slack.errors import rejected_message
from bot.slack.message import Block, Message
from bot.slack.openers import ASK, CHANGE_RULE


def render(result: ReportAnswer | CommandRejected) -> Message:
    """The message that answers a question or command of this feature."""
    match result:
        case SpendAnswer():
            return spend_message(result.query, result.summary, result.offered)
        case BalanceAnswer():
            return balance_message(result.query, result.summary)
        case StatusAnswer():
            return status_message(result.summary, result.states, result.problems, result.health)
        case WhyAnswer():
            return why_message(result)
        case CreditDeclared():
            return credit_message(result)
        case ForecastAnswer():
            return forecast_message(result)
        case HelpAnswer():
            return help_message(result.topic)
        case ExportReady():
            return export_sent_message(result)
        case ParseFailure():
            return not_understood_message(result)
        case CommandRejected():
            return rejected_message(result)


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
