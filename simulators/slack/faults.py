"""Ways for the simulated Slack to fail, each so many times for one method."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Status:
    """An HTTP status and no useful body: 500, 503. 429 comes with ``Retry-After``."""

    code: int
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Says:
    """``"ok": false`` with this error, and these other fields."""

    error: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hangs:
    """No answer for so long, then a 503; what was asked is not done."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NeverArrives:
    """The connection breaks before anything is done."""


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """It is done, and the connection breaks before the answer, so the app can't know."""


@dataclass(slots=True)
class Answers:
    """Any bytes in place of Slack's answer, `repeated` so many times; nothing is done."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    repeated: int = 1
    sent: int = 0
    """So many bytes have been handed to the network."""


Fault = Status | Says | Hangs | NeverArrives | AnswerLost | Answers
RATE_LIMITED = Status(429, "1")


@dataclass(slots=True)
class _Planned:
    method: str
    fault: Fault
    times: int
    channel: str | None


class Faults:
    """The failures still to come, in the order they were planned."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []

    def plan(self, method: str, fault: Fault, times: int = 1, channel: str | None = None) -> None:
        """The next `times` calls of the method (to that channel, if given) fail so; method
        ``response_url`` means posts to one, ``upload`` a file's bytes, ``*`` any method."""
        self._planned.append(_Planned(method, fault, times, channel))

    def clear(self) -> None:
        """Forget what was planned: Slack is well again."""
        self._planned.clear()

    def take(self, method: str, channel: str | None) -> Fault | None:
        """The fault for this call, if one is due."""
        for planned in self._planned:
            fits = planned.method in (method, "*") and planned.channel in (None, channel)
            if fits and planned.times > 0:
                planned.times -= 1
                return planned.fault
        return None
