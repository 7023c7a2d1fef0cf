"""HTTP to the providers: timeouts, retries, `Retry-After`, statuses as errors. The only importer of
httpx.

A request ends within `Retries.deadline` seconds, retries included, with exact JSON (numbers with a
fraction are `Decimal`) or with a `ProviderError` without secrets.
"""

import asyncio
import json
import ssl
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TypeAlias

import httpx
import stamina

from providers.connection_errors import connection_failure
from providers.errors import (
    CredentialRejected,
    NotFound,
    ProviderError,
    RequestRefused,
    Unavailable,
    UnexpectedResponse,
)
from providers.redaction import sanitize
from providers.refusal import (
    PAGE,
    Meaning,
    Meanings,
    listed,
    read_refusal,
    retry_after,
    usual_meaning,
)

Json: TypeAlias = object
"""A decoded body: `dict`, `list`, `str`, `int`, `Decimal`, `bool` or None."""

_LARGEST_BODY = 64 * 2**20
_LONGEST_INTEGER = 20
_LARGEST_ERROR = 2**18
_PIECE = 2**18
_PAGE_REMEDY = (
    "Check the path of the base URL, and whether a proxy or a sign-in page answers instead."
)


@dataclass(frozen=True, slots=True)
class Retries:
    """Timeouts and number of tries; all times in seconds."""

    attempts: int = 4
    deadline: float = 45.0
    """For one request, including its retries and waits."""
    attempt_deadline: float = 20.0
    """For one attempt, however slowly its body arrives."""
    first_wait: float = 0.5
    """Doubled at each attempt, plus a random part of the same size."""
    longest_wait: float = 8.0
    longest_asked: float = 20.0
    """If a provider asks for a longer wait, it is not asked again until the next sync."""


