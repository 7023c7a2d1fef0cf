"""Slack's Web API over HTTP: arguments, tokens, scopes, rate limits, faults, then the method."""

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulators.slack.errors import SlackError
from simulators.slack.faults import (
    AnswerLost,
    Answers,
    Fault,
    Faults,
    Hangs,
    NeverArrives,
    Says,
    Status,
)
from simulators.slack.methods import chat, checks, conversations, files, people, views
from simulators.slack.methods.call import Call, Method
from simulators.slack.rates import Rates
from simulators.slack.responding import respond_at
from simulators.slack.state import State

METHODS: Mapping[str, Method] = {
    **chat.METHODS,
    **checks.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **views.METHODS,
}
KEPT_CALLS = 100_000
MAX_BODY = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """A received call, for tests to count. `seconds` is real time since a fixed moment."""

    method: str
    arguments: Mapping[str, Any]
    seconds: float


class WebApi:
    """Answers ``/api/METHOD``, response_urls and file uploads."""

    def __init__(
        self,
        state: State,
        faults: Faults,
        rates: Rates,
        base_url: Callable[[], str],
        open_socket: Callable[[], str],
    ) -> None:
        self._state = state
        self._base_url = base_url
        self._faults = faults
        self._rates = rates
        self._numbers = itertools.count(1)
        self.calls: deque[Asked] = deque(maxlen=KEPT_CALLS)
        self._methods = {
            **METHODS,
            "apps.connections.open": Method(lambda _: {"url": open_socket()}, 1000, token="app"),
        }

    def routes(self) -> list[web.RouteDef]:
        """The routes to serve."""
        return [
            web.post("/api/{method}", self._method),
            web.get("/api/{method}", self._method),
            web.post("/hooks/{hook}", self._hook),
            web.post("/upload/v1/{file}", self._upload),
        ]

    async def _method(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append(Asked(name, _without_token(arguments), time.monotonic()))
        channel = str(arguments.get("channel") or "") or None
        fault = self._faults.take(name, channel)
        if isinstance(fault, Status | Hangs | NeverArrives | Answers):
            return await _failed(request, fault)
        method = self._methods.get(name)
        wait = self._rates.wait(name, method.per_minute if method else 0, channel)
        if wait is not None:
            return _too_many(wait)
        try:
            answer = self._answer(name, method, arguments, f"{self._base_url()}/", fault)
        except SlackError as error:
            answer = {"ok": False, "error": error.code, **error.fields}
        if isinstance(fault, AnswerLost):
            return _broken_off(request)
        return web.json_response(answer, headers=self._headers(method))

    def _answer(
        self,
        name: str,
        method: Method | None,
        arguments: Mapping[str, Any],
        base_url: str,
        fault: Fault | None,
    ) -> dict[str, Any]:
        if isinstance(fault, Says):
            raise SlackError(fault.error, **fault.fields)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        self._check_token(name, method, str(arguments.get("token") or ""))
        self._state.need_scope(*method.scopes)
        return {"ok": True, **method.run(Call(self._state, arguments, base_url))}

    def _check_token(self, name: str, method: Method, token: str) -> None:
        app = self._state.app
        if method.token == "none":
            return
        if not token:
            raise SlackError("not_authed")
        if token not in (app.bot_token, app.app_token):
            raise SlackError("invalid_auth")
        if app.state != "installed":
            raise SlackError(app.state)
        wanted = app.app_token if method.token == "app" else app.bot_token
        if token != wanted and name != "auth.test":
            raise SlackError("not_allowed_token_type")

    def _headers(self, method: Method | None) -> dict[str, str]:
        headers = {"X-Slack-Req-Id": f"req{next(self._numbers):08d}"}
        if self._state.app.lists_scopes:
            headers["X-OAuth-Scopes"] = ",".join(sorted(self._state.app.scopes))
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes if method else ())
        return headers

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        hook = request.match_info["hook"]
        body = await request.json()
        self.calls.append(Asked("response_url", body, time.monotonic()))
        fault = self._faults.take("response_url", None)
        if isinstance(fault, Status | Hangs | NeverArrives | Answers):
            return await _failed(request, fault)
        wait = self._rates.wait("response_url", 0, hook)
        if wait is not None:
            return _too_many(wait)
        try:
            if isinstance(fault, Says):
                raise SlackError(fault.error)  # noqa: TRY301 - answered like Slack's own
            respond_at(self._state, hook, body)
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code}, status=404)
        return _broken_off(request) if isinstance(fault, AnswerLost) else web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await _upload_bytes(request)
        fault = self._faults.take("upload", None)
        if isinstance(fault, Status | Hangs | NeverArrives | Answers):
            return await _failed(request, fault)
        try:
            said = files.receive(self._state, request.match_info["file"], content)
        except KeyError:
            return web.Response(status=404)
        return web.Response(text=said)


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Return the arguments of a query, form or JSON, with the token from any allowed place."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = None
        arguments |= body if isinstance(body, Mapping) else {}
    else:
        arguments |= dict(await request.post())
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        arguments["token"] = token
    return arguments


async def _upload_bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    sent = (await request.post()).get("file") or (await request.post()).get("filename")
    return sent.file.read() if isinstance(sent, web.FileField) else str(sent or "").encode()


async def _failed(
    request: web.Request, fault: Status | Hangs | NeverArrives | Answers
) -> web.StreamResponse:
    if isinstance(fault, Status):
        if fault.code == 429:
            return _too_many(fault.retry_after or "1")
        return web.Response(status=fault.code, text="<html>Something went wrong</html>")
    if isinstance(fault, Answers):
        return await _answered(request, fault)
    if isinstance(fault, Hangs):
        await asyncio.sleep(fault.seconds)
        return web.Response(status=503)
    return _broken_off(request)


async def _answered(request: web.Request, fault: Answers) -> web.StreamResponse:
    answer = web.StreamResponse(status=fault.status, headers=fault.headers)
    await answer.prepare(request)
    with suppress(ConnectionError):  # who reads has had enough
        for _ in range(fault.repeated):
            await answer.write(fault.body)
            fault.sent += len(fault.body)
        await answer.write_eof()
    return answer


def _too_many(wait: int | str) -> web.Response:
    return web.Response(
        status=429,
        text=json.dumps({"ok": False, "error": "ratelimited"}),
        content_type="application/json",
        headers={"Retry-After": str(wait)},
    )


def _broken_off(request: web.Request) -> web.Response:
    """Break the connection: the response is never received."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _without_token(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if key != "token"}
