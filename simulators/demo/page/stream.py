"""Server-sent events to each open page: the changes that its person may see."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from simulators.demo.page import picture
from simulators.demo.stage import Stage
from simulators.slack.feed import Change
from simulators.slack.things import Person

CLOCK_EVERY = 1.0
SURROUNDINGS_EVERY = 0.25


class Streams:
    """The open pages' streams; `end` ends them all."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._ended = asyncio.Event()

    def end(self) -> None:
        """End every stream."""
        self._ended.set()

    async def follow(self, person: Person) -> AsyncIterator[str]:
        """Events for one page: first everything, then each change, and the clock every second."""
        changes: asyncio.Queue[Change] = asyncio.Queue()
        with self._stage.office.changes.heard_by(changes.put_nowait):
            yield _event("everything", picture.picture(self._stage, person))
            sent_at = 0.0
            while not self._ended.is_set():
                async for event in self._news(changes, person):
                    yield event
                now = asyncio.get_running_loop().time()
                if now - sent_at >= SURROUNDINGS_EVERY:
                    sent_at = now
                    yield _event("surroundings", picture.surroundings(self._stage))

    async def _news(self, changes: asyncio.Queue[Change], person: Person) -> AsyncIterator[str]:
        """Yield what arrived within a second, as soon as it arrives."""
        wait = SURROUNDINGS_EVERY if self._stage.is_playing else CLOCK_EVERY
        try:
            change = await asyncio.wait_for(changes.get(), wait)
        except TimeoutError:
            return
        while True:
            event = self._event_for(change, person)
            if event is not None:
                yield event
            if changes.empty():
                return
            change = changes.get_nowait()

    def _event_for(self, change: Change, person: Person) -> str | None:
        if change.message is not None and change.channel is not None:
            channel = self._stage.office.channels[change.channel]
            if picture.sees(person, channel, change.message):
                now = self._stage.clock().isoformat()
                return _event("message", picture.message_json(change.message) | {"now": now})
        elif change.view is not None and change.user == person.id:
            if change.kind == "home_published":
                return _event("home", picture.view_json(person.home))
            return _event("modal", picture.view_json(person.modal))
        elif change.kind in ("channel_changed", "person_changed"):
            return _event("channels", list(picture.channels(self._stage, person)))
        return None


def _event(name: str, content: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"
