"""What is said around sharing an answer."""

from bot.reports.messages.suggestions import SHARE_ANYWAY
from bot.reports.sharing import Held
from bot.slack.blocks import actions, button, section
from bot.slack.message import Message


def held_message(held: Held, words: str) -> Message:
    """Why an answer is not shared yet, and, for a manager, the button that shares it."""
    if not held.may_allow:
        said = f"Not shared: {held.reason} A manager has to share it there."
        return Message(said, (section(said),))
    said = f"Not shared yet: {held.reason} Share it with them too?"
    share = button(
        "Share it all the same",
        SHARE_ANYWAY,
        words,
        style="danger",
        spoken="Share it with everybody",
    )
    return Message(said, (section(said), actions([share])))


def only_members_message() -> Message:
    """For a channel that the person is not in."""
    said = "Only people who are in the channel can share something there."
    return Message(said, (section(said),))


def shared_message(channel: str) -> Message:
    """An answer was shared from elsewhere."""
    said = f"Shared in <#{channel}>."
    return Message(said, (section(said),))


def shared_already_message() -> Message:
    """A second press on one answer."""
    said = "This answer is shared here already. Ask again to share newer figures."
    return Message(said, (section(said),))


def in_thread_message(*, was_there: bool) -> Message:
    """The details are where they belong."""
    said = "The details are in the thread" + (" already." if was_there else ".")
    return Message(said, (section(said),))


def not_in_thread_message(code: str, *, is_gone: bool) -> Message:
    """The bot may not post there, or the message of the thread is gone."""
    said = (
        f"Slack did not take the details ({code}): the app may have to be invited to this "
        "channel with /invite @aicost."
    )
    if is_gone:
        said = "Nothing was posted: the message that the details belong to was deleted."
    return Message(said, (section(said),))
