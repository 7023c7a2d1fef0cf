"""Socket Mode: connect, watch, and close without losing requests that have arrived."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.config.intervals import PRODUCTION, Intervals
from bot.logs import LogStates
from bot.metrics import Metrics
from bot.slack.api_errors import error_code_of
from bot.slack.clients import new_session
from bot.slack.errors import SlackUnreachable
from providers.connection_errors import connection_failure

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 20.0
LOST_AFTER = 300.0
GRACE_SECONDS = 1.0
LONGEST_REASON = 200
ALLOW_SOCKETS = (
    "Allow outgoing WebSockets (wss) in the firewall or the proxy: to wss-primary.slack.com, "
    "wss-backup.slack.com and others below slack.com."
)


class Socket:
    """One Socket Mode connection. The client reconnects by itself, but sometimes stops doing so, as
    its issue tracker reports; the watch is for that."""

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        app_token: str,
        metrics: Metrics,
        states: LogStates,
        intervals: Intervals = PRODUCTION,
    ) -> None:
        self._intervals = intervals
        self._metrics = metrics
        self._states = states
        logger = logging.Logger("slack_socket", logging.ERROR)  # noqa: LOG001 - of this one alone
        logger.addHandler(_ErrorForwarder(self._retry))
        self._handler = AsyncSocketModeHandler(
            app, app_token, logger=logger, web_client=client, ping_interval=intervals.socket_ping
        )
        self._handler.client.socket_mode_request_listeners[:] = [self._take]
        self._handler.client.message_listeners.append(self._greeted)
        self._taking = 0
        self._watching: asyncio.Task[None] | None = None
        self.lost = asyncio.Event()
        """Set when it has been down for five minutes: the process should restart."""
        self.on_hello: Callable[[int], Awaitable[None]] | None = None
        """Called with the number of the app's connections, as Slack counts them at each new one."""

    async def connect(self) -> None:
        """Connect. Raises `SlackUnreachable`."""
        await self._handler.client.aiohttp_client_session.close()
        self._handler.client.aiohttp_client_session = new_session()
        try:
            connecting = self._handler.connect_async()  # type: ignore[no-untyped-call]
            await asyncio.wait_for(connecting, CONNECT_SECONDS)
        except TimeoutError:
            raise SlackUnreachable(
                "Couldn't connect to Slack within 20 seconds.", ALLOW_SOCKETS
            ) from None
        except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError) as error:
            raise SlackUnreachable(
                f"Slack gave no socket: {_reason(error)}.", ALLOW_SOCKETS
            ) from None
        self._watching = asyncio.create_task(self._watch())

    async def is_connected(self) -> bool:
        """Return True if events arrive now."""
        return bool(await self._handler.client.is_connected())

    async def renew(self) -> None:
        """Reconnect, as Slack has every connection do now and then."""
        await self._nudge(force=True)

    async def close(self) -> None:
        """Acknowledge what has arrived, then disconnect."""
        if self._watching:
            self._watching.cancel()
        until = time.monotonic() + GRACE_SECONDS
        while self._has_arrivals() and time.monotonic() < until:  # noqa: ASYNC110 - Slack's client signals nothing
            await asyncio.sleep(0.01)
        await self._handler.close_async()  # type: ignore[no-untyped-call]

    def _has_arrivals(self) -> bool:
        return bool(self._taking) or not self._handler.client.message_queue.empty()

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self._taking += 1
        try:
            await self._handler.handle(client, request)  # type: ignore[arg-type]
        finally:
            self._taking -= 1

    async def _watch(self) -> None:
        """Check periodically. The client itself waits for its next ping before it reconnects."""
        up_at = nudged_at = time.monotonic()
        while not self.lost.is_set():
            await asyncio.sleep(self._intervals.socket_check)
            now = time.monotonic()
            if await self.is_connected():
                self._states.working("socket")
                up_at = nudged_at = now
            elif now - up_at > LOST_AFTER:
                log.error("slack.socket_lost", seconds=round(now - up_at))
                self.lost.set()
            elif nudged_at == up_at or now - nudged_at > self._intervals.socket_retry:
                nudged_at = now
                await self._nudge()

    async def _greeted(
        self, _client: AsyncBaseSocketModeClient, message: dict[str, Any], _raw: str | None
    ) -> None:
        connections = message.get("num_connections")
        if message.get("type") == "hello" and isinstance(connections, int) and self.on_hello:
            await self.on_hello(connections)

    async def _nudge(self, *, force: bool = False) -> None:
        connecting = self._handler.client.connect_to_new_endpoint(force)
        try:
            await asyncio.wait_for(connecting, CONNECT_SECONDS)
        except Exception as error:
            self._failed(_reason(error))

    def _retry(self, reason: str) -> None:
        """Let the client retry with a new address. Each address is valid once and not for long, but
        the client itself would retry the same one forever."""
        self._handler.client.wss_uri = None
        self._failed(reason)

    def _failed(self, reason: str) -> None:
        self._metrics.socket_failures.inc()
        self._states.failing("socket", "slack.socket_down", reason=reason, lost_after=LOST_AFTER)


async def count_connections(
    client: AsyncWebClient, session: aiohttp.ClientSession, app_token: str
) -> int:
    """Return the number of the app's connections, without the one that is opened briefly to ask.

    Raises `SlackUnreachable`, or `SocketsBlocked` if Slack gave an address but it can't be opened.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            url = str((await client.apps_connections_open(app_token=app_token))["url"])
    except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        why = f"Slack gave no address of a WebSocket: {_reason(error)}."
        raise SlackUnreachable(why, "Try again.") from None
    try:
        async with asyncio.timeout(CONNECT_SECONDS), session.ws_connect(url) as socket:
            hello = await socket.receive_json()
        return int(hello["num_connections"]) - 1
    except (aiohttp.ClientError, aiohttp.WSMessageTypeError, TimeoutError, OSError) as error:
        raise SocketsBlocked(urlsplit(url).hostname or "Slack", _reason(error)) from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise SlackUnreachable("Slack did not count the connections.", "Try again.") from None


class SocketsBlocked(SlackUnreachable):
    """No WebSocket to Slack can be opened, so Socket Mode doesn't work."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"A WebSocket to {host} couldn't be opened: {reason}.", ALLOW_SOCKETS)
        self.host = host


class _ErrorForwarder(logging.Handler):
    """Turns errors in the log of Slack's client, with a traceback or several lines, into one
    reason."""

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """Report the reason."""
        error = record.exc_info[1] if record.exc_info else None
        words = record.getMessage() if error is None else _reason(error)
        self._report(" ".join(words.split())[:LONGEST_REASON])


def _reason(error: BaseException) -> str:
    match error:
        case SlackApiError():
            return error_code_of(error)
        case aiohttp.WSServerHandshakeError():
            return f"the answer was {error.status}"
        case aiohttp.WSMessageTypeError():
            return "it was closed at once"
        case _:
            return connection_failure(error).why
