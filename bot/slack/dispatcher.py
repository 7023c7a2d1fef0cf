"""Where every command, press and form arrives: acknowledged, its person known and
allowed, the work begun, its errors answered. Listeners hold only what is their own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp
import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.permission import Act, Person, Policy, may
from bot.config.intervals import PRODUCTION, Intervals
from bot.ledger.ports import Clock, LedgerUnavailable
from bot.log_states import LogStates
from bot.metrics import Metrics
from bot.slack.api_errors import is_too_late, said
from bot.slack.channel_info import ConversationKind, conversation_kind
from bot.slack.errors import (
    apology,
    database_unavailable,
    log_failure,
    new_reference,
    not_recognized,
    outdated,
    refusal,
    too_late,
    too_slow,
)
from bot.slack.forms import (
    FormErrors,
    Outcome,
    Outdated,
    Submission,
    acknowledgement,
    shown_late,
    still_working,
    submission,
)
from bot.slack.inflight import InFlight, TooSlow, in_time
from bot.slack.message import Message
from bot.slack.modal_opener import ModalOpener, opener_of
from bot.slack.notifier import DirectReply
from bot.slack.people import People, PersonUnknown
from bot.slack.reply import ModalReply, Reply, modal, show_view
from bot.slack.responder import Responder, ResponseUrls

log = structlog.get_logger(__name__)

NOTHING_FITS: Mapping[str, Any] = {"options": []}


@dataclass(frozen=True, slots=True)
class Interaction:
    """One command or press, by somebody who may make it."""

    person: Person
    channel: str | None
    """None on the Home tab."""
    conversation: ConversationKind
    text: str
    """What was typed after the command, or the value of what was pressed."""
    action_id: str | None
    """None for a command."""
    is_ephemeral: bool
    """The pressed button stands in a message that only this person sees."""
    message_ts: str | None
    """Of the message the button stands in."""
    trigger_id: str | None
    """Opens one modal, within three seconds."""
    thread_ts: str | None
    """Of the thread that message is in."""
    is_on_home: bool
    """The pressed button stands on the Home tab."""
    form: Submission | None
    """What the modal held in which the button was pressed; None elsewhere."""
    now: datetime
    reply: Reply
    open_modal: Callable[[dict[str, Any]], Awaitable[None]]
    """Open a modal over what was pressed, once, within three seconds of the press; over a form on
    top of it, in place of an answer's modal. Raises `SlackApiError`."""
    changed: Callable[[], Awaitable[None]]
    """Bring what else the person sees up to date: something they may look at has changed."""


@dataclass(frozen=True, slots=True)
class Search:
    """Words typed into a menu that is searched, by somebody who may."""

    person: Person
    typed: str
    now: datetime


