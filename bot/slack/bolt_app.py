"""Bolt's app, with what Slack requires and Bolt lacks.

Measured with slack-bolt 1.30: it keeps no reference to the tasks of its listeners, so nothing waits
for them at SIGTERM. An exception within 10 ms after `ack()` loses the acknowledgement. In a rush
the work of the first requests delays the acknowledgements of the last.

So commands, actions, shortcuts and events are acknowledged as they arrive, before Bolt sees them.
Their listeners run after the rush, in a task of ours (`process_before_response`). The answer to a
form or a search is its acknowledgement: the listener gives it, or it is sent in time without the
listener.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.config.intervals import Intervals
from bot.logs import LogStates
from bot.metrics import Metrics
from bot.slack.api_errors import error_text
from bot.slack.auth import Workspace
from bot.slack.blocks import LINK
from bot.slack.errors import Outdated, TooSlow, explain_failure, log_failure
from bot.slack.forms import FormAck
from bot.slack.inflight import InFlight, in_time
from bot.slack.message import Message, Respond
from bot.slack.modals import ModalOpener
from bot.slack.notifier import DirectReply
from bot.slack.payloads import (
    Payload,
    channel_of,
    is_on_home,
    kind_of,
    listener_name,
    thread_of,
    user_of,
)
from bot.slack.responder import Responder, ResponseUrls

log = structlog.get_logger(__name__)

ShowOnHome = Callable[..., Coroutine[Any, Any, None]]


class BoltApp(AsyncApp):
    """Adds to a listener's `context`, and to its arguments by the same names: `respond` (see
    `Respond`), `open_modal` (see `ModalOpener`) and, for forms, an `ack` that takes the outcome."""

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        workspace: Workspace,
        metrics: Metrics,
        states: LogStates,
        intervals: Intervals,
    ) -> None:
        """Create the app without Bolt's own `auth.test`, which a burst right after the start would
        call for each request."""

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=workspace.enterprise_id,
                team_id=workspace.team_id,
                bot_id=workspace.bot_id,
                bot_user_id=workspace.bot_user_id,
                bot_token=client.token,
            )

        logger = logging.getLogger("slack_bolt.aicost")
        logger.setLevel(logging.ERROR)  # it warns of environment variables that it reads itself
        super().__init__(
            name="aicost",  # Bolt would otherwise walk the stack's source files for one, for 50 ms
            logger=logger,
            client=client,
            authorize=authorize,
            process_before_response=True,
            signing_secret="",
            request_verification_enabled=False,  # it was verified before it was parsed
        )
        self.session = session
        self.metrics = metrics
        self.states = states
        self.intervals = intervals
        self.in_flight = InFlight()
        self.response_urls = ResponseUrls(metrics, states, intervals.response_url)
        self.show_on_home: ShowOnHome | None = None
        """Shows a message on the Home tab of the user with that id."""
        self.refresh_home: Callable[[Any], Awaitable[None]] | None = None
        """Updates the Home tab of the `requester`, who may have changed something."""
        self._provided: dict[str, Any] = {}
        self.error(self._apologize)

    def provide(self, **values: Any) -> None:
        """Put these values into the context of every request, so that listeners take them as
        arguments of these names."""
        self._provided.update(values)

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Acknowledge the request, and let its listener run."""
        context, body = req.context, req.body
        context.update(self._provided)
        kind = context["kind"] = kind_of(body)
        if kind == "other":
            return await super().async_dispatch(req)
        if kind == "form":
            return await self._answer_form(req)
        if kind == "search":
            return await self._answer_search(req)
        self.in_flight.start(self._serve(req))
        return await context.ack()

    async def _serve(self, req: AsyncBoltRequest) -> None:
        """Run the listener of an acknowledged request; never raises."""
        context, body = req.context, req.body
        has_url, opener = bool(body.get("response_url")), self._opener(body)
        context["open_modal"], context["respond"] = opener, self._respond(body, opener)
        if context["kind"] != "listener":
            context["listener"] = listener_name(body)
        work = asyncio.create_task(super().async_dispatch(req))
        try:
            note = context["respond"] if has_url else None
            await in_time(work, note, self.intervals.still_working)
        except TooSlow as error:
            await self._apologize(error, context, body)
        finally:
            opener.stop_waiting()
        await self._finish(context, body)

    async def _answer_form(self, req: AsyncBoltRequest) -> BoltResponse:
        view_id, shown_after = str(req.body["view"]["id"]), self.intervals.form_outcome
        ack = req.context["ack"] = FormAck(self.client, view_id, shown_after, self.states)
        work = self.in_flight.hold(self._run_form(req))
        await asyncio.wait(
            [work, ack.given],
            timeout=self.intervals.form_ack,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not (ack.given.done() or work.done()):
            return await ack.postpone()
        return ack.response or BoltResponse(status=200)

    async def _run_form(self, req: AsyncBoltRequest) -> None:
        await super().async_dispatch(req)
        await self._finish(req.context, req.body)

    async def _answer_search(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer a search with no results if it takes too long: Slack accepts no other answer."""
        try:
            async with asyncio.timeout(self.intervals.search):
                response = await super().async_dispatch(req)
        except TimeoutError as error:
            response = await self._apologize(error, req.context, req.body)
        await self._finish(req.context, req.body)
        return response

    async def _apologize(
        self, error: Exception, context: AsyncBoltContext, body: dict[str, Any]
    ) -> BoltResponse:
        """Log an error of a listener or of middleware, and apologize to the user."""
        name = context.get("listener") or listener_name(body)
        context["outcome"], message = explain_failure(self.states, name, error)
        for way in self._ways(context, body):
            try:
                return await way(message)
            except Exception as refused:
                why = error_text(refused) if isinstance(refused, SlackApiError) else str(refused)
                log.info("slack.not_said", listener=name, error=why or type(refused).__name__)
        log.error("slack.not_answered", listener=name)
        return BoltResponse(status=200)

    def _ways(
        self, context: AsyncBoltContext, body: Payload
    ) -> list[Callable[[Message], Awaitable[BoltResponse]]]:
        """Return ways to answer. A press on the Home tab or in a modal has no response URL, and its
        trigger may have expired."""
        first = partial(answer, context)
        if context["kind"] in ("form", "search", "event", "other"):
            return [first]
        others: list[Any] = [self._directly(body)]
        if self.show_on_home is not None and is_on_home(body):
            others.insert(0, partial(self.show_on_home, user_of(body)))
        return [first, *others]

    async def _finish(self, context: AsyncBoltContext, body: Payload) -> None:
        """Count the request, and update the Home tab if its user may be looking at it and something
        may have changed. In a channel nobody sees the tab: Slack has it published at its opening.
        """
        outcome = context.get("outcome")
        name = context.get("listener") or listener_name(body)
        self.metrics.requests.labels(name, outcome or "answered").inc()
        if outcome is not None or context["kind"] not in ("listener", "form") or channel_of(body):
            return
        has_errors = getattr(context.ack, "has_errors", False)
        may_have_changed = context.get("act") in ("operate", "manage") or is_on_home(body)
        if context.get("is_changed", may_have_changed and not has_errors):
            await self._refresh_home(context)

    async def _refresh_home(self, context: AsyncBoltContext) -> None:
        if self.refresh_home is not None:
            try:
                await self.refresh_home(context["requester"])
            except Exception as error:  # it shows at the next opening
                log_failure(self.states, "slack.change_not_shown", "home", error)

    def _opener(self, body: Payload) -> ModalOpener:
        return ModalOpener(self.client, body, self.states, self.intervals.open_modal)

    def _directly(self, body: Payload) -> DirectReply:
        channel, thread = channel_of(body) or None, thread_of(body) or None
        return DirectReply(self.client, user_of(body), channel, thread)

    def _respond(self, body: Payload, opener: ModalOpener) -> Respond:
        url, kind = body.get("response_url"), kind_of(body)
        if url:
            return Responder(self.session, str(url), self._directly(body), self.response_urls)
        if kind == "home" and self.show_on_home is not None:
            return partial(self.show_on_home, user_of(body))
        return opener.respond if kind == "listener" else self._directly(body)


async def answer(context: AsyncBoltContext, message: Message) -> BoltResponse:
    """Answer a request instead of its listener, in the way of its kind."""
    if context["kind"] == "form":
        # The form's `ack` is ours (`FormAck`), which takes a message; Bolt types its own.
        return await context.ack(message)  # type: ignore[arg-type]
    if context["kind"] == "search":
        return await context.ack(options=[])
    if context["kind"] not in ("event", "other"):  # nobody waits for these
        await context["respond"](message)
    return BoltResponse(status=200, body="")


def register_fallbacks(app: BoltApp) -> None:
    """Answer what no listener handles, such as a press of another version. Register it last: Bolt
    uses the first listener that matches."""
    anything = re.compile(r".*", re.DOTALL)

    @app.action(re.compile(rf"^{re.escape(LINK)}(\.\d+)?$"))
    async def follow_link(context: AsyncBoltContext) -> None:
        """Do nothing: Slack has opened the page."""
        context["listener"] = "link"

    @app.action(anything)
    @app.shortcut(anything)
    @app.view_submission(anything)
    async def say_outdated(context: AsyncBoltContext) -> None:
        context["listener"] = "outdated"
        raise Outdated

    @app.options(anything)
    async def offer_nothing(ack: AsyncAck) -> None:
        await ack(options=[])

    @app.view_closed(anything)
    @app.event(anything)
    async def acknowledge(ack: AsyncAck) -> None:
        """Acknowledge, so that Slack doesn't send it again; there is nobody to answer."""
        await ack()