class _RetryableError(Exception):
    """Worth a retry, after `wait` seconds if the provider gave a time."""

    def __init__(self, error: ProviderError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


OnDate = Callable[[str, str | None], None]
ProxyOf = Callable[[str], str | None]
"""Returns the proxy for requests to an address; None if there is none."""
Certificates = Callable[[], ssl.SSLContext | None]
"""Trusted certificates; None: those of httpx."""


@cache
def _usual_certificates() -> ssl.SSLContext:
    """Return those of certifi, read once in a process."""
    return httpx.create_ssl_context(trust_env=False)


class Pool:
    """The HTTP connections shared by all providers' clients, in the running event loop."""

    def __init__(
        self,
        retries: Retries | None = None,
        on_date: OnDate | None = None,
        proxy_of: ProxyOf = lambda _: None,
        certificates: Certificates = lambda: None,
        user_agent: str = "aicost",
    ) -> None:
        """Create a pool. `on_date` is called with the host and the `Date` header of each answer."""
        self.retries = retries or Retries()
        self.on_date = on_date
        self._proxy_of = proxy_of
        self._certificates = certificates
        self._user_agent = user_agent
        self._clients: dict[str | None, httpx.AsyncClient] = {}
        self._is_closed = False

    def client(self, proxy: str | None) -> httpx.AsyncClient:
        """Return the HTTP client for requests through that proxy, or without one.

        It follows no redirects, because the key would be sent along. It reads nothing from the
        environment: httpx's own reading fails for common values of NO_PROXY. It is created at the
        first request, because reading all certificates takes 30 ms and 2 MiB, and questions need no
        provider.
        """
        if self._is_closed:
            raise RuntimeError("the pool is closed")
        if proxy not in self._clients:
            self._clients[proxy] = httpx.AsyncClient(
                timeout=httpx.Timeout(20, connect=5),
                follow_redirects=False,
                trust_env=False,
                proxy=proxy,
                verify=self._certificates() or _usual_certificates(),
                headers={
                    "User-Agent": self._user_agent,
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip",
                },
            )
        return self._clients[proxy]

    def http(self, base_url: str, key: str, title: str) -> "Http":
        """Return a client of one provider with one key."""
        return Http(self, base_url.rstrip("/"), key, title, self._proxy_of(base_url))

    async def aclose(self) -> None:
        """Close all connections, and make no more."""
        self._is_closed = True
        for client in self._clients.values():
            await client.aclose()


@dataclass(frozen=True, slots=True, repr=False)
class Http:
    """One provider's API with one key. Created by `Pool.http`."""

    _pool: Pool
    _base_url: str
    _key: str
    title: str
    _proxy: str | None
    _meaning: Meaning = usual_meaning
    _credential: tuple[str, str] = ("Authorization", "Bearer ")
    """The header with the key, and the prefix of its value."""
    _headers: tuple[tuple[str, str], ...] = ()

    def with_error_mapper(self, meaning: Meaning) -> "Http":
        """Return the same client with a provider's own meaning of refusals, tried before the usual
        one."""
        return replace(self, _meaning=meaning)

    def with_meanings(self, meanings: Meanings) -> "Http":
        """Return the same client with the provider's meaning of its error codes and statuses."""
        return self.with_error_mapper(lambda refusal: listed(refusal, meanings))

    def with_key_in(self, header: str, prefix: str = "") -> "Http":
        """Return the same client with the key in that header, after `prefix`. By default it is RFC
        6750's ``Authorization: Bearer``."""
        return replace(self, _credential=(header, prefix))

    def with_headers(self, **headers: str) -> "Http":
        """Return the same client with more headers, such as an API's version; `_` in names becomes
        `-`."""
        added = ((name.replace("_", "-"), value) for name, value in headers.items())
        return replace(self, _headers=(*self._headers, *added))

    def key_starts_with(self, *prefixes: str) -> bool:
        """Return True if the key starts with one of these prefixes, which show its kind."""
        return self._key.startswith(prefixes)

    async def get(self, path: str, params: Sequence[tuple[str, str]] = ()) -> Json:
        """Send a GET request; `path` is appended to the base URL."""
        return await self._named("GET", path, params, None)

    async def post(self, path: str, body: Mapping[str, object]) -> Json:
        """Send a POST request with a JSON body. Only for queries: it is retried like any other."""
        return await self._named("POST", path, (), json.dumps(body).encode())

    async def _named(
        self, method: str, path: str, params: Sequence[tuple[str, str]], body: bytes | None
    ) -> Json:
        try:
            return await self._ask(method, path, params, body)
        except ProviderError as error:
            error.url = self._base_url + path
            raise

    async def _ask(
        self, method: str, path: str, params: Sequence[tuple[str, str]], body: bytes | None
    ) -> Json:
        if not (self._key and self._key.isascii() and self._key.isprintable()):
            raise CredentialRejected(
                f"The {self.title} key is empty or contains invalid characters, such as line breaks"
            )
        latest: ProviderError | None = None
        retries = self._pool.retries
        try:
            async with asyncio.timeout(retries.deadline):
                async for attempt in stamina.retry_context(
                    on=_wait,
                    attempts=retries.attempts,
                    timeout=None,
                    wait_initial=retries.first_wait,
                    wait_max=retries.longest_wait,
                    wait_jitter=retries.first_wait,
                ):
                    with attempt:
                        try:
                            return await self._attempt(method, path, params, body)
                        except _RetryableError as passing:
                            latest = passing.error
                            raise
        except _RetryableError as passing:
            raise passing.error from None
        except TimeoutError:
            raise latest or self._unavailable(path, "didn't answer in time") from None
        raise AssertionError("an attempt either returns or raises")

    async def _attempt(
        self, method: str, path: str, params: Sequence[tuple[str, str]], body: bytes | None
    ) -> Json:
        header, prefix = self._credential
        headers = {header: f"{prefix}{self._key}", **dict(self._headers)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with (
                asyncio.timeout(self._pool.retries.attempt_deadline),
                self._pool.client(self._proxy).stream(
                    method,
                    self._base_url + path,
                    params=list(params) or None,
                    content=body,
                    headers=headers,
                ) as response,
            ):
                if self._pool.on_date is not None and "Age" not in response.headers:
                    self._pool.on_date(self.title, response.headers.get("Date"))
                answer = await self._body(response, path)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise _RetryableError(self._connection_failure(error)) from None
        except (TimeoutError, httpx.TimeoutException):
            raise _RetryableError(self._unavailable(path, "didn't answer in time")) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise self._unusable_base_url() from None
        except (httpx.TransportError, zlib.error) as error:
            what = f"couldn't be read ({type(error).__name__})"
            raise _RetryableError(self._unavailable(path, what)) from None
        if response.is_success:
            return self._json(answer, path)
        raise self._refused(response, path, answer)

    async def _body(self, response: httpx.Response, path: str) -> bytes:
        """Return the answer's body; of an error only as much as is shown. It is decompressed in
        pieces, so that it never exceeds the limit in memory."""
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", ""):
            raise UnexpectedResponse(
                f"{self.title} answered {path} in an unsupported encoding "
                f"({sanitize(encoding)[:20]})"
            )
        limit = _LARGEST_BODY if response.is_success else _LARGEST_ERROR
        body, gunzip = bytearray(), zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        async for chunk in response.aiter_raw():
            rest = chunk
            while rest and len(body) <= limit:
                piece = gunzip.decompress(rest, _PIECE) if gunzip else rest
                rest = gunzip.unconsumed_tail if gunzip else b""
                body += piece
            if len(body) > limit:
                break
        if len(body) <= limit:
            return bytes(body)
        if not response.is_success:
            return bytes(body[:limit])
        raise UnexpectedResponse(
            f"{self.title} answered {path} with more than {limit // 2**20} MiB, which is too large"
        )

    def _json(self, body: bytes, path: str) -> Json:
        try:
            return json.loads(
                body, parse_int=_integer, parse_float=_decimal, parse_constant=Decimal
            )
        except (ValueError, RecursionError):
            is_page = body.lstrip()[:1] == b"<"
            what = PAGE if is_page else "incomplete or invalid JSON"
            remedy = _PAGE_REMEDY if is_page else None
            said = f"{self.title} answered {path} with {what}"
            raise _RetryableError(UnexpectedResponse(said, remedy=remedy)) from None

    def _refused(self, response: httpx.Response, path: str, body: bytes) -> Exception:
        wait = retry_after(response.headers)
        refusal = read_refusal(self.title, path, response.status_code, body, self._key, wait)
        error = self._meaning(refusal) or usual_meaning(refusal)
        may_retry = not error.is_permanent and not isinstance(error, NotFound)
        may_retry = may_retry and response.headers.get("x-should-retry", "").lower() != "false"
        if not may_retry or (wait is not None and wait > self._pool.retries.longest_asked):
            return error
        return _RetryableError(error, wait)

    def _unavailable(self, path: str, what: str) -> Unavailable:
        return Unavailable(f"{self.title}'s {path} {what}")

    def _connection_failure(self, error: Exception) -> Unavailable:
        found = connection_failure(error)
        return Unavailable(
            f"{self.title} couldn't be reached: {found.why}",
            remedy=f"{found.fix} aicost tries again at the next sync.",
        )

    def _unusable_base_url(self) -> RequestRefused:
        return RequestRefused(
            f"The base URL of {self.title} isn't a valid URL",
            remedy="Check the base URL. It starts with https://.",
        )


def _wait(error: Exception) -> bool | float:
    if not isinstance(error, _RetryableError):
        return False
    return True if error.wait is None else max(error.wait, 0.01)


def _integer(digits: str) -> int | Decimal:
    """Return a whole number of any size: one that is out of range affects only its item."""
    return int(digits) if len(digits) < _LONGEST_INTEGER else Decimal(digits)


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        return Decimal("NaN")
