"""Clients of Slack's Web API that use the environment's proxies and certificates, and limit the
size of answers."""

import asyncio
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from bot.config.route import THIS_MACHINE, certificates, proxy_of, user_agent
from providers.connection_errors import ConnectionFailure, connection_failure
from providers.http import OnDate

REACH_SECONDS = 10
LARGEST_ANSWER = 4 * 2**20
"""Most bytes of one answer; aiohttp limits a message of a WebSocket to the same."""

_T = TypeVar("_T")


class AnswerUnusable(aiohttp.ClientPayloadError):
    """An answer is too large or lacks what it must have. The request may have been carried out."""


def part_of(answer: Any, path: str, kind: type[_T]) -> _T:
    """Return a required part of an answer, such as ``channel.id``. Raises `AnswerUnusable`."""
    found = getattr(answer, "data", answer)
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, kind):
        raise AnswerUnusable(f"no {path}")
    return found


def next_cursor(answer: Any) -> str:
    """Return the cursor of the next page; empty after the last."""
    found = getattr(answer, "data", answer).get("response_metadata")
    cursor = found.get("next_cursor") if isinstance(found, dict) else None
    return cursor if isinstance(cursor, str) else ""


class _Answer(aiohttp.ClientResponse):
    """An answer of Slack, or of a proxy in its place. The type and encoding in its headers are
    ignored: a few compressed bytes could expand beyond memory."""

    @property
    def content_type(self) -> str:
        """Return the type that Slack's client expects; it takes any other for a success."""
        return "application/json"

    def get_encoding(self) -> str:
        """Return Slack's only encoding."""
        return "utf-8"

    async def read(self) -> bytes:
        """Read the body. Raises `AnswerUnusable`."""
        if self._body is None:
            try:
                self._body = await _bounded(self.content)
            except BaseException:
                self.close()
                raise
        return await super().read()

    async def text(self, encoding: str | None = None, errors: str = "replace") -> str:
        """Read the body as text."""
        return await super().text(encoding, errors)

    async def json(self, **_: object) -> Any:
        """Read the body as the object that Slack sends. Raises `ContentTypeError` for anything
        else, of which Slack's client makes an error with the status."""
        try:
            found = json.loads(await self.text())
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise aiohttp.ContentTypeError(
                self.request_info, self.history, status=self.status, message="not a JSON object"
            )
        return found


class ShortWaits(AsyncRateLimitErrorRetryHandler):
    """Retry once if Slack asks for a short wait, because a user waits for the answer."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or response.status_code != 429:
            return False
        headers = {key.lower(): value for key, value in response.headers.items()}
        seconds = headers.get("retry-after")
        return bool(re.fullmatch("[0-9]", seconds[0] if seconds else ""))


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise AnswerUnusable(f"more than {LARGEST_ANSWER // 2**20} MiB")
    return bytes(body)


def _middleware() -> aiohttp.ClientMiddlewareType:
    """Return middleware that sends each request by the proxy for its own address, also after a
    redirect, and ignores the proxy that the SDK chose. The SDK ignores `NO_PROXY`, and uses
    `HTTP_PROXY` for https too (slack_sdk.proxy_env_variable_loader, 3.x). It also puts aicost
    before the SDK in `User-Agent`: Bolt overwrites that header in clients (AsyncApp._init_context).
    """
    remembered = lru_cache(maxsize=64)(proxy_of)  # reading the environment takes a tenth of a ms
    own = user_agent()

    async def take(
        request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        proxy = remembered(str(request.url.origin()))
        request.update_proxy(None if proxy is None else type(request.url)(proxy), None, None)
        agent = request.headers.get("User-Agent", "")
        if not agent.startswith(own):
            request.headers["User-Agent"] = f"{own} {agent}".strip()
        return await send(request)

    return take


def new_session(on_date: OnDate | None = None, seconds: float = 20) -> aiohttp.ClientSession:
    """Return a session for all requests to Slack, or to the webhook. A request ends
    within `seconds` unless it has its own timeout. `on_date` is called with the `Date` header
    of each answer. An `asyncio.Event` in a request's `trace_request_ctx` is set once the request
    was sent."""
    trace = aiohttp.TraceConfig()

    async def answered(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        end: aiohttp.TraceRequestEndParams,
    ) -> None:
        if on_date is not None:
            on_date("Slack", end.response.headers.get("Date"))

    async def sent(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        _headers: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        if isinstance(context.trace_request_ctx, asyncio.Event):
            context.trace_request_ctx.set()

    trace.on_request_end.append(answered)
    trace.on_request_headers_sent.append(sent)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=certificates() or True),
        timeout=aiohttp.ClientTimeout(total=seconds, connect=5),
        trace_configs=[trace],
        headers={"Accept-Encoding": "identity", "User-Agent": user_agent()},
        auto_decompress=False,
        response_class=_Answer,
        middlewares=[_middleware()],
    )


def hosts_of_answers(api_url: str) -> tuple[str, ...]:
    """Return the hosts of response URLs and uploads, which differ from the API's; empty if the API
    is on this machine."""
    name = urlsplit(api_url).hostname or ""
    if name in THIS_MACHINE:
        return ()
    domain = "slack-gov.com" if name.endswith("slack-gov.com") else "slack.com"
    return (f"hooks.{domain}", f"files.{domain}")


async def reach(session: aiohttp.ClientSession, origin: str) -> ConnectionFailure | None:
    """Connect to a host, such as ``https://hooks.slack.com``. Return why that failed; None if it
    gave any answer."""
    try:
        async with (
            asyncio.timeout(REACH_SECONDS),
            session.get(f"{origin}/", allow_redirects=False),
        ):
            return None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return connection_failure(error)


def web_client(
    token: str | None,
    api_url: str,
    session: aiohttp.ClientSession,
    retry_handlers: Sequence[AsyncRetryHandler] | None = None,
) -> AsyncWebClient:
    """Return a client that uses a session of `new_session`."""
    return AsyncWebClient(
        token,
        base_url=api_url,
        session=session,
        retry_handlers=None if retry_handlers is None else list(retry_handlers),
    )
