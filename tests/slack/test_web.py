"""Health, readiness and metrics over real HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest
import structlog
from aiohttp import web as aiohttp_web
from prometheus_client import CollectorRegistry, Counter

from bot.http_connections import MOST
from bot.web import CHECK_SECONDS, Web
from tests.quick import LONGEST


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


async def test_it_is_alive_before_it_is_ready(served: tuple[Web, str]) -> None:
    """The process is alive from the start, and not ready before anything can be checked."""
    _, url = served
    assert (await get(f"{url}/healthz"))[0] == 200
    assert (await get(f"{url}/readyz"))[0] == 503
    assert "aicost_ready 0.0" in (await get(f"{url}/metrics"))[1]


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
    assert "aicost_ready 1.0" in (await get(f"{url}/metrics"))[1]
    held["database"] = False
    status, text = await get(f"{url}/readyz")
    assert status == 503
    assert '"database": false' in text
    held["database"] = True
    web.add_check("slack", broken)
    assert (await get(f"{url}/readyz"))[0] == 503


async def test_metrics_are_served(served: tuple[Web, str]) -> None:
    """Metrics are served in Prometheus' text format."""
    _, url = served
    status, text = await get(f"{url}/metrics")
    assert status == 200
    assert "aicost_things_total 1.0" in text


async def test_slack_requests_are_served_in_http_mode_only(served: tuple[Web, str]) -> None:
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


async def test_a_taken_port_is_an_error(served: tuple[Web, str]) -> None:
    """A port that is taken is an error, and leaves nothing open."""
    _, url = served
    second = Web(CollectorRegistry())
    with pytest.raises(OSError, match="in use"):
        await second.start(int(url.rsplit(":", 1)[1]), "127.0.0.1")


async def test_a_check_that_hangs_is_a_failed_one(served: tuple[Web, str]) -> None:
    """`/readyz` is 503 while probes still wait for it, however many ask, and the check is made
    once."""
    web, url = served
    made = 0

    async def hanging() -> bool:
        nonlocal made
        made += 1
        await asyncio.Event().wait()
        return True

    web.add_check("database", hanging)
    answers = await asyncio.gather(*(get(f"{url}/readyz") for _ in range(20)))
    assert {status for status, _ in answers} == {503}
    assert made == 1
    assert CHECK_SECONDS < 1  # for which probes usually wait


async def raw(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which nothing was said yet."""
    parts = urlsplit(url)
    assert parts.hostname
    return await asyncio.open_connection(parts.hostname, parts.port)


async def test_more_connections_than_it_takes(served: tuple[Web, str]) -> None:
    """Those that say nothing end for those that ask: never more than a hundred are open."""
    _, url = served
    idle = [await raw(url) for _ in range(MOST + 50)]
    for _, writer in idle:
        writer.write(b"GET /metrics HTTP/1.1\r\nX: ")
    assert (await get(f"{url}/healthz"))[0] == 200
    ended = [reader.at_eof() or reader.exception() is not None for reader, _ in idle]
    assert sum(ended) >= 50
    for _, writer in idle:
        writer.close()


async def test_all_of_a_burst_are_answered(served: tuple[Web, str]) -> None:
    """Where all connections have a request, further ones wait for their turn."""
    web, url = served

    async def answer(request: aiohttp_web.Request) -> aiohttp_web.Response:
        await asyncio.sleep(0.05)
        return aiohttp_web.Response(text="taken")

    web.serve_slack(answer)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True)
    ) as session:

        async def ask() -> int:
            async with session.post(f"{url}/slack/events", data=b"x") as said:
                return said.status

        assert set(await asyncio.gather(*(ask() for _ in range(3 * MOST)))) == {200}


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nX: ", b"G"])
async def test_a_connection_that_keeps_still_is_ended(sent: bytes) -> None:
    """Headers that don't come to their end in time end the connection."""
    web = Web(CollectorRegistry(), still_seconds=0.1)
    port = await web.start(0, "127.0.0.1")
    reader, writer = await raw(f"http://127.0.0.1:{port}")
    writer.write(sent)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), LONGEST) == b""
    writer.close()
    await web.stop()


JUNK = (
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"NOT HTTP\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
)


@pytest.mark.parametrize("junk", JUNK)
async def test_junk_is_not_logged(
    served: tuple[Web, str], caplog: pytest.LogCaptureFixture, junk: bytes
) -> None:
    """What isn't HTTP is refused, and not a line of the log."""
    _, url = served
    with structlog.testing.capture_logs() as ours:
        reader, writer = await raw(url)
        writer.write(junk)
        with contextlib.suppress(ConnectionError):
            said = await asyncio.wait_for(reader.read(), LONGEST)
            assert said.split(b" ")[1] in (b"400", b"404", b"431"), said
        writer.close()
    assert (ours, caplog.records) == ([], [])


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost", 200),
        ("[::1]:{port}", 200),
        ("rebound.example:{port}", 403),
        ("127.0.0.1.rebound.example", 403),
    ],
)
async def test_metrics_of_this_machine_alone(
    served: tuple[Web, str], host: str, status: int
) -> None:
    """A web page whose name leads to this machine (DNS rebinding) doesn't read the metrics."""
    _, url = served
    host = host.replace("{port}", url.rsplit(":", 1)[1])
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/metrics", headers={"Host": host}) as answer,
    ):
        assert answer.status == status
        assert ("aicost_things_total" in await answer.text()) == (status == 200)
