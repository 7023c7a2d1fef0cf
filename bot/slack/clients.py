"""Clients of Slack's Web API that take their way out as everything else does."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import aiohttp
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings.route import proxy_of

TIMEOUT = 30
"""Seconds, as Slack's own default is."""

OnDate = Callable[[str, str | None], None]


def new_session(on_date: OnDate | None = None) -> aiohttp.ClientSession:
    """A session for calls of Slack. `on_date` is called with the `Date` header of each answer."""
    trace = aiohttp.TraceConfig()

    async def answered(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        end: aiohttp.TraceRequestEndParams,
    ) -> None:
        if on_date is not None:
            on_date("Slack", end.response.headers.get("Date"))

    trace.on_request_end.append(answered)
    timeout = aiohttp.ClientTimeout(total=20, connect=5)
    return aiohttp.ClientSession(timeout=timeout, trace_configs=[trace])


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
