"""Deliver requests to an app and wait for its acknowledgement, in either mode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Envelope = Literal["slash_commands", "interactive", "events_api"]
ACK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Ack:
    """The app's acknowledgement: its content, and after how many real seconds it came."""

    body: Mapping[str, Any]
    seconds: float


class Delivery(Protocol):
    """A way to the app."""

    async def send(self, kind: Envelope, payload: Mapping[str, Any], retry: int = 0) -> Ack:
        """Deliver it and wait for the acknowledgement. Raises `Unanswered`."""
        ...


def ack_body(said: object) -> Mapping[str, Any]:
    """Return an acknowledgement as an object: plain text is its `text`."""
    if isinstance(said, Mapping):
        return said
    return {"text": str(said)} if said else {}
