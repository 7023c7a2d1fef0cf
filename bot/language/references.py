"""Slack's references: `<@U…>`, `<!subteam^S…>` and `<#C…>`, made from an id.

The first letter of an id says what it is.
"""

import re


def is_user(slack_id: str) -> bool:
    """Return True for the id of a user."""
    return slack_id.startswith(("U", "W"))


def is_user_group(slack_id: str) -> bool:
    """Return True for the id of a user group."""
    return slack_id.startswith("S")


def is_channel(slack_id: str) -> bool:
    """Return True for the id of a channel."""
    return re.fullmatch(r"[CG][A-Z0-9]{1,30}", slack_id) is not None


def reference(slack_id: str) -> str:
    """Return the mrkdwn that Slack shows as the name of a user, a user group or a channel.

    In a message, a user or user group is notified by it.
    """
    if is_user(slack_id):
        return f"<@{slack_id}>"
    return f"<!subteam^{slack_id}>" if is_user_group(slack_id) else f"<#{slack_id}>"
