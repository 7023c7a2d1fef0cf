"""Socket Mode: requests go to the app over websockets that it opened."""

import asyncio
import itertools
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from simulators.slack.delivery import ACK_SECONDS, Ack, Envelope, ack_body
from simulators.slack.errors import Unanswered

CONNECTIONS = 10


class SocketMode:
    """The app's websockets. Each envelope goes to one of them, in turn."""

    def __init__(self) -> None:
        self._tickets = itertools.count(1)
        self._open_tickets: set[str] = set()
        self._envelopes = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._sockets: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._turn = itertools.count()
        self.came = asyncio.Event()
        self.ack_seconds = ACK_SECONDS
        self.ack_travels = 0.0
        """Real seconds that acknowledgements take to arrive, so Web API calls overtake them."""
        self.dead_links = 0
        """This number of the next websocket URLs can't be opened."""

    @property
    def connections(self) -> int:
        """Return how many websockets are open."""
        return len(self._sockets)

    def issue(self) -> str:
        """Return the path of a websocket that can be opened once."""
        ticket = f"ticket{next(self._tickets):08d}"
        if self.dead_links:
            self.dead_links -= 1
        else:
            self._open_tickets.add(ticket)
        return f"/link/{ticket}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket, from hello until it closes."""
        ticket = request.match_info["ticket"]
        if ticket not in self._open_tickets:
            return web.Response(status=403)
        self._open_tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self._sockets) >= CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._sockets[socket] = request.transport
        try:
            await socket.send_json(_hello(len(self._sockets)))
            self.came.set()
            await self._listen(socket)
        finally:
            self._forget(socket)
        return socket

    async def send(self, kind: Envelope, payload: Mapping[str, Any], retry: int = 0) -> Ack:
        """Deliver it and wait for the acknowledgement. Raises `Unanswered`."""
        if not self._sockets:
            raise Unanswered("dispatch_failed")
        socket = list(self._sockets)[next(self._turn) % len(self._sockets)]
        envelope = f"envelope-{next(self._envelopes):08d}"
        heard: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = heard
        sent: dict[str, Any] = {"envelope_id": envelope, "type": kind, "payload": payload}
        if kind == "events_api":
            sent |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        else:
            sent["accepts_response_payload"] = True
        started = time.monotonic()
        try:
            await socket.send_json(sent)
            body = await asyncio.wait_for(heard, self.ack_seconds)
        except (TimeoutError, ConnectionError):
            raise Unanswered("operation_timeout") from None
        finally:
            del self._waiting[envelope]
        return Ack(body, time.monotonic() - started)

    async def send_raw(self, text: str) -> None:
        """Send any text on every connection. The app may close one before it has read all."""
        for socket in tuple(self._sockets):
            with suppress(ConnectionError):
                await socket.send_str(text)

    async def refresh(self, *, oldest_alone: bool = False) -> None:
        """Ask the app to replace every connection, as Slack does every few hours; or only the
        oldest one, because Slack asks for each at a different time."""
        for socket in tuple(self._sockets)[: 1 if oldest_alone else None]:
            self._forget(socket)
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
            await socket.close()

    def drop(self) -> None:
        """Break every connection without a message."""
        for socket, transport in tuple(self._sockets.items()):
            self._forget(socket)
            if transport is not None:
                transport.abort()

    async def close(self) -> None:
        """Close every connection."""
        for socket in tuple(self._sockets):
            await socket.close()

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type != WSMsgType.TEXT:
                continue
            await asyncio.sleep(self.ack_travels)
            said = json.loads(frame.data)
            heard = self._waiting.get(str(said.get("envelope_id")))
            if heard is not None and not heard.done():
                heard.set_result(ack_body(said.get("payload")))

    def _forget(self, socket: web.WebSocketResponse) -> None:
        self._sockets.pop(socket, None)
        if not self._sockets:
            self.came.clear()


def _hello(connections: int) -> dict[str, Any]:
    return {
        "type": "hello",
        "num_connections": connections,
        "debug_info": {"host": "demo", "build_number": 1, "approximate_connection_time": 18060},
        "connection_info": {"app_id": "A0AICOST"},
    }
