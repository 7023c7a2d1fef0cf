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
