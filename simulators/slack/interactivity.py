"""What an interaction lets an app do: use its trigger_id once, its response_url a few times.

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
RESPONSE_URL_USES = 5
RESPONSE_URL_LASTS = timedelta(minutes=30)


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
class ResponseUrl:
    """A response_url. `original` is the message that replacing and deleting are about."""

    id: str
    user: str
    channel: str
    expires: datetime
    original: Message | None
    replaces_by_default: bool
    thread_ts: str | None = None
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Interaction:
    """What an app gets with one action of a person. Without a message or a command there is no
    response_url."""

    trigger: Trigger
    response_url: ResponseUrl | None = None

    @property
    def ids(self) -> set[str]:
        """Return what the app may answer with."""
        return {self.trigger.id} | ({self.response_url.id} if self.response_url else set())

    def fields(self, base_url: str) -> dict[str, str]:
        """Return the part of it that is in the payload."""
        fields = {"trigger_id": self.trigger.id}
        if self.response_url is not None:
            fields["response_url"] = f"{base_url}/hooks/{self.response_url.id}"
        return fields


class Interactivity:
    """All trigger_ids and response_urls that were issued."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}
        self.trigger_seconds = TRIGGER_SECONDS

    def trigger(self, user: str, channel: str | None, view: str | None = None) -> Trigger:
        """Return a new trigger_id. It expires in real time."""
        n = next(self._numbers)
        trigger = Trigger(f"{n}.{n}.{n:032x}", user, channel, view, time.monotonic())
        self._triggers[trigger.id] = trigger
        return trigger

    def use_trigger(self, trigger_id: str) -> Trigger:
        """Use it. Raises `SlackError` if it is unknown, used or too old."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() - trigger.issued > self.trigger_seconds:
            raise SlackError("expired_trigger_id")
        trigger.is_used = True
        return trigger

    def response_url(self, user: str, channel: str, original: Message | None = None) -> ResponseUrl:
        """A new response_url. That of a command posts a new message. That of a press on the message
        `original` replaces it, unless the app says otherwise."""
        response_url = ResponseUrl(
            id=f"hook{next(self._numbers):08d}",
            user=user,
            channel=channel,
            expires=self._clock() + RESPONSE_URL_LASTS,
            original=original,
            replaces_by_default=original is not None,
            thread_ts=original.thread_ts if original else None,
        )
        self._response_urls[response_url.id] = response_url
        return response_url

    def use_response_url(self, url_id: str) -> ResponseUrl:
        """Count one use. Raises `SlackError` if it is unknown, used up or too old."""
        response_url = self._response_urls.get(url_id)
        if response_url is None:
            raise SlackError("invalid_url")
        if self._clock() > response_url.expires:
            raise SlackError("expired_url")
        if response_url.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        response_url.uses += 1
        return response_url
