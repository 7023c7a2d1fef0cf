"""HTTP connections: a limited number, with a limited idle time."""

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
"""Most connections at once. Further ones wait until one ends; an idle one is closed for them."""
HEADER_SECONDS = 10.0
"""From the connection to the end of its first request's headers."""
REQUEST_SECONDS = 30.0
"""From a request's headers to its answer."""
IDLE_SECONDS = 75.0
"""From an answer to the next request; longer than common load balancers keep a connection."""
GRACE_SECONDS = 0.5
"""How long an idle connection is kept though others wait, because its request may be on its way."""
WAITING = 1024
"""Connections that the operating system accepts in advance."""
LOOK_SECONDS = 0.05
FAILED_ACCEPT_SECONDS = 1.0
OPEN_FILES = 10_240
"""The most that macOS allows, and far more than one process needs."""
_NOTHING_TO_SPARE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def raise_open_files() -> None:
    """Raise the soft limit of open files, 1,024 or 256 on many systems, as far as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def listen(host: str, port: int) -> Sequence[socket.socket]:
    """Return listening sockets for every address of that host; port 0 takes a free one.

    Raises `OSError` if the host isn't this machine, or the port is taken.
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
    """One connection, and its deadline by the monotonic clock."""

    idle_since: float
    until: float
    is_answering: bool = False


class Connections:
    """Accepts connections for an aiohttp server, and closes idle ones.

    asyncio's own server has no limit. Without free files it logs thousands of tracebacks per
    second.
    """

    def __init__(self, header_seconds: float | None = None) -> None:
        self._header_seconds = HEADER_SECONDS if header_seconds is None else header_seconds
        self._open: dict[asyncio.BaseProtocol, _Open] = {}
        self._listeners: Sequence[socket.socket] = ()
        self._tasks: list[asyncio.Task[None]] = []
        self._states = LogStates()

    def accept(self, server: web.Server, listeners: Sequence[socket.socket]) -> None:
        """Accept connections for that server."""
        self._listeners = listeners
        self._tasks = [asyncio.create_task(self._accept(server, each)) for each in listeners]
        self._tasks.append(asyncio.create_task(self._end_still_ones()))

    async def stop_accepting(self) -> None:
        """Close the listeners; open connections stay."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for each in self._listeners:
            each.close()

    @property
    def watch(self) -> Middleware:
        """Return the middleware that tracks which connections have an open request."""

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
        """Return once one more connection is allowed; close the idle one with the nearest deadline
        if needed."""
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
