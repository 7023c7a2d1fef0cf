"""The HTTP side: alive, ready, counted; and Slack's requests in HTTP mode."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[bool]]
Requests = Callable[[web.Request], Awaitable[web.StreamResponse]]

SLACK_PATH = "/slack/events"
LARGEST_REQUEST = 1024 * 1024
CLOSING_SECONDS = 3.0


class Web:
    """Up from the first moment, so that a platform sees the process live while it gets ready.

    `is_ready` checks are added by name as parts come up; until then `/readyz` is 503.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._checks: dict[str, Check] = {}
        self._slack: Requests | None = None
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_post(SLACK_PATH, self._slack_request)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSING_SECONDS)

    def add_check(self, name: str, check: Check) -> None:
        """Something that must be so for this process to be ready."""
        self._checks[name] = check

    def serve_slack(self, requests: Requests) -> None:
        """Hand Slack's requests to this from now on: HTTP mode."""
        self._slack = requests

    async def start(self, port: int, host: str | None = None) -> int:
        """Listen; returns the port, which the system chooses where 0 is asked for.

        Raises `OSError` where the port is taken.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, reuse_address=True)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Finish open requests within 3 seconds and close."""
        await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, _: web.Request) -> web.Response:
        found = {name: await _holds(check) for name, check in self._checks.items()}
        is_ready = bool(found) and all(found.values())
        body = {"status": "ok" if is_ready else "not ready", "checks": found}
        return web.json_response(body, status=200 if is_ready else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        text = generate_latest(self._registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def _slack_request(self, request: web.Request) -> web.StreamResponse:
        if self._slack is None:
            return web.json_response({"error": "not served here"}, status=404)
        return await self._slack(request)


async def _holds(check: Check) -> bool:
    with suppress(Exception):  # a check that cannot be made does not hold
        return await check()
    return False
