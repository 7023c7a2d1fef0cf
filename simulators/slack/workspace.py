"""A workspace to act in: say, press, search, submit, open, mention; each tells what the person then
saw."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from simulators.slack import inputs, payloads
from simulators.slack.answer import Answer, Render, Watch, not_rendered
from simulators.slack.delivery import Ack, Delivery, Envelope
from simulators.slack.errors import SlackError, Unanswered
from simulators.slack.faults import Faults
from simulators.slack.feed import Change
from simulators.slack.methods.views import check_view, push_modal
from simulators.slack.rates import Rates
from simulators.slack.responding import respond
from simulators.slack.socket_mode import SocketMode
from simulators.slack.state import Installation, State
from simulators.slack.suggestions import Suggestions, read_suggestions
from simulators.slack.things import Channel, Message, Person, View
from simulators.slack.tickets import Hook, Trigger

PATIENCE = 8.0
"""Real seconds that people wait for an answer."""


class Workspace(State):
    """The state, and people doing things in it. It needs `serve_slack` around it to reach an app.

    `expect` is how many things (messages, edits, views) the person waits to see, `patience` for
    how many real seconds at most. `expect=0` waits for the acknowledgement alone. Where neither is
    given and `app_finished` is set, the person waits until the app has finished its work.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        app: Installation | None = None,
        render: Render = not_rendered,
    ) -> None:
        super().__init__(clock, app)
        self.render = render
        self.sockets = SocketMode()
        self.delivery: Delivery = self.sockets
        self.faults = Faults()
        self.rates = Rates()
        self.base_url = ""
        self.app_finished: Callable[[], Awaitable[None]] | None = None
        """Waits until the app has finished all that it was given."""

    def allow(self, seconds: float) -> None:
        """Let acknowledgements and triggers take so many real seconds, not three: another process
        may hold the machine."""
        self.sockets.ack_seconds = self.tickets.trigger_seconds = seconds

    async def say(
        self,
        user: str,
        channel: str,
        words: str,
        *,
        thread: str | None = None,
        expect: int | None = None,
        patience: float | None = None,
    ) -> Answer:
        """Type into a channel. A command goes to the app; anything else is a message there, or in
        the thread of the message `thread`, where there are no commands."""
        person, place = self.person(user), self.channel(channel)
        if thread or not words.startswith("/"):
            return await self._speak(person, place, words, thread, expect, patience)
        if words.split(" ")[0] not in self.app.commands:
            self.tell_privately(user, place.id, f"{words.split(' ')[0]} is not a valid command.")
            return Answer(failure="invalid_command")
        trigger = self.tickets.trigger(user, place.id)
        hook = self.tickets.command_hook(user, place.id)
        watch = Watch(self.render, lambda change: change.cause in (hook.id, trigger.id))
        payload = payloads.command(
            self, person, place, self._escaped(words), trigger, self._url(hook)
        )
        with watch.over(self.changes):
            ack = await self._hand_over("slash_commands", payload, watch.answer)
            if ack is None:
                words = f'{payload["command"]} failed with the error "{watch.answer.failure}"'
                self.tell_privately(user, place.id, words)
                return watch.answer
            if ack.body:
                self._respond(hook, ack.body, watch.answer)
            await self._seen(watch, expect, patience)
        return watch.answer

    async def mention(
        self,
        user: str,
        channel: str,
        words: str,
        thread: str | None = None,
        *,
        expect: int | None = None,
        patience: float | None = None,
    ) -> Answer:
        """Say something to the app by name, in a channel or a thread there."""
        words = f"<@{self.app.bot_user}> {words}"
        place = self.channel(channel)
        words = payloads.linked(words)
        return await self._speak(self.person(user), place, words, thread, expect, patience)

    async def press(
        self,
        where: Message | View,
        action_id: str,
        user: str,
        value: Any = None,
        *,
        filled: Mapping[str, Any] | None = None,
        expect: int | None = None,
        patience: float | None = None,
    ) -> Answer:
        """Press a button, or choose `value` in a menu. Nothing checks that the person can see it.

        `value` tells buttons of one action_id apart too. Raises `LookupError` if there is none.
        `filled`: what else a modal's inputs hold by then, by action_id or block_id.
        """
        person = self.person(user)
        pressed = inputs.find(where, action_id, value)
        if isinstance(where, View):
            trigger = self.tickets.trigger(user, where.channel, where.id)
            payload = payloads.press_on_view(
                self, person, where, pressed, value, filled or {}, trigger
            )
            watch = Watch(self.render, self._seen_by(user, {trigger.id}, None))
        else:
            tickets = self._tickets(user, where)
            payload = payloads.press_on_message(self, person, where, pressed, value, tickets)
            causes = {tickets[0].id, tickets[1].id}
            watch = Watch(self.render, self._seen_by(user, causes, where.channel))
        return await self._interact(payload, watch, expect, patience)

    async def search(
        self, where: Message | View, action_id: str, user: str, typed: str
    ) -> Suggestions:
        """Type into a menu that asks the app for its options. Slack asks from the menu's
        `min_query_length` characters on, three where it says nothing."""
        searched = inputs.find(where, action_id, None)
        if len(typed) < searched[1].get("min_query_length", 3):
            return Suggestions()
        payload = payloads.suggestion(self, self.person(user), where, searched, typed)
        watch = Answer()
        ack = await self._hand_over("interactive", payload, watch)
        if ack is None:
            return Suggestions(failure=watch.failure)
        found = read_suggestions(ack.body)
        where.offered.update({str(option["value"]): option for option in found.options})
        return found

    async def shortcut(
        self,
        user: str,
        callback_id: str,
        message: Message | None = None,
        *,
        expect: int | None = None,
        patience: float | None = None,
    ) -> Answer:
        """Use one of the app's shortcuts: of a message, or a global one."""
        person = self.person(user)
        if message is None:
            trigger = self.tickets.trigger(user, None)
            payload = payloads.global_shortcut(self, person, callback_id, trigger)
            watch = Watch(self.render, self._seen_by(user, {trigger.id}, None))
        else:
            tickets = self._tickets(user, message)
            payload = payloads.message_shortcut(self, person, callback_id, message, tickets)
            causes = {tickets[0].id, tickets[1].id}
            watch = Watch(self.render, self._seen_by(user, causes, message.channel))
        return await self._interact(payload, watch, expect, patience)

    async def submit(
        self,
        view: View,
        user: str,
        values: Mapping[str, Any] | None = None,
        *,
        expect: int | None = None,
        patience: float | None = None,
    ) -> Answer:
        """Fill a modal (by action_id or block_id) and send it. Left-out inputs keep their initial
        values; a required one that is empty is an error that Slack itself shows."""
        person = self.person(user)
        held = inputs.values(view, values or {})
        if wrong := inputs.unoffered(view, held, person, self.channels.values()):
            raise ValueError(f"no menu of the modal offers {', '.join(wrong)}")
        empty = inputs.left_empty(view, held)
        if empty:
            return Answer(errors=dict.fromkeys(empty, "Please complete this required field."))
        trigger = self.tickets.trigger(user, view.channel, view.id)
        watch = Watch(self.render, self._seen_by(user, {trigger.id}, view.channel))
        payload = payloads.submission(self, person, view, held, trigger)
        with watch.over(self.changes):
            ack = await self._hand_over("interactive", payload, watch.answer)
            if ack is not None:
                try:
                    self._take_response(person, view, ack.body, watch.answer)
                except SlackError as error:
                    watch.answer.failure = error.code
                else:
                    await self._seen(watch, expect, patience, usual=0)
        return watch.answer

    async def close(self, view: View, user: str) -> None:
        """Close a modal with its own button."""
        person = self.person(user)
        person.modals.remove(view)
        self.tell_of_view("modal_closed", view)
        if view.content.get("notify_on_close"):
            await self._send("interactive", payloads.closing(self, person, view))
            if self.app_finished is not None:
                await self.app_finished()

    async def open_home(
        self, user: str, *, expect: int | None = None, patience: float | None = None
    ) -> View | None:
        """Open the app's Home tab; the view once it is (or was) published."""
        person = self.person(user)
        watch = Watch(
            self.render, lambda change: change.kind == "home_published" and change.user == user
        )
        event: dict[str, Any] = {
            "type": "app_home_opened",
            "user": user,
            "channel": self.dm(user).id,
            "tab": "home",
        }
        if person.home is not None:
            event["view"] = self.view_json(person.home)
        with watch.over(self.changes):
            await self._emit(event)
            await self._seen(watch, expect, patience)
        return person.home

    async def emit(self, event: Mapping[str, Any]) -> bool:
        """Tell the app of an event, if it is subscribed, once more if it does not take it.

        False if it never took it. (Slack tries three times, over six minutes.)
        """
        is_taken = await self._emit(event)
        if self.app_finished is not None:
            await self.app_finished()
        return is_taken

    async def deliver_event(self, payload: Mapping[str, Any]) -> bool:
        """Hand over an event as it is, for instance one that was handed over before."""
        for retry in (0, 1):
            with suppress(Unanswered):
                await self.delivery.send("events_api", payload, retry)
                return True
        return False

    async def _emit(self, event: Mapping[str, Any]) -> bool:
        if str(event["type"]) not in self.app.events:
            return True
        return await self.deliver_event(payloads.event(self, event))

    async def _speak(
        self,
        person: Person,
        channel: Channel,
        words: str,
        thread: str | None,
        expect: int | None,
        patience: float | None,
    ) -> Answer:
        message = self.post(Message(self.new_ts(), channel.id, person.id, words, thread_ts=thread))
        watch = Watch(self.render, lambda change: change.is_by_app and change.channel == channel.id)
        is_to_app = f"<@{self.app.bot_user}>" in words and self.app.bot_user in channel.members
        event: dict[str, Any] = {
            "type": "app_mention" if channel.kind != "im" else "message",
            "user": person.id,
            "team": person.team_id,
            "text": words,
            "ts": message.ts,
            "channel": channel.id,
        }
        if thread:
            event["thread_ts"] = thread
        if channel.kind == "im":
            event["channel_type"] = "im"
        if (is_to_app or channel.kind == "im") and event["type"] in self.app.events:
            with watch.over(self.changes):
                await self._emit(event)
                await self._seen(watch, expect, patience)
        return watch.answer

    async def _seen(
        self, watch: Watch, expect: int | None, patience: float | None, usual: int = 1
    ) -> None:
        """Wait as the caller asked, or else until the app has finished, where it says when."""
        if expect is None and patience is None and self.app_finished is not None:
            await self.app_finished()
            return
        number = usual if expect is None else expect
        await watch.enough(number, PATIENCE if patience is None else patience)

    async def _interact(
        self,
        payload: Mapping[str, Any],
        watch: Watch,
        expect: int | None,
        patience: float | None,
    ) -> Answer:
        with watch.over(self.changes):
            ack = await self._hand_over("interactive", payload, watch.answer)
            if ack is not None:
                await self._seen(watch, expect, patience)
        return watch.answer

    async def _hand_over(
        self, kind: Envelope, payload: Mapping[str, Any], answer: Answer
    ) -> Ack | None:
        try:
            ack = await self.delivery.send(kind, payload)
        except Unanswered as failure:
            answer.failure = failure.reason
            return None
        answer.acked_after = ack.seconds
        return ack

    async def _send(self, kind: Envelope, payload: Mapping[str, Any]) -> None:
        with suppress(Unanswered):
            await self.delivery.send(kind, payload)

    def _take_response(
        self, person: Person, view: View, body: Mapping[str, Any], answer: Answer
    ) -> None:
        """Do what the acknowledgement of a submission says. Raises `SlackError`."""
        action = body.get("response_action")
        if action == "errors":
            errors: Mapping[str, str] = body.get("errors") or {}
            known = {block["block_id"] for block in view.blocks if block["type"] == "input"}
            if not errors or set(errors) - known:
                raise SlackError("invalid_errors")
            answer.errors = errors
        elif action == "update":
            self.fill_view(view, check_view(body.get("view"), "modal"))
            self.tell_of_view("modal_changed", view)
        elif action == "push":
            content = check_view(body.get("view"), "modal")
            push_modal(self, person, content, view.channel, None)
        else:
            closed = person.modals[:] if action == "clear" else [view]
            for one in closed:
                if one in person.modals:
                    person.modals.remove(one)
            self.tell_of_view("modal_closed", view)

    def _respond(self, hook: Hook, body: Mapping[str, Any], answer: Answer) -> None:
        try:
            respond(self, hook, body)
        except SlackError as error:
            answer.failure = error.code

    def _seen_by(
        self, user: str, causes: set[str], channel: str | None
    ) -> Callable[[Change], bool]:
        """Whether a change by the app is one that this person would see come of what they did."""
        places = {channel, self.dm(user).id} - {None}
        return lambda change: (
            change.is_by_app
            and change.kind != "modal_closed"
            and (
                change.cause in causes
                or (change.user == user and change.view is not None)
                or (change.channel in places and change.user in (None, user))
            )
        )

    def _tickets(self, user: str, message: Message) -> tuple[Trigger, Hook, str]:
        hook = self.tickets.press_hook(user, message)
        return self.tickets.trigger(user, message.channel), hook, self._url(hook)

    def _url(self, hook: Hook) -> str:
        return f"{self.base_url}/hooks/{hook.id}"

    def _escaped(self, words: str) -> str:
        """`should_escape` of the manifest: ``#ops`` as ``<#C…|ops>``, ``@ann`` as ``<@U…|ann>``,
        and what looks like an address as a link."""
        marks = {f"#{c.name}": f"<#{c.id}|{c.name}>" for c in self.channels.values()}
        marks |= {f"@{p.name}": f"<@{p.id}|{p.name}>" for p in self.people.values()}
        return payloads.linked(" ".join(marks.get(word, word) for word in words.split(" ")))
