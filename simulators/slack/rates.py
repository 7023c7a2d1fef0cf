"""Slack's rate limits, off until they are turned on: tiers per method, one post a second per
channel, one use a second per response_url (docs.slack.dev, Rate limits).

They use real time unless another clock is given, because an app waits in real time.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """Token buckets. `wait` returns how long a call has to wait."""

    def __init__(self) -> None:
        self._is_on = False
        self._now: Callable[[], float] = time.monotonic
        self._burst = 1
        self._workspace_per_minute: int | None = None
        self._buckets: dict[str, _Bucket] = {}

    def enforce(
        self,
        now: Callable[[], float] = time.monotonic,
        burst: int = 1,
        workspace_per_minute: int | None = None,
    ) -> None:
        """From now on refuse calls that come too fast.

        `burst`: posts to one channel that may come together. `workspace_per_minute`: Slack's
        unpublished limit on posts to all channels; None: no such limit.
        """
        self._is_on = True
        self._now, self._burst = now, burst
        self._workspace_per_minute = workspace_per_minute
        self._buckets.clear()

    def relax(self) -> None:
        """Turn all limits off."""
        self._is_on = False

    def wait(self, method: str, per_minute: int, channel: str | None) -> int | None:
        """Return whole seconds until the call may be made again; None if it may be made now."""
        if not self._is_on:
            return None
        waits = [
            self._take(name, rate, size)
            for name, rate, size in self._limits(method, per_minute, channel)
        ]
        longest = max(waits, default=0.0)
        return math.ceil(longest) if longest > 0 else None

    def _limits(
        self, method: str, per_minute: int, channel: str | None
    ) -> list[tuple[str, float, float]]:
        """Yield name, tokens a second, and size of each bucket that the call uses."""
        if method in {"chat.postMessage", "response_url"}:
            limits = [(f"{method} {channel}", 1.0, float(self._burst))]
            if method == "chat.postMessage" and self._workspace_per_minute:
                cap = self._workspace_per_minute
                limits.append(("workspace", cap / 60, float(cap)))
            return limits
        if not per_minute:
            return []
        return [(method, per_minute / 60, float(per_minute))]

    def _take(self, name: str, per_second: float, size: float) -> float:
        now = self._now()
        bucket = self._buckets.setdefault(name, _Bucket(size, now))
        bucket.tokens = min(size, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / per_second
