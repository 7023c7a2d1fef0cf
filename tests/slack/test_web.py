"""Health, readiness and metrics over real HTTP."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web as aiohttp_web
from prometheus_client import CollectorRegistry, Counter

from bot.web import Web


@pytest.fixture
async def served() -> AsyncIterator[tuple[Web, str]]:
    """A started web side, and its address."""
    registry = CollectorRegistry()
    Counter("aicost_things", "Things.", registry=registry).inc()
    web = Web(registry)
    port = await web.start(0, "127.0.0.1")
    yield web, f"http://127.0.0.1:{port}"
    await web.stop()


async def get(url: str) -> tuple[int, str]:
    """Status and text of one request."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_alive_before_ready(served: tuple[Web, str]) -> None:
    """The process is alive from the start, and not ready before anything can be checked."""
    _, url = served
    assert (await get(f"{url}/healthz"))[0] == 200
    assert (await get(f"{url}/readyz"))[0] == 503


async def test_ready_once_every_check_holds(served: tuple[Web, str]) -> None:
    """Ready while all checks hold; a check that fails or raises is named."""
    web, url = served
    held = {"database": True}

    async def database() -> bool:
        return held["database"]

    async def broken() -> bool:
        raise RuntimeError

    web.add_check("database", database)
    assert (await get(f"{url}/readyz"))[0] == 200
    held["database"] = False
    status, text = await get(f"{url}/readyz")
    assert status == 503
    assert '"database": false' in text
    held["database"] = True
    web.add_check("slack", broken)
    assert (await get(f"{url}/readyz"))[0] == 503


async def test_metrics(served: tuple[Web, str]) -> None:
    """Metrics are served in Prometheus' text format."""
    _, url = served
    status, text = await get(f"{url}/metrics")
    assert status == 200
    assert "aicost_things_total 1.0" in text


async def test_slack_requests(served: tuple[Web, str]) -> None:
    """Slack's requests are served in HTTP mode only."""
    web, url = served

    async def answer(request: aiohttp_web.Request) -> aiohttp_web.Response:
        return aiohttp_web.Response(text=await request.text())

    async with aiohttp.ClientSession() as session:
        async with session.post(f"{url}/slack/events", data="x") as refused:
            assert refused.status == 404
        web.serve_slack(answer)
        async with session.post(f"{url}/slack/events", data="hello") as taken:
            assert await taken.text() == "hello"


async def test_taken_port(served: tuple[Web, str]) -> None:
    """A port that is taken is an error, and leaves nothing open."""
    _, url = served
    second = Web(CollectorRegistry())
    with pytest.raises(OSError, match="in use"):
        await second.start(int(url.rsplit(":", 1)[1]), "127.0.0.1")
