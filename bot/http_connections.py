"""Connections from anybody: a bounded number, none of which may keep still for long."""

import asyncio
import errno
import resource
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.logs import LogStates

MOST = 100
"""Connections at once. Further ones wait until one ends; one that is idle ends for them."""
HEADER_SECONDS = 10.0
"""From the connection to the end of its first request's headers."""
REQUEST_SECONDS = 30.0
"""From a request's headers to its answer."""
IDLE_SECONDS = 75.0
"""From an answer to the next request: longer than usual load balancers keep a connection."""
GRACE_SECONDS = 0.5
"""How long an idle connection stays though others wait: its request may be under way."""
WAITING = 1024
"""Connections that the system accepts ahead of us."""
LOOK_SECONDS = 0.05
FAILED_ACCEPT_SECONDS = 1.0
OPEN_FILES = 10_240
"""As many as macOS allows at most; far more than one process of aicost needs."""
_NOTHING_TO_SPARE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def raise_open_files() -> None:
    """Raise the soft limit of open files, 1,024 or 256 on many systems, as far as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def listen(host: str, port: int) -> Sequence[socket.socket]:
    """Listening sockets for every address of that host; port 0 takes a free one.

    Raises `OSError` where the host isn't this machine, or the port is taken.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listeners: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            listeners.append(listener)
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            same_port = listeners[0].getsockname()[1] if len(listeners) > 1 else port
            listener.bind((address[0], same_port, *address[2:]))
            listener.listen(WAITING)
    except OSError:
        for each in listeners:
            each.close()
        raise
    return listeners


@dataclass(slots=True)
class _Open:
    """One connection, and when it must have moved on, by the monotonic clock."""

    idle_since: float
    until: float
    is_answering: bool = False


class Connections:
    """Accepts connections for an aiohttp server, and ends those that keep still.

    asyncio's own accepting has no bound, and where the process runs out of files it logs a
    traceback for each try, thousands a second.
    """

    def __init__(self, header_seconds: float | None = None) -> None:
        self._header_seconds = HEADER_SECONDS if header_seconds is None else header_seconds
        self._open: dict[asyncio.BaseProtocol, _Open] = {}
        self._listeners: Sequence[socket.socket] = ()
        self._tasks: list[asyncio.Task[None]] = []
        self._states = LogStates()

    def accept(self, server: web.Server, listeners: Sequence[socket.socket]) -> None:
        """Begin to accept for that server."""
        self._listeners = listeners
        self._tasks = [asyncio.create_task(self._accept(server, each)) for each in listeners]
        self._tasks.append(asyncio.create_task(self._end_still_ones()))

    async def stop_accepting(self) -> None:
        """Close the listeners; what is open stays."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for each in self._listeners:
            each.close()

    @property
    def watch(self) -> Middleware:
        """The middleware that knows which connections have a request to be answered."""

        @web.middleware
        async def watching(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = self._open.get(request.protocol)
            if connection is None:
                return await handler(request)
            connection.is_answering = True
            connection.until = time.monotonic() + REQUEST_SECONDS
            try:
                return await handler(request)
            finally:
                connection.is_answering = False
                connection.idle_since = time.monotonic()
                connection.until = connection.idle_since + IDLE_SECONDS

        return watching

    async def _accept(self, server: web.Server, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                peer, _ = await loop.sock_accept(listener)
                await self._make_space()
                _, protocol = await loop.connect_accepted_socket(server, peer)
            except OSError as error:
                if error.errno in _NOTHING_TO_SPARE:
                    self._states.failing("connections", "web.not_accepted", reason=error.strerror)
                    await asyncio.sleep(FAILED_ACCEPT_SECONDS)
                continue  # else the peer has gone already
            self._states.working("connections")
            now = time.monotonic()
            self._open[protocol] = _Open(now, now + self._header_seconds)

    async def _make_space(self) -> None:
        """Return once there may be one more, by ending the idle one that has least time left."""
        while len(self._drop_ended()) >= MOST:
            before = time.monotonic() - GRACE_SECONDS
            idle = {
                each: state.until
                for each, state in self._open.items()
                if not state.is_answering and state.idle_since < before
            }
            if idle:
                self._end(min(idle, key=idle.__getitem__))
            else:
                await asyncio.sleep(LOOK_SECONDS)

    async def _end_still_ones(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._header_seconds / 4))
            now = time.monotonic()
            for each, state in list(self._drop_ended().items()):
                if state.until < now:
                    self._end(each)

    def _drop_ended(self) -> dict[asyncio.BaseProtocol, _Open]:
        for each in [each for each in self._open if getattr(each, "transport", None) is None]:
            del self._open[each]
        return self._open

    def _end(self, protocol: asyncio.BaseProtocol) -> None:
        del self._open[protocol]
        transport = getattr(protocol, "transport", None)
        if transport is not None:
            transport.abort()
