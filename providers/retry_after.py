"""How long a vendor asks us to wait. Pure."""

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds a vendor asks us to wait: `retry-after-ms`, or `Retry-After` in seconds, whole
    or not, or as an HTTP date, which is taken relative to the answer's own `Date`. None where it
    does not say, or not in a form that makes sense."""
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    seconds = _seconds(asked)
    if seconds is not None or asked is None:
        return seconds
    try:
        until = parsedate_to_datetime(asked)
        sent = parsedate_to_datetime(headers.get("date") or "")
        return max(0.0, (until - sent).total_seconds())
    except (ValueError, TypeError):
        return None


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
