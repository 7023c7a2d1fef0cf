"""The modals that take a question, behind the shortcuts, and the one that asks where to share an
answer."""

from typing import Any

from bot.slack.blocks import context
from bot.slack.fields import any_channel, field, form, line

ASK_SHORTCUT = "aicost_ask"
HERE_SHORTCUT = "aicost_ask_here"
QUESTION_FORM = "aicost.question.form"
HERE_FORM = "aicost.question.here"
SHARE_FORM = "aicost.share.form"
CHANNEL = "channel"
QUESTION = "question"
EXAMPLES = "For example: openai last week by model · balance · why yesterday · forecast · help"


def question_view() -> dict[str, Any]:
    """Return the modal of a question. Its answer appears in it, visible to the requester only."""
    return form(
        QUESTION_FORM,
        "Ask about AI costs",
        "Ask",
        [field(QUESTION, "What do you want to know?", line("mtd")), context([EXAMPLES])],
    )


def question_here_view(channel: str, thread_ts: str) -> dict[str, Any]:
    """Answered in the thread of a message, for everybody there."""
    return form(
        HERE_FORM,
        "Answer with AI costs",
        "Answer in the thread",
        [
            field(
                QUESTION,
                "What should be answered there?",
                line("mtd"),
                hint="Everybody in the channel sees the answer, with your name.",
            ),
            context([EXAMPLES]),
        ],
        metadata=f"{channel} {thread_ts}",
    )


def share_view(words: str) -> dict[str, Any]:
    """`words`: what is asked there, kept as the `private_metadata`."""
    return form(
        SHARE_FORM,
        "Share to channel",
        "Share",
        [
            field(
                CHANNEL,
                "Channel",
                any_channel(),
                hint="Everybody there sees it, with your name. What that channel may see is "
                "answered again.",
            )
        ],
        metadata=words,
    )
