"""What an interaction lets an app do: use its trigger once, its response_url a few times.

A trigger_id lasts three seconds and opens one view; a response_url five posts in thirty minutes
(docs.slack.dev, Handling user interaction).
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulators.slack.errors import SlackError
from simulators.slack.things import Message

TRIGGER_SECONDS = 3.0
HOOK_USES = 5
HOOK_LASTS = timedelta(minutes=30)


@dataclass(slots=True)
class Trigger:
    """A trigger_id. `view` is the modal it came from, if any: only such a one may push."""

    id: str
    user: str
    channel: str | None
    view: str | None
    issued: float
    is_used: bool = False


@dataclass(slots=True)
class Hook:
    """A response_url. `original` is the message that replacing and deleting are about."""

    id: str
    user: str
    channel: str
    expires: datetime
    original: Message | None
    replaces_unasked: bool
    thread_ts: str | None = None
    uses: int = 0


class Tickets:
    """All triggers and response_urls that were handed out."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._triggers: dict[str, Trigger] = {}
        self._hooks: dict[str, Hook] = {}
        self.trigger_seconds = TRIGGER_SECONDS

    def trigger(self, user: str, channel: str | None, view: str | None = None) -> Trigger:
        """A new trigger_id. It ages in real time: an app has to be quick."""
        n = next(self._numbers)
        trigger = Trigger(f"{n}.{n}.{n:032x}", user, channel, view, time.monotonic())
        self._triggers[trigger.id] = trigger
        return trigger

    def use_trigger(self, trigger_id: str) -> Trigger:
        """Spend it. Raises `SlackError` if it is unknown, spent or too old."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() - trigger.issued > self.trigger_seconds:
            raise SlackError("expired_trigger_id")
        trigger.is_used = True
        return trigger

    def command_hook(self, user: str, channel: str) -> Hook:
        """The response_url of a command: what is posted stands beside what was."""
        return self._keep(user, channel, None)

    def press_hook(self, user: str, message: Message) -> Hook:
        """The response_url of a press: what is posted replaces the message, unless it says no."""
        return self._keep(user, message.channel, message)

    def use_hook(self, hook_id: str) -> Hook:
        """Spend one use. Raises `SlackError` if it is unknown, spent or too old."""
        hook = self._hooks.get(hook_id)
        if hook is None:
            raise SlackError("invalid_url")
        if self._clock() > hook.expires:
            raise SlackError("expired_url")
        if hook.uses >= HOOK_USES:
            raise SlackError("used_url")
        hook.uses += 1
        return hook

    def _keep(self, user: str, channel: str, original: Message | None) -> Hook:
        hook = Hook(
            id=f"hook{next(self._numbers):08d}",
            user=user,
            channel=channel,
            expires=self._clock() + HOOK_LASTS,
            original=original,
            replaces_unasked=original is not None,
            thread_ts=original.thread_ts if original else None,
        )
        self._hooks[hook.id] = hook
        return hook
