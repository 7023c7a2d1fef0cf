"""To an owner or manager: what could not be said where, why, and how to fix it."""

from bot.budgets.messages.alert import notice_message
from bot.notifications.notifier import Undelivered
from bot.slack.blocks import actions, bounded, button, section
from bot.slack.channel_info import NO_APPS, conversation_kind
from bot.slack.delivery_errors import FailureReason
from bot.slack.message import Block, Message
from bot.slack.openers import routing
from bot.slack.text import name

RESUME = "aicost.digest.resume"
FIXES: dict[FailureReason, str] = {
    "channel_gone": (
        "The channel was deleted, or is private and the app is not in it. "
        "Invite the app there, or choose another channel."
    ),
    "not_in_channel": "The app is not in the channel: invite it there with /invite.",
    "archived": "The channel is archived. Unarchive it, or choose another channel.",
    "not_allowed": (
        "The workspace or channel does not let apps post there. "
        "Ask an admin to allow it, or choose another channel."
    ),
    "token": "Slack no longer accepts the app's token. Install the app again.",
    "shared_outside": (
        "The channel is shared with people outside. A manager has to allow that first."
    ),
    "message_gone": "The message was deleted or can no longer be edited.",
    "missing_scope": (
        "The app lacks a scope. Add the one that is needed at api.slack.com/apps, your app, "
        "OAuth & Permissions, and reinstall the app to the workspace."
    ),
    "refused": "Slack refused it. The reason is in the log of aicost.",
}


def undelivered_message(failure: Undelivered) -> Message:
    """What was not delivered, what to do, and, for an alert, the alert itself."""
    could = "can't be posted any more" if failure.is_ahead else "could not be posted"
    no_apps = NO_APPS.get(conversation_kind(failure.channel))
    is_gone = failure.trouble in ("channel_gone", "not_in_channel")
    fix = no_apps if no_apps and is_gone else FIXES[failure.trouble]
    words = f"{failure.what} {could} in <#{failure.channel}> ({name(failure.code, 150)}). {fix}"
    blocks: list[Block] = [section(words)]
    if failure.is_ahead:
        blocks.append(actions([routing()]))
    if failure.digest_id is not None:
        blocks.append(
            actions([button("Resume the digest", RESUME, str(failure.digest_id), style="primary")])
        )
    if failure.notice is None:
        return Message(words, tuple(blocks))
    alert = notice_message(failure.notice)
    return Message(f"{words} {alert.text}", bounded([*blocks, *alert.blocks]))
