"""The Bolt app: one event loop, one HTTP session, and nothing lost when it stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
)

from bot.access.permission import Policy
from bot.config.intervals import PRODUCTION, Intervals
from bot.ledger.ports import Clock
from bot.log_states import LogStates
from bot.metrics import Metrics
from bot.slack.auth import Workspace, app_id, check_app_token, sign_in
from bot.slack.clients import OnDate, ShortWaits, new_session, web_client
from bot.slack.dispatcher import SlackDispatcher
from bot.slack.fallback import register_fallbacks
from bot.slack.inflight import InFlight
from bot.slack.notifier import SlackNotifier
from bot.slack.people import People, no_groups
from bot.slack.responder import ResponseUrls
from bot.slack.signed import Ours, Refused, SignedRequests
from bot.slack.socket import Socket


class Listeners(Protocol):
    """One subject's listeners."""

    def register(self, app: AsyncApp, dispatcher: SlackDispatcher) -> None:
        """Add them to the app."""
        ...


@dataclass(frozen=True, slots=True)
class SlackTokens:
    """What signs the bot in. With `app_token`: Socket Mode; without: HTTP mode."""

    bot_token: str = field(repr=False)
    app_token: str | None = field(repr=False)
    signing_secret: str | None = field(repr=False)
    api_url: str
    """Ends with a slash."""


@dataclass(slots=True)
class SlackBot:
    """The signed-in bot. `start` it once everything else stands; `stop` it first."""

    app: AsyncApp
    dispatcher: SlackDispatcher
    notifier: SlackNotifier
    workspace: Workspace
    socket: Socket | None
    """None in HTTP mode."""
    signed: SignedRequests | None
    """None in Socket Mode."""
    intervals: Intervals
    is_stopping: bool = False

    async def start(self) -> None:
        """Socket Mode: connect. Raises `SlackSetupError` where that takes longer than it may."""
        if self.socket:
            await self.socket.connect()

    def on_count(self, counted: Callable[[int], Awaitable[None]]) -> None:
        """Call this with the number of the app's connections at each new one: Socket Mode."""
        if self.socket:
            self.socket.on_hello = counted

    async def count_again(self) -> None:
        """Connect again, at which Slack counts the connections: Socket Mode."""
        if self.socket:
            await self.socket.renew()

    async def lost(self) -> None:
        """Returns when the socket has been down for so long that a supervisor should start the
        process again; never in HTTP mode."""
        await (self.socket.lost if self.socket else asyncio.Event()).wait()

    async def is_ready(self) -> bool:
        """Whether commands reach this process: always in HTTP mode, once it is served."""
        if self.is_stopping:
            return False
        return self.socket is None or await self.socket.is_connected()

    async def handle_http(self, request: web.Request) -> web.StreamResponse:
        """One request to Slack's URL in HTTP mode, which anybody may have sent."""
        if self.is_stopping or self.signed is None:
            return web.Response(status=503)
        try:
            read = await self.signed.read(request)
        except Refused as refused:
            return web.json_response({"error": "invalid request"}, status=refused.status)
        return await to_aiohttp_response(await self.app.async_dispatch(read))

    async def stop(self) -> int:
        """Take nothing new, finish what is begun in time, let go. How many answers were lost."""
        self.is_stopping = True
        if self.socket:
            await self.socket.close()
        lost = await self.dispatcher.in_flight.drain(self.intervals.stop_answers)
        await self.dispatcher.session.close()
        return lost


async def open_slack(
    tokens: SlackTokens,
    listeners: Sequence[Listeners],
    policy: Policy,
    clock: Clock,
    metrics: Metrics,
    groups: Callable[[], Awaitable[frozenset[str]]] = no_groups,
    on_date: OnDate | None = None,
    states: LogStates | None = None,
    intervals: Intervals = PRODUCTION,
) -> SlackBot:
    """Sign in and build the app. Raises `SlackSetupError` where Slack refuses the tokens, and
    `SlackUnreachable` where it does not answer.
    `on_date` is called with the `Date` header of each of Slack's answers."""
    states = states or LogStates()
    session = new_session(on_date)
    try:
        client = web_client(
            tokens.bot_token,
            tokens.api_url,
            session,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(),
                ShortWaits(max_retry_count=1),
            ],
        )
        workspace = await sign_in(client, attempts=1)
        ours = Ours(workspace, None)
        if tokens.app_token:
            await check_app_token(client, tokens.app_token, attempts=1)
        else:
            ours = Ours(workspace, await app_id(client, workspace))
    except BaseException:
        await session.close()
        raise
    people = People(client, workspace.team_id, workspace.enterprise_id, groups)
    dispatcher = SlackDispatcher(
        client,
        session,
        people,
        policy,
        clock,
        InFlight(),
        metrics,
        ResponseUrls(metrics, states, intervals.response_url),
        states,
        workspace.bot_user_id,
        intervals,
    )
    app = build_app(tokens, workspace, dispatcher, listeners)
    return SlackBot(
        app=app,
        dispatcher=dispatcher,
        notifier=SlackNotifier(
            web_client(tokens.bot_token, tokens.api_url, session, retry_handlers=[])
        ),
        workspace=workspace,
        socket=(
            Socket(app, client, tokens.app_token, metrics, states, intervals)
            if tokens.app_token
            else None
        ),
        signed=(
            None if tokens.app_token else SignedRequests(tokens.signing_secret or "", ours, metrics)
        ),
        intervals=intervals,
    )


def build_app(
    tokens: SlackTokens,
    workspace: Workspace,
    dispatcher: SlackDispatcher,
    listeners: Sequence[Listeners],
) -> AsyncApp:
    """The Bolt app with every listener. Bolt asks for no `auth.test` of its own: a burst right
    after the start would ask once for each request."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=workspace.enterprise_id,
            team_id=workspace.team_id,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
            bot_token=tokens.bot_token,
        )

    logger = logging.getLogger("slack_bolt.aicost")
    logger.setLevel(logging.ERROR)  # its warnings are about environment variables it reads itself
    app = AsyncApp(
        name="aicost",  # Bolt would otherwise walk the stack's source files for one, for 50 ms
        logger=logger,
        client=web_client(None, tokens.api_url, dispatcher.session),
        authorize=authorize,
        signing_secret="",
        request_verification_enabled=False,  # it was verified before it was parsed
    )
    for each in listeners:
        each.register(app, dispatcher)
    register_fallbacks(app, dispatcher)
    return app
