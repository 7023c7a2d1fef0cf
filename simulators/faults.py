"""Failures between a provider and its client. A fault answers instead of the endpoint."""

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""A fault's answer; None: the endpoint answers."""

HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"


@dataclass(slots=True)
class Fault:
    """Answers requests whose path ends with `path` (any path, if None), `times` times."""

    answer: Answer
    path: str | None = None
    times: int | None = None
    """None: until it is removed."""
    only_pages_after_first: bool = False
    """Only requests that carry a page token or an offset."""
    calls: int = 0

    def applies(self, request: web.Request) -> bool:
        """Return True if it answers this request."""
        if self.times is not None and self.calls >= self.times:
            return False
        if self.only_pages_after_first and not ({"page", "offset"} & set(request.query)):
            return False
        return self.path is None or request.path.endswith(self.path)


class Faults:
    """The faults at one provider now; the first that applies answers."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self,
        answer: Answer,
        path: str | None = None,
        times: int | None = None,
        only_pages_after_first: bool = False,
    ) -> Fault:
        """Add a fault; see `Fault` for the arguments."""
        fault = Fault(answer, path, times, only_pages_after_first)
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Remove a fault."""
        self._faults.remove(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse | None:
        """Return the first matching fault's answer; None: the endpoint answers."""
        for fault in self._faults:
            if fault.applies(request):
                fault.calls += 1
                return await fault.answer(request)
        return None


def status(code: int, message: str = "Something went wrong", **headers: str) -> Answer:
    """Return that status with the error object of OpenAI and OpenRouter; `_` in header names is
    `-`."""

    async def answer(_: web.Request) -> web.StreamResponse:
        body = {"error": {"message": message, "type": "server_error", "param": None, "code": code}}
        return web.json_response(
            body,
            status=code,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    return answer


def outage() -> Answer:
    """503 to every request."""
    return status(503, "The server is overloaded or not ready yet.")


def rate_limited(retry_after: str | None) -> Answer:
    """429, with that Retry-After if it is given: seconds, a fraction, an HTTP date."""
    if retry_after is None:
        return status(429, "Rate limit exceeded")
    return status(429, "Rate limit exceeded", Retry_After=retry_after)


def not_found() -> Answer:
    """404 for something that exists: seen of OpenAI's costs for a day."""
    return status(404, "Resource not found")


def html(code: int = 502) -> Answer:
    """A gateway's page instead of JSON, with an error's status or with 200."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text=HTML, content_type="text/html")

    return answer


def json_body(body: object, code: int = 200) -> Answer:
    """Any other JSON."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=code)

    return answer


def flood() -> Answer:
    """200 and 600 kB that stand for 128 MiB."""

    async def answer(_: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return web.Response(body=_packed(), headers=headers)

    return answer


@cache
def _packed() -> bytes:
    return gzip.compress(b" " * 2**27, compresslevel=1)


def truncated() -> Answer:
    """200 and a body that ends before its announced length."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = 10_000
        await response.prepare(request)
        await response.write(b'{"object": "page", "data": [')
        _hang_up(request)
        return response

    return answer


def reset() -> Answer:
    """The connection is closed without an answer."""

    async def answer(request: web.Request) -> web.StreamResponse:
        _hang_up(request)
        return web.Response()

    return answer


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
