"""The simulated Slack as a real server on this machine."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from email.utils import format_datetime

import aiohttp
from aiohttp import web

from simulators.slack.faults import Fault
from simulators.slack.feed import Change
from simulators.slack.http_mode import HttpMode
from simulators.slack.web_api import MAX_BODY, Asked, WebApi
from simulators.slack.workspace import Workspace


class SimulatedSlack:
    """A running server: what an app needs to reach it, and how tests control it."""

    def __init__(self, workspace: Workspace, api: WebApi, session: aiohttp.ClientSession) -> None:
        self.workspace = workspace
        self._api = api
        self._session = session

    @property
    def api_url(self) -> str:
        """The value for ``SLACK_API_URL``."""
        return f"{self.workspace.base_url}/api/"

    @property
    def bot_token(self) -> str:
        """``SLACK_BOT_TOKEN``."""
        return self.workspace.app.bot_token

    @property
    def app_token(self) -> str:
        """``SLACK_APP_TOKEN``."""
        return self.workspace.app.app_token

    @property
    def signing_secret(self) -> str:
        """``SLACK_SIGNING_SECRET``."""
        return self.workspace.app.signing_secret

    @property
    def calls(self) -> Sequence[Asked]:
        """Return every call so far, response_urls as ``response_url``, without tokens."""
        return self._api.calls

    def fail(self, method: str, how: Fault, times: int = 1, channel: str | None = None) -> None:
        """Let the next calls of a method fail; see `Faults.plan`."""
        self.workspace.faults.plan(method, how, times, channel)

    async def connected(self, patience: float = 60.0) -> None:
        """Wait until the app has a Socket Mode connection. Raises `TimeoutError`."""
        await asyncio.wait_for(self.workspace.sockets.came.wait(), patience)

    def use_http(self, url: str) -> HttpMode:
        """From now on send everything to that request URL. The returned mode can `verify` it."""
        office = self.workspace
        mode = HttpMode(
            self._session, url, lambda: office.app.signing_secret, office.sockets.ack_seconds
        )
        office.delivery = mode
        return mode


@asynccontextmanager
async def serve_slack(
    workspace: Workspace, port: int = 0, host: str = "127.0.0.1"
) -> AsyncIterator[SimulatedSlack]:
    """Serve the workspace until the block ends; port 0 takes a free one."""
    api = WebApi(
        workspace,
        workspace.faults,
        workspace.rates,
        lambda: workspace.base_url,
        lambda: workspace.base_url.replace("http", "ws", 1) + workspace.sockets.issue(),
    )
    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes([*api.routes(), web.get("/link/{ticket}", workspace.sockets.serve)])

    async def date(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(workspace.clock().astimezone(UTC), usegmt=True)

    app.on_response_prepare.append(date)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        workspace.base_url = f"http://{host}:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as session, _events_of_the_app(workspace):
            try:
                yield SimulatedSlack(workspace, api, session)
            finally:
                await workspace.sockets.close()
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _events_of_the_app(workspace: Workspace) -> AsyncIterator[None]:
    """Deliver the events that the app's own posts cause."""
    under_way: set[asyncio.Task[bool]] = set()

    def hand_over(change: Change) -> None:
        if (event := workspace.heard_by_app(change)) is not None:
            task = asyncio.ensure_future(event)
            under_way.add(task)
            task.add_done_callback(under_way.discard)

    with workspace.changes.heard_by(hand_over):
        yield
    for task in under_way:
        task.cancel()
