"""The page's server: files, one stream of events, one URL for actions."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from simulators.demo.page.picture import surroundings
from simulators.demo.page.stream import Streams
from simulators.demo.page.tour import TOUR
from simulators.demo.stage import Outcome, Stage
from simulators.demo.steps import StepError, read_step
from simulators.slack.things import Person

HOST = "127.0.0.1"
PORT = 8010
TRIES = 20
STATIC = Path(__file__).parent / "static"
_OWN_NAMES = (HOST, "localhost")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger(__name__)


class PortTaken(Exception):
    """Another process listens on that port."""


@dataclass(frozen=True, slots=True)
class Page:
    """The served page."""

    port: int
    wanted: int

    @property
    def url(self) -> str:
        """Return its address for a browser."""
        return f"http://{HOST}:{self.port}/"


@asynccontextmanager
async def serve_page(stage: Stage, port: int | None = None) -> AsyncIterator[Page]:
    """Serve the page of a stage on this machine alone, until the block ends.

    Without a port: 8010, or the next free one if that is taken. Raises `PortTaken`.
    """
    server = _Server(stage)
    app = web.Application(middlewares=[_for_this_machine])
    app.add_routes(
        [
            web.get("/", server.index),
            web.get("/events", server.events),
            web.post("/do", server.do),
            web.post("/tour", server.tour),
            web.post("/play", server.play),
            web.get("/files/{file}", server.file),
            web.static("/", STATIC),
        ]
    )
    app.on_shutdown.append(server.end)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        bound = await _bind(runner, port)
        yield Page(bound, port if port is not None else PORT)
    finally:
        await stage.pause()
        await runner.cleanup()


async def _bind(runner: web.AppRunner, port: int | None) -> int:
    wanted = range(PORT, PORT + TRIES) if port is None else [port]
    for number in wanted:
        try:
            await web.TCPSite(runner, HOST, number).start()
        except OSError:
            continue
        return int(runner.addresses[0][1])
    raise PortTaken(f"{wanted[0]}")


@web.middleware
async def _for_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests of other sites' pages, so that none can act in the demo."""
    host = request.host.rpartition(":")[0] or request.host
    origin = request.headers.get("Origin")
    if host not in _OWN_NAMES or origin not in (None, f"http://{request.host}"):
        return web.json_response({"error": "for this machine only"}, status=403)
    response = await handler(request)
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


class _Server:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._streams = Streams(stage)

    async def end(self, _: web.Application) -> None:
        self._streams.end()

    async def index(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def events(self, request: web.Request) -> web.StreamResponse:
        person = self._person(request.query.get("as", ""))
        response = web.StreamResponse(
            headers={**_HEADERS, "Content-Type": "text/event-stream; charset=utf-8"}
        )
        await response.prepare(request)
        try:
            async for event in self._streams.follow(person):
                await response.write(event.encode())
        except ConnectionError:
            log.debug("page.closed")
        return response

    async def do(self, request: web.Request) -> web.Response:
        return await self._respond(self._do, request)

    async def tour(self, request: web.Request) -> web.Response:
        return await self._respond(self._tour, request)

    async def play(self, request: web.Request) -> web.Response:
        return await self._respond(self._play, request)

    async def file(self, request: web.Request) -> web.Response:
        person = self._person(request.query.get("as", ""))
        wanted = self._stage.office.files.get(request.match_info["file"])
        if wanted is None or not self._may_read(person, wanted.id):
            raise web.HTTPNotFound
        name = "".join(char for char in wanted.name if char.isalnum() or char in "-_. ")
        return web.Response(
            body=wanted.content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    async def _do(self, body: Any) -> Outcome:
        return await self._stage.do(read_step(body))

    async def _tour(self, body: Any) -> Outcome:
        number = body.get("stop") if isinstance(body, dict) else None
        if not isinstance(number, int) or not 0 <= number < len(TOUR):
            raise StepError("the tour has no such stop")
        for step in TOUR[number].steps(self._stage):
            await self._stage.do(step)
        seen = TOUR[number].evidence(self._stage) is not None
        return Outcome(failure=None if seen else TOUR[number].unseen)

    async def _play(self, body: Any) -> Outcome:
        if isinstance(body, dict) and body.get("on"):
            self._stage.play()
        else:
            await self._stage.pause()
        return Outcome()

    async def _respond(
        self, work: Callable[[Any], Awaitable[Outcome]], request: web.Request
    ) -> web.Response:
        """The outcome and the surroundings as JSON. What is under way is finished, even if the
        page goes away."""
        try:
            body = json.loads(await request.text())
            outcome = await asyncio.shield(asyncio.ensure_future(work(body)))
        except (json.JSONDecodeError, RecursionError):
            return web.json_response({"failure": "that is not JSON"}, status=400)
        except StepError as error:
            return web.json_response({"failure": str(error)}, status=400)
        return web.json_response(
            {
                "failure": outcome.failure,
                "errors": dict(outcome.errors),
                "suggestions": outcome.suggestions.groups,
                "surroundings": surroundings(self._stage),
            }
        )

    def _person(self, who: str) -> Person:
        try:
            return self._stage.person(who)
        except StepError as error:
            raise web.HTTPNotFound(text=str(error)) from None

    def _may_read(self, person: Person, file: str) -> bool:
        return any(
            file == each.id
            for channel in self._stage.office.channels.values()
            if person.id in channel.members
            for message in channel.seen_by(person.id)
            for each in message.files
        )
