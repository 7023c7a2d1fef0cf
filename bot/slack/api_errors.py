"""The meaning of a failed call of Slack's Web API for a message: passing, doubtful or permanent.

Error codes: method references of `chat.postMessage`, `chat.update` and `conversations.open` at
docs.slack.dev.
"""

import asyncio
import re

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.message import (
    DeliveryError,
    DoubtfulError,
    FailureReason,
    LimitScope,
    PassingError,
    PermanentError,
)
from providers.redaction import clip, sanitize
from providers.refusal import retry_after

_REASONS: dict[str, FailureReason] = {
    "channel_not_found": "channel_gone",
    "channel_is_limited_access": "not_allowed",
    "not_in_channel": "not_in_channel",
    "is_archived": "archived",
    "is_inactive": "archived",
    "restricted_action": "not_allowed",
    "restricted_action_read_only_channel": "not_allowed",
    "restricted_action_thread_only_channel": "not_allowed",
    "restricted_action_thread_locked": "not_allowed",
    "restricted_action_non_threadable_channel": "not_allowed",
    "messages_tab_disabled": "not_allowed",
    "cannot_dm_bot": "not_allowed",
    "user_disabled": "not_allowed",
    "team_access_not_granted": "not_allowed",
    "ekm_access_denied": "not_allowed",
    "account_inactive": "token",
    "token_revoked": "token",
    "token_expired": "token",
    "invalid_auth": "token",
    "not_authed": "token",
    "missing_scope": "missing_scope",
    "message_not_found": "message_gone",
    "thread_not_found": "message_gone",
    "cant_update_message": "message_gone",
    "edit_window_closed": "message_gone",
}
_PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "service_unavailable",
        "request_timeout",
        "org_login_required",
        "team_added_to_org",
    }
)
_ABOUT_CONTENT = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_blocks_too_many",
        "msg_too_long",
    }
)
_ABOUT_VIEWS = frozenset({"invalid_arguments", "view_too_large"})
"""Further errors of `views.*` about the blocks of a view."""
_LATE_TRIGGERS = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
LONGEST_DETAILS = 300
LONGEST_RETRY_AFTER = 3600.0
"""The longest `Retry-After` that is respected, in seconds."""
_HALF_WAY = frozenset({"fatal_error", "internal_error"})


def to_delivery_error(error: Exception, method: str = "") -> DeliveryError:
    """Return the failure of one call; its type says whether Slack may have accepted the message."""
    if isinstance(error, DeliveryError):
        return error
    if isinstance(error, SlackApiError):
        return _answered(error, method)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return PassingError(type(error).__name__)  # never reached Slack
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | SlackClientError | OSError):
        return DoubtfulError(type(error).__name__)  # sent; the answer was lost
    raise error


def passing_words(error: Exception) -> str | None:
    """Return what to log if Slack did not answer, or not now; None for any other error."""
    try:
        meant = to_delivery_error(error)
    except Exception:
        return None
    return None if isinstance(meant, PermanentError) else str(meant)


def error_code_of(error: SlackApiError) -> str:
    """Return Slack's error code, such as ``channel_not_found``, or the HTTP status if there is
    none."""
    return error_code(getattr(error.response, "data", None)) or f"status_{_status(error)}"


def error_code(data: object) -> str | None:
    """Return the error code in Slack's answer; None if there is none, as when something else
    answered."""
    code = data.get("error") if isinstance(data, dict) else None
    is_word = isinstance(code, str) and re.fullmatch(r"[a-z][a-z0-9_]{1,79}", code)
    return code if is_word else None


def error_text(error: SlackApiError) -> str:
    """Return Slack's error code with its details: ``missing_scope; needed: chat:write; provided:
    commands``. For logs, and for the people who run aicost."""
    return "; ".join(filter(None, [error_code_of(error), details(error)]))


def details(error: SlackApiError) -> str:
    """Return the details of a refusal, apart from its code; empty if there are none.

    Scopes, pointers to rejected parts, and warnings: none contains text of a message.
    """
    data = getattr(error.response, "data", None)
    if not isinstance(data, dict):
        return ""
    parts = [f"{key}: {data[key]}" for key in ("needed", "provided") if data.get(key)]
    parts += [
        f"{each.get('pointer', '')} {each.get('code', '')}".strip()
        for each in _listed(data.get("errors"))
        if isinstance(each, dict)
    ]
    parts += [str(each) for each in _listed(data.get("errors")) if isinstance(each, str)]
    metadata = data.get("response_metadata")
    if isinstance(metadata, dict):
        parts += [str(each) for each in _listed(metadata.get("messages"))]
    return clip(sanitize("; ".join(parts)), LONGEST_DETAILS)


def needed_scope(error: SlackApiError) -> str | None:
    """Return the scope that the app lacks; None if that was not the reason."""
    data = getattr(error.response, "data", None)
    if error_code_of(error) != "missing_scope" or not isinstance(data, dict):
        return None
    return clip(sanitize(str(data.get("needed") or "that Slack does not name")), LONGEST_DETAILS)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def is_too_late(error: Exception) -> bool:
    """Return True if it is too late to open a modal: a trigger lasts three seconds, and opens
    one."""
    return isinstance(error, SlackApiError) and error_code_of(error) in _LATE_TRIGGERS


def is_half_way(code: str) -> bool:
    """Return True if Slack failed while processing: it may have accepted the message."""
    return code in _HALF_WAY


def is_about_content(code: str) -> bool:
    """Return True if Slack refused the format of a message, so that a plainer one may be
    accepted."""
    return code in _ABOUT_CONTENT


def is_about_view(error: SlackApiError) -> bool:
    """Return True if Slack refused the format of a view, so that a plainer one may be accepted."""
    return error_code_of(error) in _ABOUT_CONTENT | _ABOUT_VIEWS


def _answered(error: SlackApiError, method: str) -> DeliveryError:
    code, status = error_code_of(error), _status(error)
    if status == 429 or code in _PASSING:
        scope: LimitScope = "channel" if method == "chat.postMessage" else "method"
        return PassingError("ratelimited" if status == 429 else code, _retry_after(error), scope)
    if code in _HALF_WAY or status >= 500 or code == f"status_{status}":
        return DoubtfulError(code)
    return PermanentError(code, _REASONS.get(code, "refused"), details(error))


def _status(error: SlackApiError) -> int:
    response = error.response
    return int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)


def _retry_after(error: SlackApiError) -> float | None:
    headers = getattr(error.response, "headers", None) or {}
    seconds = retry_after({key.lower(): value for key, value in headers.items()})
    return None if seconds is None else min(seconds, LONGEST_RETRY_AFTER)
