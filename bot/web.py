"""The HTTP server: liveness, readiness, metrics, and Slack's requests in HTTP mode.

Anyone who reaches the port may send anything. So the number of connections, their idle time, the
size of headers and bodies, and the log are limited.
"""

import asyncio
import ipaddress
import logging
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.http_connections import Connections, listen

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[bool]]
Refresh = Callable[[], Awaitable[None]]
Requests = Callable[[web.Request], Awaitable[web.StreamResponse]]

SLACK_PATH = "/slack/events"
LARGEST_REQUEST = 1024 * 1024
CLOSING_SECONDS = 3.0
CHECK_SECONDS = 0.8
"""Timeout after which a readiness check counts as failed: probes themselves wait for a second."""
STUCK_SECONDS = 10.0
"""Time after which a check that hangs is given up and started again."""
_SILENT = logging.Logger("aiohttp.server", logging.CRITICAL + 1)  # noqa: LOG001 - for this server
"""aiohttp logs a traceback for each request that it can't parse; ours are logged here."""


class Web:
    """Started first, so that a platform sees a live process while it gets ready.

    `is_ready` checks are added by name as parts start; until then `/readyz` is 503.
    """

    def __init__(self, registry: CollectorRegistry, still_seconds: float | None = None) -> None:
        """Create the server. `still_seconds` replaces how long a connection may take for its
        request's headers."""
        self._registry = registry
        self._ready = Gauge("aicost_ready", "1 if /readyz is 200.", registry=registry)
        self._checks: dict[str, Check] = {}
        self._checking: dict[str, tuple[float, asyncio.Task[bool]]] = {}
        self._slack: Requests | None = None
        self._refresh: Refresh | None = None
        self._connections = Connections(still_seconds)
        self._is_local = False
        app = web.Application(
            client_max_size=LARGEST_REQUEST, middlewares=[self._connections.watch, _logged]
        )
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_post(SLACK_PATH, self._slack_request)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_SILENT,
            shutdown_timeout=CLOSING_SECONDS,
            auto_decompress=False,  # Slack compresses nothing, and a signature is over raw bytes
            lingering_time=1.0,
            max_line_size=4096,
            max_headers=64,
        )

    def add_check(self, name: str, check: Check) -> None:
        """Add a check that must pass for this process to be ready."""
        self._checks[name] = check

    def serve_slack(self, requests: Requests) -> None:
        """From now on, pass Slack's requests on: HTTP mode."""
        self._slack = requests

    def before_metrics(self, refresh: Refresh) -> None:
        """Call `refresh` before each scrape, to update gauges."""
        self._refresh = refresh

    async def start(self, port: int, host: str) -> int:
        """Listen; return the port, which the system chooses for 0.

        Raises `OSError` if the address isn't this machine's, or the port is taken.
        """
        listeners = await listen(host, port)
        addresses = [str(each.getsockname()[0]) for each in listeners]
        self._is_local = all(ipaddress.ip_address(each).is_loopback for each in addresses)
        await self._runner.setup()
        assert self._runner.server is not None  # noqa: S101 - set up above
        self._connections.accept(self._runner.server, listeners)
        return int(listeners[0].getsockname()[1])

    async def stop(self) -> None:
        """Finish open requests within 3 seconds and close. A second call does nothing."""
        await self._connections.stop_accepting()
        await self._runner.cleanup()
        for _, task in self._checking.values():
            task.cancel()

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, _: web.Request) -> web.Response:
        found = await self._checked()
        is_ready = _are_held(found)
        body = {"status": "ok" if is_ready else "not ready", "checks": found}
        return web.json_response(body, status=200 if is_ready else 503)

    async def _checked(self) -> dict[str, bool]:
        names = list(self._checks)
        held = await asyncio.gather(*(self._holds(name) for name in names))
        return dict(zip(names, held, strict=True))

    async def _holds(self, name: str) -> bool:
        """Return the check's result; False if it fails or does not answer in time. Concurrent calls
        share one run."""
        begun, task = self._checking.get(name, (0.0, None))
        if task is not None and not task.done() and time.monotonic() - begun > STUCK_SECONDS:
            task.cancel()
            task = None
        if task is None or task.done():
            task = asyncio.ensure_future(_result(self._checks[name]))
            self._checking[name] = (time.monotonic(), task)
        done, _ = await asyncio.wait([task], timeout=CHECK_SECONDS)
        return bool(done) and not task.cancelled() and task.result()

    async def _metrics(self, request: web.Request) -> web.Response:
        if self._is_local and not _names_this_machine(request.host):
            return web.json_response({"error": "unknown host"}, status=403)
        if self._refresh is not None:
            await self._refresh()
        self._ready.set(_are_held(await self._checked()))
        text = generate_latest(self._registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def _slack_request(self, request: web.Request) -> web.StreamResponse:
        if self._slack is None:
            return web.json_response({"error": "not served here"}, status=404)
        return await self._slack(request)


def _are_held(checks: dict[str, bool]) -> bool:
    """Return True if there are checks and all of them pass."""
    return bool(checks) and all(checks.values())


async def _result(check: Check) -> bool:
    try:
        return await check()
    except Exception:  # a check that can't be made doesn't hold
        return False


def _names_this_machine(host: str) -> bool:
    """Return True if a request's `Host` is an address or ``localhost``. A web page whose domain was
    pointed to 127.0.0.1 (DNS rebinding) sends its own name."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name.casefold() == "localhost"
    return True


@web.middleware
async def _logged(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Handle a request, and log a bug of ours here, because aiohttp's own log is off."""
    try:
        return await handler(request)
    except (web.HTTPException, ConnectionError, asyncio.CancelledError):
        raise
    except Exception:
        log.exception("web.request_failed", path=request.path)
        return web.json_response({"error": "failed"}, status=500)
