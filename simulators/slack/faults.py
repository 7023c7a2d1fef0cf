"""Failures of the simulated Slack, each a number of times for one method."""

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
    """No answer for this time, then a 503. The call is not carried out."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NeverArrives:
    """The connection breaks before the call is carried out."""


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """The call is carried out, and the connection breaks before the answer: the app can't know."""


@dataclass(slots=True)
class Answers:
    """Any bytes instead of Slack's answer, `repeated` this number of times. The call is not carried
    out."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    repeated: int = 1
    sent: int = 0
    """This number of bytes was sent."""


Fault = Status | Says | Hangs | NeverArrives | AnswerLost | Answers
RATE_LIMITED = Status(429, "1")


@dataclass(slots=True)
class _Planned:
    method: str
    fault: Fault
    times: int
    channel: str | None


class Faults:
    """The planned failures that have not happened yet, in order."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []

    def plan(self, method: str, fault: Fault, times: int = 1, channel: str | None = None) -> None:
        """Let the next `times` calls of the method (to that channel, if given) fail like this.
        Method ``response_url``: posts to one; ``upload``: a file's bytes; ``*``: any method."""
        self._planned.append(_Planned(method, fault, times, channel))

    def clear(self) -> None:
        """Remove all planned failures: Slack works again."""
        self._planned.clear()

    def take(self, method: str, channel: str | None) -> Fault | None:
        """Return the failure for this call, if one is planned."""
        for planned in self._planned:
            fits = planned.method in (method, "*") and planned.channel in (None, channel)
            if fits and planned.times > 0:
                planned.times -= 1
                return planned.fault
        return None
