"""A workspace to act in: say, press, search, submit, open, mention. Each returns what the person
then sees."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, TypedDict, Unpack

from simulators.slack import inputs, payloads
from simulators.slack.answer import Answer, Render, Watch, not_rendered
from simulators.slack.delivery import Ack, Delivery, Envelope
from simulators.slack.errors import SlackError, Unanswered
from simulators.slack.faults import Faults
from simulators.slack.feed import Change
from simulators.slack.interactivity import Interaction
from simulators.slack.methods.views import take_response_action
from simulators.slack.rates import Rates
from simulators.slack.responding import respond
from simulators.slack.socket_mode import SocketMode
from simulators.slack.state import Installation, State
from simulators.slack.suggestions import Suggestions, read_suggestions
from simulators.slack.things import Channel, Message, Person, View

PATIENCE = 8.0
"""Real seconds that people wait for an answer."""


class Wait(TypedDict, total=False):
    """How a person waits for an answer. With neither, until the app has finished its work, if the
    workspace has `app_finished`."""

    expect: int | None
    """For this number of changes (messages, edits, views); 0: for the acknowledgement alone."""
    patience: float | None
    """For this number of real seconds at most."""


class Workspace(State):
    """The state, and people who act in it. `serve_slack` connects it to an app."""

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
        self.patience = PATIENCE
        self.app_finished: Callable[[], Awaitable[None]] | None = None
        """Waits until the app has finished all its work."""

    def allow(self, seconds: float) -> None:
        """Let acknowledgements and triggers take this number of real seconds instead of three, and
        people wait as long for an answer: other processes may keep the machine busy."""
        self.sockets.ack_seconds = self.interactivity.trigger_seconds = self.patience = seconds

    async def say(
        self,
        user: str,
        channel: str,
        words: str,
        *,
        thread: str | None = None,
        **wait: Unpack[Wait],
    ) -> Answer:
        """Type into a channel. A command goes to the app; anything else is a message there, or in
        the thread of the message `thread`, where there are no commands."""
        person, place = self.person(user), self.channel(channel)
        if thread or not words.startswith("/"):
            return await self._post(person, place, words, thread, wait)
        command = words.split(" ")[0]
        if command not in self.app.commands:
            self.post_privately(user, place.id, f"{command} is not a valid command.")
            return Answer(failure="invalid_command")
        interaction = self._begin(user, place)
        watch = Watch(self.render, lambda change: change.cause in interaction.ids)
        fields = interaction.fields(self.base_url)
        payload = payloads.command(self, person, place, payloads.escaped(self, words), fields)
        with watch.over(self.changes):
            ack = await self._send("slash_commands", payload, watch.answer)
            if ack is None:
                failed = f'{command} failed with the error "{watch.answer.failure}"'
                self.post_privately(user, place.id, failed)
                return watch.answer
            if ack.body and interaction.response_url is not None:
                try:
                    respond(self, interaction.response_url, ack.body)
                except SlackError as error:
                    watch.answer.failure = error.code
            await self._wait(watch, wait)
        return watch.answer

    async def mention(
        self,
        user: str,
        channel: str,
        words: str,
        thread: str | None = None,
        **wait: Unpack[Wait],
    ) -> Answer:
        """Mention the app, in a channel or a thread there."""
        words = payloads.linked(f"<@{self.app.bot_user}> {words}")
        return await self._post(self.person(user), self.channel(channel), words, thread, wait)

    async def press(
        self,
        where: Message | View,
        action_id: str,
        user: str,
        value: Any = None,
        *,
        filled: Mapping[str, Any] | None = None,
        **wait: Unpack[Wait],
    ) -> Answer:
        """Press a button, or choose `value` in a menu. Nothing checks that the person can see it.

        `value` also selects among buttons of one action_id. Raise `LookupError` if there is none.
        `filled`: what else a modal's inputs hold by then, by action_id or block_id.
        """
        pressed = inputs.find(where, action_id, value)
        interaction = self._begin(user, where)
        fields = interaction.fields(self.base_url)
        payload = payloads.block_actions(
            self, self.person(user), where, pressed, value, filled or {}, fields
        )
        channel = None if isinstance(where, View) else where.channel
        return await self._interact(payload, self._watch(user, interaction, channel), wait)

    async def search(
        self, where: Message | View, action_id: str, user: str, typed: str
    ) -> Suggestions:
        """Type into a menu that asks the app for its options. Slack asks from the menu's
        `min_query_length` characters on, three where it says nothing."""
        searched = inputs.find(where, action_id, None)
        if len(typed) < searched[1].get("min_query_length", 3):
            return Suggestions()
        payload = payloads.block_suggestion(self, self.person(user), where, searched, typed)
        answer = Answer()
        ack = await self._send("interactive", payload, answer)
        if ack is None:
            return Suggestions(failure=answer.failure)
        found = read_suggestions(ack.body)
        where.offered.update({str(option["value"]): option for option in found.options})
        return found

    async def shortcut(
        self,
        user: str,
        callback_id: str,
        message: Message | None = None,
        **wait: Unpack[Wait],
    ) -> Answer:
        """Use one of the app's shortcuts: of a message, or a global one."""
        interaction = self._begin(user, message)
        fields = interaction.fields(self.base_url)
        payload = payloads.shortcut(self, self.person(user), callback_id, message, fields)
        channel = None if message is None else message.channel
        return await self._interact(payload, self._watch(user, interaction, channel), wait)

    async def submit(
        self,
        view: View,
        user: str,
        values: Mapping[str, Any] | None = None,
        **wait: Unpack[Wait],
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
        interaction = self._begin(user, view)
        watch = self._watch(user, interaction, view.channel)
        fields = interaction.fields(self.base_url)
        payload = payloads.view_submission(self, person, view, held, fields)
        with watch.over(self.changes):
            ack = await self._send("interactive", payload, watch.answer)
            if ack is not None:
                try:
                    watch.answer.errors = take_response_action(self, person, view, ack.body)
                except SlackError as error:
                    watch.answer.failure = error.code
                else:
                    await self._wait(watch, wait, usual=0)
        return watch.answer

    async def close(self, view: View, user: str) -> None:
        """Close a modal with its own button."""
        person = self.person(user)
        person.modals.remove(view)
        self.view_changed("modal_closed", view)
        if view.content.get("notify_on_close"):
            await self._send("interactive", payloads.view_closed(self, person, view), Answer())
            if self.app_finished is not None:
                await self.app_finished()

    async def open_home(self, user: str, **wait: Unpack[Wait]) -> View | None:
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
            await self._wait(watch, wait)
        return person.home

    async def emit(self, event: Mapping[str, Any]) -> bool:
        """Send the app an event, if it is subscribed, and once more if it does not accept it.

        Return False if it never did. (Slack tries three times, over six minutes.)
        """
        is_taken = await self._emit(event)
        if self.app_finished is not None:
            await self.app_finished()
        return is_taken

    async def deliver_event(self, payload: Mapping[str, Any]) -> bool:
        """Deliver an event as it is, for example one that was delivered before."""
        for retry in (0, 1):
            with suppress(Unanswered):
                await self.delivery.send("events_api", payload, retry)
                return True
        return False

    def heard_by_app(self, change: Change) -> Awaitable[bool] | None:
        """Return a function that delivers a change as an event if the app caused it: what it posts
        and edits in direct messages comes back to it as `message.im`."""
        message, place = change.message, self.channels.get(change.channel or "")
        if not (message and place and place.kind == "im" and change.is_by_app) or change.user:
            return None
        event: dict[str, Any] = {"type": "message", "channel": place.id, "channel_type": "im"}
        if change.kind == "message_posted":
            event |= {**message.as_json(), "bot_id": self.app.bot_id, "team": self.team_id}
        elif change.kind == "message_changed":
            event |= {"subtype": "message_changed", "hidden": True, "ts": self.new_ts()}
            event["message"] = message.as_json() | {"bot_id": self.app.bot_id}
        else:
            return None
        return self._emit(event)

    async def _emit(self, event: Mapping[str, Any]) -> bool:
        place = event.get("channel_type")
        name = f"message.{place}" if event["type"] == "message" else str(event["type"])
        if name not in self.app.events:
            return True
        return await self.deliver_event(payloads.event(self, event))

    async def _post(
        self, person: Person, channel: Channel, words: str, thread: str | None, wait: Wait
    ) -> Answer:
        message = self.post(Message(self.new_ts(), channel.id, person.id, words, thread_ts=thread))
        watch = Watch(self.render, lambda change: change.is_by_app and change.channel == channel.id)
        is_direct = channel.kind == "im"
        event: dict[str, Any] = {
            "type": "message" if is_direct else "app_mention",
            "user": person.id,
            "team": person.team_id,
            "text": words,
            "ts": message.ts,
            "channel": channel.id,
        }
        event |= {"thread_ts": thread} if thread else {}
        event |= {"channel_type": "im"} if is_direct else {}
        is_mention = f"<@{self.app.bot_user}>" in words
        if self.app.bot_user in channel.members and (is_direct or is_mention):
            with watch.over(self.changes):
                await self._emit(event)
                await self._wait(watch, wait)
        return watch.answer

    async def _interact(self, payload: Mapping[str, Any], watch: Watch, wait: Wait) -> Answer:
        with watch.over(self.changes):
            if await self._send("interactive", payload, watch.answer) is not None:
                await self._wait(watch, wait)
        return watch.answer

    async def _wait(self, watch: Watch, wait: Wait, usual: int = 1) -> None:
        """Wait as the caller asked, or else until the app has finished, if that is known."""
        expect, patience = wait.get("expect"), wait.get("patience")
        if expect is None and patience is None and self.app_finished is not None:
            await self.app_finished()
            return
        number = usual if expect is None else expect
        await watch.enough(number, self.patience if patience is None else patience)

    async def _send(self, kind: Envelope, payload: Mapping[str, Any], answer: Answer) -> Ack | None:
        """Return the app's acknowledgement; None if it never came, which is then in the answer."""
        try:
            ack = await self.delivery.send(kind, payload)
        except Unanswered as failure:
            answer.failure = failure.reason
            return None
        answer.acked_after = ack.seconds
        return ack

    def _begin(self, user: str, where: Channel | Message | View | None) -> Interaction:
        """Return what the app gets with an action there; None: a global shortcut."""
        given = self.interactivity
        match where:
            case View():
                return Interaction(given.trigger(user, where.channel, where.id))
            case Message():
                response_url = given.response_url(user, where.channel, where)
                return Interaction(given.trigger(user, where.channel), response_url)
            case Channel():
                response_url = given.response_url(user, where.id)
                return Interaction(given.trigger(user, where.id), response_url)
            case None:
                return Interaction(given.trigger(user, None))

    def _watch(self, user: str, interaction: Interaction, channel: str | None) -> Watch:
        """Collect the app's changes that this person sees after their action."""
        places = {channel, self.dm(user).id} - {None}
        return Watch(
            self.render,
            lambda change: (
                change.is_by_app
                and change.kind != "modal_closed"
                and (
                    change.cause in interaction.ids
                    or (change.user == user and change.view is not None)
                    or (change.channel in places and change.user in (None, user))
                )
            ),
        )
