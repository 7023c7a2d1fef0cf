"""To somebody who left a channel: what they had set there goes on, and who can stop it."""

from bot.home.messages.person_gone import kept_words
from bot.notifications.notifier import OwnerLeftChannel
from bot.slack.blocks import section
from bot.slack.message import Message


def maker_left_message(left: OwnerLeftChannel) -> Message:
    """What goes on without them, and how it is turned off."""
    kept = kept_words(left.digests, left.rules)
    lines = [
        f"You left <#{left.channel}>.",
        f"What you had set there belongs to the channel and goes on: {kept}.",
    ]
    if left.digests:
        lines.append(
            "Anybody in that channel can turn a digest off there with "
            f"`/aicost digest off {left.digests[0]}`."
        )
    if left.rules:
        lines.append(f"A manager can remove a budget with `/aicost budget remove {left.rules[0]}`.")
    words = " ".join(lines)
    return Message(words.replace("`", ""), (section(words),))
