"""A receiver of events: what it was sent, and what it answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def id(self) -> str:
        return str(self.event["id"])


@dataclass(slots=True)
class Receiver:
    """Takes what comes, unless `answers` has something else for the next request."""

    url: str = ""
    sent: list[Sent] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def answer(self, *statuses: int, **headers: str) -> None:
        """Answer the next requests with these."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def says(status: int) -> Answer:
            async def said(_: web.Request) -> web.StreamResponse:
                return web.Response(status=status, headers=named, text="a secret answer")

            return said

        self.answers += [says(status) for status in statuses]

    def hang(self) -> asyncio.Event:
        """Answer the next request only once the event is set."""
        until = asyncio.Event()

        async def hung(_: web.Request) -> web.StreamResponse:
            await until.wait()
            return web.Response()

        self.answers.append(hung)
        return until

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.sent.append(Sent(dict(request.headers), await request.read()))
        return await self.answers.pop(0)(request) if self.answers else web.Response(status=204)

    @property
    def kinds(self) -> list[str]:
        """What came, in order."""
        return [each.event["type"].removeprefix("aicost.") for each in self.sent]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run one on this machine."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
