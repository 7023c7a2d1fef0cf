"""The Bolt app: one event loop, one HTTP session, and no lost answers when it stops."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
)

from bot.config.intervals import PRODUCTION, Intervals
from bot.logs import LogStates
from bot.metrics import Metrics
from bot.slack.auth import Workspace, app_id, check_app_token, sign_in
from bot.slack.bolt_app import BoltApp
from bot.slack.clients import ShortWaits, new_session, web_client
from bot.slack.notifier import SlackNotifier
from bot.slack.signed import ExpectedWorkspace, Refused, SignedRequests
from bot.slack.socket import Socket
from providers.http import OnDate


@dataclass(frozen=True, slots=True)
class SlackTokens:
    """The tokens for signing in. With `app_token`, Socket Mode is used; without, HTTP mode."""

    bot_token: str = field(repr=False)
    app_token: str | None = field(repr=False)
    signing_secret: str | None = field(repr=False)
    api_url: str
    """Ends with a slash."""


@dataclass(slots=True)
class SlackBot:
    """The signed-in bot. Call `start` after everything else is ready, and `stop` first."""

    app: BoltApp
    notifier: SlackNotifier
    workspace: Workspace
    socket: Socket | None
    """None in HTTP mode."""
    signed: SignedRequests | None
    """None in Socket Mode."""
    intervals: Intervals
    is_stopping: bool = False

    async def start(self) -> None:
        """Connect, in Socket Mode. Raises `SlackSetupError` if that takes too long."""
        if self.socket:
            await self.socket.connect()

    def on_count(self, counted: Callable[[int], Awaitable[None]]) -> None:
        """Call `counted` with the number of the app's connections at each new one. Socket Mode
        only."""
        if self.socket:
            self.socket.on_hello = counted

    async def count_again(self) -> None:
        """Reconnect, so that Slack counts the connections again. Socket Mode only."""
        if self.socket:
            await self.socket.renew()

    async def lost(self) -> None:
        """Return once the socket has been down for so long that a supervisor should restart the
        process; never in HTTP mode."""
        await (self.socket.lost if self.socket else asyncio.Event()).wait()

    async def is_ready(self) -> bool:
        """Return True if commands reach this process. In HTTP mode always, once it is served."""
        if self.is_stopping:
            return False
        return self.socket is None or await self.socket.is_connected()

    async def handle_http(self, request: web.Request) -> web.StreamResponse:
        """Handle one request to Slack's URL in HTTP mode, which anyone may have sent."""
        if self.is_stopping or self.signed is None:
            return web.Response(status=503)
        try:
            read = await self.signed.read(request)
        except Refused as refused:
            return web.json_response({"error": "invalid request"}, status=refused.status)
        return await to_aiohttp_response(await self.app.async_dispatch(read))

    async def stop(self) -> int:
        """Accept nothing new, finish running answers in time, and close; return how many answers
        were lost."""
        self.is_stopping = True
        if self.socket:
            await self.socket.close()
        lost = await self.app.in_flight.drain(self.intervals.stop_answers)
        await self.app.session.close()
        return lost


async def open_slack(
    tokens: SlackTokens,
    metrics: Metrics,
    on_date: OnDate | None = None,
    states: LogStates | None = None,
    intervals: Intervals = PRODUCTION,
) -> SlackBot:
    """Sign in and build the app; the caller registers its listeners. Raises `SlackSetupError` if
    Slack refuses the tokens, or `SlackUnreachable` if it does not answer. `on_date` is called with
    the `Date` header of each of Slack's answers."""
    states = states or LogStates()
    session = new_session(on_date)
    handlers = [AsyncConnectionErrorRetryHandler(), ShortWaits(max_retry_count=1)]
    try:
        client = web_client(tokens.bot_token, tokens.api_url, session, handlers)
        workspace = await sign_in(client, attempts=1)
        expected = ExpectedWorkspace(workspace, None)
        if tokens.app_token:
            await check_app_token(client, tokens.app_token, attempts=1)
        else:
            expected = ExpectedWorkspace(workspace, await app_id(client, workspace))
    except BaseException:
        await session.close()
        raise
    app = BoltApp(client, session, workspace, metrics, states, intervals)
    socket = signed = None
    if tokens.app_token:
        socket = Socket(app, client, tokens.app_token, metrics, states, intervals)
    else:
        signed = SignedRequests(tokens.signing_secret or "", expected, metrics)
    once = web_client(tokens.bot_token, tokens.api_url, session, retry_handlers=[])
    return SlackBot(app, SlackNotifier(once), workspace, socket, signed, intervals)
