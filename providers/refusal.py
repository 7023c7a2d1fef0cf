"""The meaning of a provider's refusal, and how long to wait. Pure."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from providers.connection_errors import PROXY_FIX
from providers.errors import (
    AccountBlocked,
    Blocked,
    CredentialRejected,
    NotFound,
    PermissionMissing,
    ProviderError,
    RateLimited,
    RequestRefused,
    Unavailable,
)
from providers.redaction import clip, sanitize

_LONGEST_MESSAGE = 240
_LONGEST_CODE = 80
PAGE = "a web page instead of JSON"
WORTH_ANOTHER_TRY = frozenset({408, 409, 429})
"""Statuses, besides 5xx, that the SDKs of OpenAI and OpenRouter retry."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not a success, in safe words: no key, no e-mail address, no markup."""

    title: str
    """The provider's title."""
    path: str
    status: int
    message: str
    """The provider's own message, or ours if it sent none."""
    code: str = ""
    param: str = ""
    retry_after: float | None = None
    is_page: bool = False
    """A page came instead of the provider's JSON: something else answered."""

    def __str__(self) -> str:
        return f"{self.title} answered {self.status} to {self.path}: {self.message}"

    @property
    def words(self) -> str:
        """Return the message in lower case, for searching in it."""
        return self.message.lower()

    @property
    def is_passing(self) -> bool:
        """Return True if the same request may succeed in a moment."""
        return self.status in WORTH_ANOTHER_TRY or self.status >= 500


Meaning = Callable[[Refusal], ProviderError | None]
"""A provider's own meaning of a refusal; None: use `usual_meaning`."""
Meanings = Mapping[str | int, tuple[type[ProviderError], str]]
"""The meaning of a provider's error codes and statuses, and what to do about each."""


def listed(refusal: Refusal, meanings: Meanings) -> ProviderError | None:
    """Return the meaning of the code, or else of the status, because one status has several causes.
    None if neither is listed, or if something else than the provider answered."""
    found = meanings.get(refusal.code) or meanings.get(refusal.status)
    return None if found is None or refusal.is_page else found[0](str(refusal), remedy=found[1])


def read_refusal(
    title: str, path: str, status: int, body: bytes, secret: str, retry_after: float | None
) -> Refusal:
    """Parse an error body of any kind: the providers' objects, the bare string that OpenAI has sent
    instead (observed live 2026-07-11), HTML from a gateway, nothing."""
    error, is_page = _error(body), body.lstrip()[:1] == b"<"
    if isinstance(error, str):
        message, code, param = error, "", ""
    elif isinstance(error, Mapping):
        inner = (_inner(error, "metadata", "error_type"), _inner(error, "details", "error_code"))
        message = _text(error.get("message"))
        codes = (*inner, error.get("code"), error.get("type"))
        code = next(filter(None, map(_text, codes)), "")[:_LONGEST_CODE]
        param = _text(error.get("param"))[:_LONGEST_CODE]
    else:
        message = PAGE if is_page else ""
        code = param = ""
    message = clip(" ".join(sanitize(message, secret).split()), _LONGEST_MESSAGE)
    message = message or "no reason given"
    return Refusal(title, path, status, message, code, param, retry_after, is_page)


def usual_meaning(refusal: Refusal) -> ProviderError:
    """Return the meaning of the status alone."""
    said = str(refusal)
    match refusal.status:
        case 401 | 403 if refusal.is_page:
            return Blocked(said)
        case 401:
            return CredentialRejected(said)
        case 403:
            return PermissionMissing(said)
        case 404:
            return NotFound(said)
        case 407:
            return RequestRefused(
                f"A proxy answered instead of {refusal.title}: it requires a user "
                "name and password (407)",
                remedy=PROXY_FIX,
            )
        case 429:
            return RateLimited(said, retry_after=refusal.retry_after)
        case status if refusal.is_passing:
            return Unavailable(said)
        case status if 300 <= status < 400:
            return RequestRefused(
                f"{refusal.title} answered {status} to {refusal.path}: a redirect, which isn't "
                "followed because it would expose the key",
                remedy="Check the base URL.",
            )
        case 402:
            return AccountBlocked(said)
        case _:
            return RequestRefused(said)


def _error(body: bytes) -> object:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, Mapping):
        return answer
    return answer.get("error") or answer.get("message") or answer.get("detail")


def _inner(error: Mapping[str, object], name: str, code: str) -> object:
    """Return a more specific code inside an error object."""
    inner = error.get(name)
    return inner.get(code) if isinstance(inner, Mapping) else None


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a provider asks us to wait.

    They come as `retry-after-ms`, or as `Retry-After` in seconds, whole or not, or as an HTTP date,
    which is relative to the answer's own `Date`. None if there is no valid value.
    """
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    header = headers.get("retry-after")
    seconds = _seconds(header)
    if seconds is not None or header is None:
        return seconds
    try:
        until = parsedate_to_datetime(header)
        sent = parsedate_to_datetime(headers.get("date") or "")
        return max(0.0, (until - sent).total_seconds())
    except (ValueError, OverflowError, TypeError):
        return None


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
