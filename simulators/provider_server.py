"""The base of the simulated providers: an HTTP server with a log of requests, and exact JSON."""

import json
import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import ClassVar, TypeVar

from aiohttp import web

from simulators.clock import DemoClock
from simulators.faults import Faults
from simulators.quirks import Quirks
from simulators.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_DATE = web.RequestKey("date", str)
"""The `Date` header that a fault sends instead of the clock's."""
_NUMBER = "\x00"
_MILLIONTH = Decimal("1e-6")
_NUMBERS = re.compile(r'"\\u0000([^"]*)"')
_REMEMBERED_REQUESTS = 20_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came, without its key."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: str
    at: datetime

    def values(self, *names: str) -> list[str]:
        """All values of these query parameters, in order."""
        return [value for name, value in self.query if name in names]


class Refusal(Exception):
    """The provider answers with this error."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class ProviderServer(ABC):
    """A simulated provider at `base_url`, once it is served."""

    prefix: ClassVar[str]
    """The beginning of all its paths."""

    def __init__(self, world: World, quirks: Quirks) -> None:
        self.world = world
        self.quirks = quirks
        self.faults = Faults()
        self.requests: deque[Seen] = deque(maxlen=_REMEMBERED_REQUESTS)
        self.base_url = ""

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Return all its endpoints."""

    @property
    def clock(self) -> DemoClock:
        """The world's clock."""
        return self.world.clock

    def requests_to(self, path: str) -> list[Seen]:
        """Return the logged requests whose path ends so."""
        return [seen for seen in self.requests if seen.path.endswith(path)]

    async def remember(self, request: web.Request) -> None:
        """Log a request."""
        self.requests.append(
            Seen(
                request.method,
                request.path,
                tuple(request.query.items()),
                await request.text(),
                self.clock(),
            )
        )


Server = TypeVar("Server", bound=ProviderServer)


def exact_json(body: object, status: int = 200) -> web.Response:
    """Return a JSON answer; each `Decimal` becomes a number with all its digits."""
    text = json.dumps(body, default=_marked)
    return web.Response(
        status=status, text=_NUMBERS.sub(r"\1", text), content_type="application/json"
    )


def bearer(request: web.Request) -> str | None:
    """Return the key in ``Authorization: Bearer``; None if there is none."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key if scheme == "Bearer" and key else None


@asynccontextmanager
async def serve_provider(server: Server, port: int = 0) -> AsyncIterator[Server]:
    """Serve a simulated provider on 127.0.0.1; `port` 0 takes any free one."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        await server.remember(request)
        fault = await server.faults.answer(request)
        if fault is not None:
            if "Date" in fault.headers:
                request[_DATE] = fault.headers["Date"]
            return fault
        try:
            return await handler(request)
        except Refusal as refusal:
            return exact_json(refusal.body, refusal.status)

    async def date(request: web.Request, response: web.StreamResponse) -> None:
        now = format_datetime(server.clock(), usegmt=True)  # aiohttp has put in the machine's time
        response.headers["Date"] = request.get(_DATE) or now

    app = web.Application(middlewares=[answer])
    app.on_response_prepare.append(date)
    app.add_routes(server.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        host, bound_port = runner.addresses[0][:2]
        server.base_url = f"http://{host}:{bound_port}{server.prefix}"
        yield server
    finally:
        await runner.cleanup()


def _marked(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{_NUMBER}{value:f}" if abs(value) >= _MILLIONTH else f"{_NUMBER}{value:e}"
    raise TypeError(type(value).__name__)
