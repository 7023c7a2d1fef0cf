"""Events as CloudEvents 1.0: one JSON object, written once and sent as it was written.

Sources: CloudEvents 1.0.2 (structured mode of HTTP) and Standard Webhooks (headers, signature).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

EventType = Literal[
    "aicost.alert.opened", "aicost.alert.changed", "aicost.alert.resolved", "aicost.digest"
]
VERSION = 1
"""Of `data`: a change that breaks receivers gets the next number."""
SOURCE = "/aicost"
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its id, and the JSON that is sent."""

    id: str
    text: str


def event_id(*occurrence: str) -> str:
    """Return an id that is the same for the same occurrence, in every process and at each retry."""
    return f"evt_{hashlib.sha256('|'.join(occurrence).encode()).hexdigest()[:32]}"


def event(
    number: str, kind: EventType, subject: str, time: datetime, data: Mapping[str, Any]
) -> Event:
    """Return an event; `data` holds what JSON is made of."""
    envelope = {
        "specversion": "1.0",
        "id": number,
        "source": SOURCE,
        "type": kind,
        "subject": subject,
        "time": f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "datacontenttype": "application/json",
        "data": {"version": VERSION, **data},
    }
    return Event(number, json.dumps(envelope, ensure_ascii=False, separators=(",", ":")))


def signature(key: bytes, number: str, timestamp: int, body: bytes) -> str:
    """Return ``v1,<base64>``: the HMAC-SHA256 of the id, the time and the body."""
    signed = b".".join((number.encode(), str(timestamp).encode(), body))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
