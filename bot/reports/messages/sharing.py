"""What is said around sharing an answer."""

from bot.reports.messages.suggestions import SHARE_ANYWAY
from bot.reports.sharing import Held
from bot.slack.blocks import button, text_message
from bot.slack.message import Message


def held_message(held: Held, words: str) -> Message:
    """Why an answer is not shared yet, and, for a manager, the button that shares it."""
    if not held.may_allow:
        said = f"Not shared: {held.reason} A manager has to share it there."
        return text_message(said)
    said = f"Not shared yet: {held.reason} Share it with them too?"
    share = button(
        "Share it all the same",
        SHARE_ANYWAY,
        words,
        style="danger",
        spoken="Share it with everybody",
    )
    return text_message(said, share)


def only_members_message() -> Message:
    """For a channel that the person is not in."""
    return text_message("Only people who are in the channel can share something there.")


def shared_message(channel: str) -> Message:
    """An answer was shared from elsewhere."""
    return text_message(f"Shared in <#{channel}>.")


def shared_already_message() -> Message:
    """A second press on one answer."""
    return text_message("This answer is shared here already. Ask again to share newer figures.")


def in_thread_message(*, was_there: bool) -> Message:
    """The details are where they belong."""
    said = "The details are in the thread" + (" already." if was_there else ".")
    return text_message(said)


def not_in_thread_message(code: str, *, is_gone: bool) -> Message:
    """The bot may not post there, or the message of the thread is gone."""
    said = (
        f"Slack did not take the details ({code}): the app may have to be invited to this "
        "channel with /invite @aicost."
    )
    if is_gone:
        said = "Nothing was posted: the message that the details belong to was deleted."
    return text_message(said)
