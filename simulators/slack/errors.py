"""Errors of the simulated Slack."""

from collections.abc import Mapping
from typing import Any


class SlackError(Exception):
    """An ``"ok": false`` answer: Slack's own error code, and its other fields."""

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields: Mapping[str, Any] = fields


class Unanswered(Exception):
    """The app did not accept a request. The reason is the error code that Slack shows to people:
    ``operation_timeout``, ``dispatch_failed`` or ``http_service_error``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
