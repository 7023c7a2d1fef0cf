"""The running demo: steps change its world one at a time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulators.clock import DemoClock
from simulators.demo.app import RunningApp
from simulators.demo.events import EVENTS, Scene
from simulators.demo.moving import Mover, landing
from simulators.demo.steps import (
    Dismiss,
    Expect,
    Happen,
    Move,
    OpenHome,
    Press,
    Say,
    Search,
    Shortcut,
    Step,
    StepError,
    Submit,
)
from simulators.providers import SimulatedProviders
from simulators.slack import inputs
from simulators.slack.answer import Answer
from simulators.slack.suggestions import Suggestions
from simulators.slack.things import Channel, Message, Person, View
from simulators.slack.workspace import Workspace

EXPECTING = 10.0
"""Real seconds that an expected text may take to appear."""
OWN_MESSAGES = "aicost"
"""The channel name for a person's direct messages with the app."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that someone started, and when."""

    at: datetime
    words: str


@dataclass(slots=True)
class Outcome:
    """The result of a step. `errors`: a modal's, by block_id. `suggestions`: a menu's."""

    answer: Answer | None = None
    failure: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    suggestions: Suggestions = field(default_factory=Suggestions)


class Stage:
    """The running demo. Steps are done one after another, even if several arrive at once.
    `followers` are called with each step that was done."""

    def __init__(
        self,
        office: Workspace,
        providers: SimulatedProviders,
        clock: DemoClock,
        app: RunningApp,
        commands: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.office = office
        self.clock = clock
        self.app = app
        self.commands = commands
        self.scene = Scene(providers, office)
        self.happened: list[Happened] = []
        self.lasting: set[str] = set()
        self.followers: list[Callable[[Step], None]] = []
        self._mover = Mover(app, clock)
        office.app_finished = app.finished
        self._turn = asyncio.Lock()
        self._playing: asyncio.Task[None] | None = None

    @property
    def is_playing(self) -> bool:
        """Return True if the clock moves by itself, an hour at a time."""
        return self._playing is not None and not self._playing.done()

    def play(self) -> None:
        """Let the clock move by itself, an hour at a time, until `pause`."""
        if not self.is_playing:
            self._playing = asyncio.create_task(self._play())

    async def pause(self) -> None:
        """Stop `play` after the current hour."""
        playing, self._playing = self._playing, None
        if playing is not None:
            async with self._turn:
                playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing

    async def do(self, step: Step) -> Outcome:
        """Do a step, and return its result once the bot has finished its work.

        Raises `StepError` if it can't be done.
        """
        if isinstance(step, Expect):
            await self._expect(step)
            outcome = Outcome()
        else:
            async with self._turn:
                outcome = await self._do(step)
        for follower in tuple(self.followers):
            follower(step)
        return outcome

    def person(self, who: str) -> Person:
        """Return the person of an id or name. Raises `StepError`."""
        for person in self.office.people.values():
            if who in (person.id, person.name):
                return person
        raise StepError(f"there is nobody called {who}")

    def place(self, channel: str, person: Person) -> Channel:
        """Return the channel of an id or name; the app's name means the person's messages with it.
        Raises `StepError`."""
        if channel.removeprefix("@") == OWN_MESSAGES:
            return self.office.dm(person.id)
        try:
            return self.office.channel(channel)
        except (KeyError, StopIteration):
            raise StepError(f"there is no channel {channel}") from None

    def visible(self, person: Person, step: Expect) -> str:
        """Return all that the person sees there, as plain text."""
        if step.surface == "message":
            place = self.place(step.channel, person)
            return "\n\n".join(self.office.render(m.as_json()) for m in place.seen_by(person.id))
        view = person.home if step.surface == "home" else person.modal
        return "" if view is None else f"{view.title}\n{self.office.render(view.content)}"

    async def _play(self) -> None:
        while True:
            await self.do(Move("hour"))

    async def _do(self, step: Step) -> Outcome:
        match step:
            case Say():
                return await self._say(step)
            case Press():
                return await self._press(step)
            case Search():
                return await self._search(step)
            case Submit():
                return await self._submit(step)
            case Dismiss():
                await self._dismiss(step)
            case OpenHome():
                await self.office.open_home(self.person(step.who).id)
            case Shortcut():
                return await self._shortcut(step)
            case Move():
                await self._mover.to(landing(self.clock(), step.jump))
            case Happen():
                await self._happen(step)
        return Outcome()

    async def _say(self, step: Say) -> Outcome:
        person = self.person(step.who)
        place = self.place(step.channel, person)
        if place.kind != "im" and person.id not in place.members:
            raise StepError(f"{person.name} is not in #{place.name}")
        name = f"@{self.office.person(self.office.app.bot_user).name}"
        words = step.words.replace(name, f"<@{self.office.app.bot_user}>")
        answer = await self.office.say(person.id, place.id, words, thread=step.thread)
        return Outcome(answer, answer.failure)

    async def _press(self, step: Press) -> Outcome:
        person = self.person(step.who)
        where, action, value = self._pressed(step, person)
        try:
            answer = await self.office.press(where, action, person.id, value, filled=step.filled)
        except ValueError as error:
            raise StepError(str(error)) from None
        return Outcome(answer, answer.failure)

    def _pressed(self, step: Press, person: Person) -> tuple[Message | View, str, Any]:
        for where in self._surfaces(step, person):
            for _, element in inputs.elements(where):
                if element["action_id"] == step.action and _is_meant(element, step):
                    own = element.get("value") if element["type"] == "button" else step.value
                    return where, step.action, own
        raise StepError(f"{person.name} sees nothing to press that is called {step.action}")

    async def _search(self, step: Search) -> Outcome:
        person = self.person(step.who)
        for where in self._surfaces(step, person):
            if any(element["action_id"] == step.action for _, element in inputs.elements(where)):
                found = await self.office.search(where, step.action, person.id, step.typed)
                return Outcome(failure=found.failure, suggestions=found)
        raise StepError(f"{person.name} sees nothing to search that is called {step.action}")

    def _surfaces(self, step: Press | Search, person: Person) -> list[Message | View]:
        """Return where it may be, the likeliest first."""
        if step.surface == "message":
            seen = self.place(step.channel, person).seen_by(person.id)
            exact = [message for message in seen if message.ts == step.ts]
            return list(reversed(exact or seen))
        view = person.home if step.surface == "home" else person.modal
        return [] if view is None else [view]

    async def _submit(self, step: Submit) -> Outcome:
        person = self.person(step.who)
        if person.modal is None:
            raise StepError(f"{person.name} has no modal open")
        try:
            answer = await self.office.submit(person.modal, person.id, step.values)
        except ValueError as error:
            raise StepError(str(error)) from None
        return Outcome(answer, answer.failure, answer.errors)

    async def _dismiss(self, step: Dismiss) -> None:
        person = self.person(step.who)
        if person.modal is not None:
            await self.office.close(person.modal, person.id)

    async def _shortcut(self, step: Shortcut) -> Outcome:
        person = self.person(step.who)
        about = None if step.about is None else self._message(step, person, step.about)
        answer = await self.office.shortcut(person.id, step.name, about)
        return Outcome(answer, answer.failure)

    def _message(self, step: Shortcut, person: Person, about: str) -> Message:
        place = self.place(step.channel, person)
        for message in reversed(place.seen_by(person.id)):
            says = about in self.office.render(message.as_json()) or about in message.text
            if message.shown_to is None and says and step.ts in (None, message.ts):
                return message
        raise StepError(f"{person.name} sees no message that says “{about}”")

    async def _happen(self, step: Happen) -> None:
        event = EVENTS.get(step.event)
        doing = None if event is None else event.ends if step.is_over else event.begins
        if event is None or doing is None:
            raise StepError(f"{step.event} is nothing that can {'end' if step.is_over else 'be'}")
        await doing(self.scene)
        if step.is_over:
            self.lasting.discard(step.event)
        elif event.ends is not None:
            self.lasting.add(step.event)
        words = event.end_title if step.is_over else f"{event.title}. {event.says}"
        self.happened.append(Happened(self.clock(), words))

    async def _expect(self, step: Expect) -> None:
        person = self.person(step.who)
        changed = asyncio.Event()
        with self.office.changes.heard_by(lambda _: changed.set()), suppress(TimeoutError):
            async with asyncio.timeout(EXPECTING):
                while step.text not in self.visible(person, step):
                    await changed.wait()
                    changed.clear()
        if step.text not in (seen := self.visible(person, step)):
            raise StepError(f"{person.name} does not see “{step.text}”, but:\n{seen}")


def _is_meant(element: Mapping[str, Any], step: Press) -> bool:
    if element["type"] != "button" or (step.value is None and step.label is None):
        return True
    label = (element.get("text") or {}).get("text")
    return step.value == element.get("value") or (step.label is not None and step.label == label)
