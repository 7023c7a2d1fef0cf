"""Handing things to an app and hearing that it took them, whichever way they go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Envelope = Literal["slash_commands", "interactive", "events_api"]
ACK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Ack:
    """The app's acknowledgement: what it said in it, and after how many real seconds."""

    body: Mapping[str, Any]
    seconds: float


class Delivery(Protocol):
    """A way to the app."""

    async def send(self, kind: Envelope, payload: Mapping[str, Any], retry: int = 0) -> Ack:
        """Hand it over and wait for the acknowledgement. Raises `Unanswered`."""
        ...


def ack_body(said: object) -> Mapping[str, Any]:
    """An acknowledgement as an object: bare words are its text."""
    if isinstance(said, Mapping):
        return said
    return {"text": str(said)} if said else {}
