"""The modal that asks where to share an answer, for where there is no channel at hand."""

from typing import Any

from bot.slack.fields import any_channel, field, form

SHARE_FORM = "aicost.share.form"
CHANNEL = "channel"


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
