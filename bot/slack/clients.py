"""Clients of Slack's Web API that take their way out as everything else does."""

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings.route import THIS_MACHINE, proxy_of
from providers.unreached import Unreached, unreached

TIMEOUT = 30
"""Seconds, as Slack's own default is."""

REACH_SECONDS = 10

OnDate = Callable[[str, str | None], None]


def new_session(on_date: OnDate | None = None) -> aiohttp.ClientSession:
    """A session for calls of Slack. `on_date` is called with the `Date` header of each answer; an
    `asyncio.Event` that a request has as its `trace_request_ctx` is set once it was sent."""
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
    timeout = aiohttp.ClientTimeout(total=20, connect=5)
    return aiohttp.ClientSession(
        timeout=timeout,
        trace_configs=[trace],
        headers={"Accept-Encoding": "identity"},
        auto_decompress=False,  # a few bytes could stand for more than fits in memory
    )


def hosts_of_answers(api_url: str) -> tuple[str, ...]:
    """The hosts of response URLs and of uploads, which Slack keeps apart from its API; none where
    the API is on this machine."""
    name = urlsplit(api_url).hostname or ""
    if name in THIS_MACHINE:
        return ()
    domain = "slack-gov.com" if name.endswith("slack-gov.com") else "slack.com"
    return (f"hooks.{domain}", f"files.{domain}")


async def reach(session: aiohttp.ClientSession, host: str) -> Unreached | None:
    """Try the way to a host over TLS. Whatever it answers, it was reached: None."""
    url = f"https://{host}/"
    try:
        async with (
            asyncio.timeout(REACH_SECONDS),
            session.get(url, proxy=proxy_of(url), allow_redirects=False),
        ):
            return None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return unreached(error)


def web_client(
    token: str | None,
    api_url: str,
    *,
    session: aiohttp.ClientSession | None = None,
    timeout: int = TIMEOUT,
    retry_handlers: Sequence[AsyncRetryHandler] | None = None,
) -> AsyncWebClient:
    """With the environment's proxy: the SDK's own reading of it knows no `NO_PROXY`, and takes
    `HTTP_PROXY` for https too (slack_sdk.proxy_env_variable_loader, 3.x)."""
    client = AsyncWebClient(
        token,
        base_url=api_url,
        timeout=timeout,
        session=session,
        retry_handlers=None if retry_handlers is None else list(retry_handlers),
    )
    client.proxy = proxy_of(api_url)
    return client
