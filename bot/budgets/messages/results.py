"""How each result of this feature reads."""

from bot.budgets.messages.alert_details import alert_details_message
from bot.budgets.messages.alert_list import alert_changed_message, alert_listing_message
from bot.budgets.messages.budgets import (
    rule_listing_message,
    rule_removed_message,
    rule_set_message,
    spikes_watched_message,
)
from bot.budgets.results import (
    AlertChanged,
    AlertDetails,
    AlertListing,
    RuleAnswer,
    RuleListing,
    RuleRemoved,
    RuleSet,
    SpikesWatched,
)
from bot.language.commands import CommandRejected
from bot.reports.messages.help import rejected_message
from bot.slack.message import Message


def render(result: RuleAnswer | CommandRejected) -> Message:
    """The message that says what came of a command or press."""
    match result:
        case RuleSet():
            return rule_set_message(result)
        case RuleRemoved():
            return rule_removed_message(result)
        case RuleListing():
            return rule_listing_message(result)
        case AlertListing():
            return alert_listing_message(result)
        case AlertChanged():
            return alert_changed_message(result)
        case AlertDetails():
            return alert_details_message(result)
        case SpikesWatched():
            return spikes_watched_message(result)
        case CommandRejected():
            return rejected_message(result)
