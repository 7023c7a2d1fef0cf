"""Why Slack did not take a message, in terms that do not depend on its client library."""

from typing import Literal

FailureReason = Literal[
    "channel_gone",  # deleted, or private and the bot is not in it
    "not_in_channel",
    "archived",
    "not_allowed",  # posting policy of the channel or workspace
    "token",  # the app was uninstalled or its token revoked
    "shared_outside",  # a Slack Connect channel without a manager's yes
    "message_gone",  # the message to edit is gone or can no longer be edited
    "missing_scope",  # the app was not granted what this takes
    "refused",  # anything else Slack will refuse again
]
"""Why Slack will refuse a message again."""
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
"""What people can do about each."""
LimitScope = Literal["channel", "method"]
"""What a rate limit of Slack holds for."""


class DeliveryError(Exception):
    """Slack did not take a message; `code` is Slack's own word for it, `details` what it says
    in addition. `str()` is both."""

    def __init__(self, code: str, details: str = "") -> None:
        super().__init__(f"{code}; {details}" if details else code)
        self.code = code
        self.details = details

    @property
    def is_message_gone(self) -> bool:
        """The message to edit or to reply to was deleted, or can't be edited any more."""
        return isinstance(self, PermanentError) and self.trouble == "message_gone"


class PassingError(DeliveryError):
    """Worth another try, after `retry_after` seconds where Slack said so. Surely not taken.

    `scope`: what Slack's wait holds for.
    """

    def __init__(
        self, code: str, retry_after: float | None = None, scope: LimitScope = "channel"
    ) -> None:
        super().__init__(code)
        self.retry_after = retry_after
        self.scope = scope


class DoubtfulError(DeliveryError):
    """The answer was lost, or Slack failed half-way: it may have been taken."""


class PermanentError(DeliveryError):
    """Slack will refuse it again until someone fixes `trouble`."""

    def __init__(self, code: str, trouble: FailureReason, details: str = "") -> None:
        super().__init__(code, details)
        self.trouble = trouble