Handler = Callable[[Interaction], Awaitable[None]]
SearchHandler = Callable[[Search], Awaitable[Mapping[str, Any]]]
"""Gives Slack's own words for options: see `bot.slack.fields.suggestions`."""
FormHandler = Callable[[Submission], Awaitable[Outcome]]
BoltListener = Callable[[AsyncAck, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SlackDispatcher:
    """What serving somebody takes."""

    client: AsyncWebClient
    session: aiohttp.ClientSession
    people: People
    policy: Policy
    clock: Clock
    in_flight: InFlight
    metrics: Metrics
    response_urls: ResponseUrls
    states: LogStates
    bot_user_id: str = ""
    """The app's own."""
    intervals: Intervals = PRODUCTION
    home_notices: list[Callable[[str, Message], Awaitable[None]]] = field(default_factory=list)
    """Put a message on somebody's Home tab."""
    after_change: list[Callable[[Person], Awaitable[None]]] = field(default_factory=list)
    """Called after each press or form by which somebody may have changed something."""

    def listener(self, name: str, act: Act, handler: Handler) -> BoltListener:
        """A Bolt listener that acknowledges at once and lets `handler` answer afterwards.

        `name` stands in the log and the metrics; `act` is what the person must be allowed.
        """

        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self.in_flight.start(self._serve(name, act, handler, body))

        return listen

    def view_listener(self, name: str, act: Act, handler: FormHandler) -> BoltListener:
        """A Bolt listener for a modal that is sent back: `handler`'s outcome answers it, within the
        acknowledgement or, where that would be too late, in the modal afterwards."""

        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            work = asyncio.ensure_future(self._submitted(name, act, handler, body))
            done, _ = await asyncio.wait([work], timeout=self.intervals.form_ack)
            if done:
                await ack(**acknowledgement(work.result()))
                return
            await ack(response_action="update", view=modal(still_working()))
            self.in_flight.start(self._show_late(work, str(body["view"]["id"])))

        return listen

    def search_listener(self, name: str, act: Act, handler: SearchHandler) -> BoltListener:
        """A Bolt listener for a menu that is searched. Nothing fits for whoever may not, and where
        it cannot be told in time: Slack takes no other answer."""

        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack(**await self._fitting(name, act, handler, body))

        return listen

    async def _fitting(
        self, name: str, act: Act, handler: SearchHandler, body: dict[str, Any]
    ) -> Mapping[str, Any]:
        """What fits; never raises."""
        try:
            async with asyncio.timeout(self.intervals.search):
                person = await self.people.person(_user_id(body))
                refused = may(person, act, self.policy)
                typed = str(body.get("value") or "")
                fitting = (
                    NOTHING_FITS if refused else await handler(Search(person, typed, self.clock()))
                )
        except PersonUnknown as unknown:
            log.warning("slack.person_unknown", listener=name, error=str(unknown))
            self.metrics.requests.labels(name, "failed").inc()
            return NOTHING_FITS
        except Exception as error:
            log_failure(self.states, "slack.search_failed", name, error, new_reference())
            self.metrics.requests.labels(name, "failed").inc()
            return NOTHING_FITS
        self.metrics.requests.labels(name, "refused" if refused else "answered").inc()
        return fitting

    async def _submitted(
        self, name: str, act: Act, handler: FormHandler, body: dict[str, Any]
    ) -> Outcome:
        """What comes of a form; never raises."""
        reference = new_reference()
        try:
            person = await self.people.person(_user_id(body))
            refused = may(person, act, self.policy)
            outcome: Outcome = (
                refusal(refused.reason)
                if refused
                else await handler(submission(body, person, self.clock()))
            )
        except Outdated:
            self.metrics.requests.labels(name, "outdated").inc()
            return outdated()
        except LedgerUnavailable as error:
            log_failure(self.states, "slack.form_failed", name, error)
            self.metrics.requests.labels(name, "failed").inc()
            return database_unavailable(error)
        except PersonUnknown as unknown:
            log.warning("slack.person_unknown", reference=reference, error=str(unknown))
            self.metrics.requests.labels(name, "failed").inc()
            return not_recognized(reference, unknown.needed)
        except Exception as error:
            log_failure(self.states, "slack.form_failed", name, error, reference)
            self.metrics.requests.labels(name, "failed").inc()
            return apology(reference)
        self.metrics.requests.labels(name, "refused" if refused else "answered").inc()
        if not refused and not isinstance(outcome, FormErrors):
            self.in_flight.start(self.changed_by(person))
        return outcome

    async def _show_late(self, work: "asyncio.Future[Outcome]", view: str) -> None:
        """The outcome in place of "still working", or that it cannot be shown."""
        await asyncio.sleep(self.intervals.form_outcome)
        for message in (shown_late(await work), apology(reference := new_reference())):
            try:
                await show_view(
                    lambda shown: self.client.views_update(view_id=view, view=shown), modal(message)
                )
            except Exception as error:  # the person may have closed it
                log_failure(self.states, "slack.form_not_shown", "form", error, reference)
            else:
                return

    async def _serve(self, name: str, act: Act, handler: Handler, body: dict[str, Any]) -> None:
        url = body.get("response_url")
        opener = opener_of(self.client, body, self.states, self.intervals.open_modal)
        directly = DirectReply(self.client, _user_id(body), _channel(body), _thread(body))
        reply: Reply = (
            Responder(self.session, str(url), directly, self.response_urls)
            if url
            else ModalReply(opener.show)
        )
        work = asyncio.ensure_future(self._handle(act, handler, body, opener, reply))
        try:
            outcome = await in_time(work, reply if url else None, self.intervals.still_working)
            message = None
        except Outdated:
            outcome, message = "outdated", outdated()
        except LedgerUnavailable as error:
            log_failure(self.states, "slack.listener_failed", name, error)
            outcome, message = "failed", database_unavailable(error)
        except TooSlow:
            log.warning("slack.too_slow", listener=name)
            outcome, message = "failed", too_slow()
        except PersonUnknown as unknown:
            reference = new_reference()
            log.warning("slack.person_unknown", reference=reference, error=str(unknown))
            outcome, message = "failed", not_recognized(reference, unknown.needed)
        except Exception as error:
            if is_too_late(error):
                log.info("slack.trigger_expired", listener=name)
                outcome, message = "late", too_late()
            else:
                reference = new_reference()
                log_failure(self.states, "slack.listener_failed", name, error, reference)
                outcome, message = "failed", apology(reference)
        if message is not None:
            await self._say(name, message, body, reply, directly)
        self.metrics.requests.labels(name, outcome).inc()

    async def _handle(
        self, act: Act, handler: Handler, body: dict[str, Any], opener: ModalOpener, reply: Reply
    ) -> str:
        person = await self.people.person(_user_id(body))
        refused = may(person, act, self.policy)
        if refused:
            await reply.answer(refusal(refused.reason))
            return "refused"
        interaction = self._interaction(body, person, opener, reply)
        waiting = (
            None if body.get("response_url") else asyncio.create_task(opener.open_loading_view())
        )
        try:
            await handler(interaction)
        finally:
            if waiting is not None:
                waiting.cancel()
        if interaction.is_on_home or act in ("operate", "manage"):
            await interaction.changed()
        return "answered"

    async def changed_by(self, person: Person) -> None:
        """Tell everybody who wants to know that this person may have changed something."""
        for tell in self.after_change:
            try:
                await tell(person)
            except Exception as error:  # it shows at the next opening
                log_failure(self.states, "slack.change_not_shown", "home", error)

    def _interaction(
        self, body: Mapping[str, Any], person: Person, opener: ModalOpener, reply: Reply
    ) -> Interaction:
        async def changed() -> None:
            await self.changed_by(person)

        return _interaction(body, person, self.clock(), reply, opener.show, changed)

    async def _say(
        self,
        name: str,
        message: Message,
        body: Mapping[str, Any],
        reply: Reply,
        directly: DirectReply,
    ) -> None:
        """What came of it, by the first way that works: a press on the Home tab or in a modal has
        no response URL, and its trigger may be no good any more."""
        ways: list[Callable[[Message], Awaitable[None]]] = [reply.answer]
        if (body.get("view") or {}).get("type") == "home":
            ways += [partial(notify, _user_id(body)) for notify in self.home_notices]
        for way in [*ways, directly.tell]:
            try:
                await way(message)
            except Exception as error:
                log.info("slack.not_said", listener=name, error=_why(error))
            else:
                return
        log.error("slack.not_answered", listener=name)


def _user_id(body: Mapping[str, Any]) -> str:
    user = body.get("user") or {}
    return str(body.get("user_id") or user.get("id") or "")


def _channel(body: Mapping[str, Any]) -> str | None:
    return body.get("channel_id") or (body.get("channel") or {}).get("id")


def _thread(body: Mapping[str, Any]) -> str | None:
    """The thread that the pressed button stands in."""
    container, message = body.get("container") or {}, body.get("message") or {}
    return container.get("thread_ts") or message.get("thread_ts")


def _why(error: Exception) -> str:
    return said(error) if isinstance(error, SlackApiError) else str(error) or type(error).__name__


def _interaction(
    body: Mapping[str, Any],
    person: Person,
    now: datetime,
    reply: Reply,
    open_modal: Callable[[dict[str, Any]], Awaitable[None]],
    changed: Callable[[], Awaitable[None]],
) -> Interaction:
    action: Mapping[str, Any] = next(iter(body.get("actions") or ()), {})
    container = body.get("container") or {}
    name = body.get("channel_name") or (body.get("channel") or {}).get("name")
    kind = (body.get("view") or {}).get("type")
    return Interaction(
        person=person,
        channel=_channel(body),
        conversation=conversation_kind(_channel(body) or "", str(name or "")),
        text=str(_pressed(action) if action else body.get("text") or ""),
        action_id=action.get("action_id"),
        is_ephemeral=bool(container.get("is_ephemeral")),
        message_ts=container.get("message_ts") or body.get("message_ts"),
        trigger_id=body.get("trigger_id"),
        thread_ts=_thread(body),
        is_on_home=kind == "home",
        form=submission(body, person, now) if kind == "modal" else None,
        now=now,
        reply=reply,
        open_modal=open_modal,
        changed=changed,
    )


def _pressed(action: Mapping[str, Any]) -> str:
    """The value of a button, or of the option chosen in a menu."""
    chosen = action.get("selected_option") or {}
    return str(action.get("value") or chosen.get("value") or "")
