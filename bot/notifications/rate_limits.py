"""Slack's rate limits in one process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.db.models import Delivery, DeliveryKind
from bot.notifications.models import OnHold
from bot.slack.message import PassingError

_Key = TypeVar("_Key")
LONGEST_PAUSE = 60.0
"""Seconds after which a post is tried again, however long Slack's `Retry-After` is."""


@dataclass(slots=True)
class RateLimits:
    """Active pauses, and when they end (seconds of the event loop's clock).

    `chat.postMessage` is limited per channel, every other method per workspace. If a second channel
    is limited at the same time, the whole workspace counts as limited; after that pause one post is
    tried before the others follow.
    """

    _channels: dict[str, float] = field(default_factory=dict)
    _kinds: dict[DeliveryKind, float] = field(default_factory=dict)
    _workspace: float = 0.0
    _is_trying: bool = False

    def meet(self, delivery: Delivery, error: PassingError) -> float:
        """Record a rate limit; return the seconds for which the delivery waits."""
        wait = min(error.retry_after or 1.0, LONGEST_PAUSE)
        now = asyncio.get_running_loop().time()
        if error.scope == "method":
            self._kinds[delivery.kind] = now + wait
            return wait
        if any(channel != delivery.channel for channel in _still(self._channels, now)):
            self._workspace, self._is_trying = max(self._workspace, now + wait), True
        self._channels[delivery.channel] = now + wait
        return wait

    def took(self) -> None:
        """Record that Slack accepted a post: the workspace isn't limited any more."""
        self._is_trying = False

    def room(self, free: int, under_way: int) -> int:
        """Return how many of `free` posts may start now."""
        if asyncio.get_running_loop().time() < self._workspace:
            return 0
        return free if not self._is_trying else max(0, 1 - under_way)

    def wait(self) -> float:
        """Return the seconds until the next pause ends; 0 if nothing is paused."""
        now = asyncio.get_running_loop().time()
        ends = [self._workspace, *self._channels.values(), *self._kinds.values()]
        return min((end - now for end in ends if end > now), default=0.0)

    def on_hold(self) -> OnHold:
        """Return what must not be tried now."""
        now = asyncio.get_running_loop().time()
        self._channels, self._kinds = _still(self._channels, now), _still(self._kinds, now)
        return OnHold(tuple(self._channels), tuple(self._kinds))


def _still(held: Mapping[_Key, float], now: float) -> dict[_Key, float]:
    return {key: until for key, until in held.items() if until > now}
