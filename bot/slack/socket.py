"""Socket Mode: connected, watched, and closed without dropping what has already arrived."""

import asyncio
import time
from contextlib import suppress

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SlackSetupError

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 20.0
PING_SECONDS = 5.0
LOOK_SECONDS = 1.0
NUDGE_EVERY = 15.0
LOST_AFTER = 300.0
GRACE_SECONDS = 1.0


class Socket:
    """One Socket Mode connection. The client reconnects by itself; now and then, so its trackers
    tell, it stops doing so, which is what the watch is for."""

    def __init__(self, app: AsyncApp, client: AsyncWebClient, app_token: str) -> None:
        self._handler = AsyncSocketModeHandler(
            app, app_token, logger=app.logger, web_client=client, ping_interval=PING_SECONDS
        )
        self._handler.client.socket_mode_request_listeners[:] = [self._take]
        self._taking = 0
        self._watching: asyncio.Task[None] | None = None
        self.lost = asyncio.Event()
        """Set when it has been down for five minutes: time to start anew."""

    async def connect(self) -> None:
        """Raises `SlackSetupError` where no connection comes about."""
        try:
            connecting = self._handler.connect_async()  # type: ignore[no-untyped-call]
            await asyncio.wait_for(connecting, CONNECT_SECONDS)
        except TimeoutError:
            raise SlackSetupError(
                "No socket to Slack came about within 20 seconds.",
                "Check that outgoing WebSocket connections (wss) are allowed.",
            ) from None
        self._watching = asyncio.create_task(self._watch())

    async def is_connected(self) -> bool:
        """Whether events arrive now."""
        return bool(await self._handler.client.is_connected())

    async def close(self) -> None:
        """Acknowledge what has arrived, then hang up."""
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
        """Look every second. The client itself waits for its next ping before it reconnects."""
        up_at = nudged_at = time.monotonic()
        while not self.lost.is_set():
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            if await self.is_connected():
                if nudged_at > up_at:
                    log.info("slack.socket_back", seconds=round(now - up_at))
                up_at = nudged_at = now
            elif now - up_at > LOST_AFTER:
                log.error("slack.socket_lost", seconds=round(now - up_at))
                self.lost.set()
            elif nudged_at == up_at or now - nudged_at > NUDGE_EVERY:
                nudged_at = now
                log.warning("slack.socket_down", seconds=round(now - up_at))
                with suppress(Exception):  # the next look tells
                    await asyncio.wait_for(
                        self._handler.client.connect_to_new_endpoint(), CONNECT_SECONDS
                    )
