"""The running bot as a process of its own, in Socket Mode and in HTTP mode."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.slack.text_renderer import plain_text
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders
from simulators.slack import SimulatedSlack, serve_slack, small_office
from simulators.slack.office import COSTS, GUEST, MEMBER
from tests.harness import Harness
from tests.quick import LONGEST, QUICK_AICOST


@pytest.fixture
def clock() -> DemoClock:
    """The present: a process of its own knows no other time."""
    clock = DemoClock(datetime.now(UTC))
    clock.run()
    return clock


@pytest.fixture
def slack(simulators: Harness) -> SimulatedSlack:
    """A workspace, at the present."""
    return simulators.slack_server


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@asynccontextmanager
async def bot_process(
    folder: Path, port: int, variables: dict[str, str], *, is_ready: bool = True
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`aicost run`, ready unless it can't be yet."""
    process = await asyncio.create_subprocess_exec(
        *QUICK_AICOST,
        "run",
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PORT": str(port), **variables},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        if is_ready:
            await until_ready(port)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def get(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def until_ready(port: int) -> None:
    async with asyncio.timeout(LONGEST):
        while True:
            try:
                if (await get(port, "/readyz"))[0] == 200:
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


async def until_answers(port: int) -> None:
    """It listens."""
    async with asyncio.timeout(LONGEST):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                await get(port, "/healthz")
                return
            await asyncio.sleep(0.1)


async def until_synced(port: int) -> None:
    """The first sync has come to its end."""
    async with asyncio.timeout(LONGEST):
        while True:
            _, metrics = await get(port, "/metrics")
            if "aicost_sync_round_seconds_count 1.0" in metrics:
                return
            await asyncio.sleep(0.1)


async def stopped(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Its exit code and log after SIGTERM."""
    process.send_signal(signal.SIGTERM)
    _, log = await asyncio.wait_for(process.communicate(), LONGEST)
    assert process.returncode is not None
    return process.returncode, log.decode()


async def check_burst(slack: SimulatedSlack, text: str, count: int) -> None:
    """Each is acknowledged and answered; how soon is measured in `tests/bench/bursts.py`."""
    say = slack.workspace.say
    answers = await asyncio.gather(*(say(MEMBER, COSTS, text) for _ in range(count)))
    assert {answer.failure for answer in answers} == {None}
    assert all("$" in answer.plain for answer in answers)


@pytest.mark.parametrize("mode", ["socket", pytest.param("http", marks=pytest.mark.slow)])
async def test_it_answers_and_stops_without_losing_anything(
    mode: str, providers: SimulatedProviders, slack: SimulatedSlack, tmp_path: Path
) -> None:
    """Ready, synced, answering; two hundred commands at once are all acknowledged in time; at
    SIGTERM thirty in flight are all answered, exit 0, and no secret is in its log."""
    port = free_port()
    variables = {
        **providers.environment,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_URL": slack.api_url,
    }
    if mode == "socket":
        variables["SLACK_APP_TOKEN"] = slack.app_token
    else:
        variables["SLACK_SIGNING_SECRET"] = slack.signing_secret
        slack.use_http(f"http://127.0.0.1:{port}/slack/events")
    async with bot_process(tmp_path, port, variables) as process:
        assert (await get(port, "/healthz"))[0] == 200
        await until_synced(port)
        answer = await slack.workspace.say(MEMBER, COSTS, "/aicost mtd")
        assert answer.failure is None
        assert "OpenRouter: $" in answer.plain
        refused = await slack.workspace.say(GUEST, COSTS, "/aicost mtd")
        assert "$" not in refused.plain
        await check_burst(slack, "/aicost by model", 200)

        asked = [
            asyncio.create_task(slack.workspace.say(MEMBER, COSTS, "/aicost by model"))
            for _ in range(30)
        ]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        code, log = await stopped(process)
        answers = await asyncio.gather(*asked)
    taken = [each for each in answers if each.acked_after is not None]
    assert taken
    assert all("$" in each.plain for each in taken)
    assert code == 0
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events[-2:] == ["bot.stopping", "bot.stopped"]
    for secret in (slack.bot_token, slack.app_token, slack.signing_secret, "sk-admin-simulated"):
        assert secret not in log


@pytest.mark.parametrize(
    ("level", "logged"),
    [
        pytest.param("debug", {"debug", "info", "warning"}, marks=pytest.mark.slow),
        ("info", {"info", "warning"}),
        pytest.param("warning", {"warning"}, marks=pytest.mark.slow),
    ],
)
async def test_it_stops_while_it_starts(
    level: str,
    logged: set[str],
    providers: SimulatedProviders,
    slack: SimulatedSlack,
    tmp_path: Path,
) -> None:
    """Asked to stop before Slack has answered, it ends at once, and well, and logs nothing below
    `LOG_LEVEL`."""
    port = free_port()
    variables = {
        **providers.environment,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "LOG_LEVEL": level,
        "PORT": str(port),
        "PATH": "/usr/bin:/bin",
    }
    process = await asyncio.create_subprocess_exec(
        *QUICK_AICOST,
        "run",
        cwd=tmp_path,
        env=variables,
        stderr=asyncio.subprocess.PIPE,
    )
    await until_answers(port)
    assert (await get(port, "/readyz"))[0] == 503
    assert process.stderr is not None
    first = ""
    async with asyncio.timeout(LONGEST):
        while '"bot.waiting"' not in first:
            first += (await process.stderr.readline()).decode()
    code, log = await stopped(process)
    assert code == 0, log
    lines = [json.loads(line) for line in (first + log).splitlines()]
    assert (lines[-1]["event"] == "bot.stopped") == ("info" in logged)
    assert {line["level"] for line in lines} == logged


@asynccontextmanager
async def forwarding(port: int, to: str) -> AsyncIterator[None]:
    """A port that leads to a socket file for as long as the block lasts."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_unix_connection(to)
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(copy(reader, back), copy(onward, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


async def waiting(process: asyncio.subprocess.Process) -> str:
    """The next line of the log about what is waited for."""
    assert process.stderr is not None
    async with asyncio.timeout(LONGEST):
        while True:
            line = (await process.stderr.readline()).decode()
            if '"bot.waiting"' in line:
                return line


async def test_it_waits_for_what_it_cannot_reach(
    providers: SimulatedProviders, postgres_url: str, tmp_path: Path
) -> None:
    """Started without a network, it goes on trying, not ready, until the database and Slack are
    there; each is two lines of the log."""
    port, slack_port, database_port = free_port(), free_port(), free_port()
    database = urlsplit(postgres_url)
    folder = parse_qs(database.query)["host"][0]
    office = small_office(lambda: datetime.now(UTC), render=plain_text)
    variables = {
        **providers.environment,
        "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{database_port}{database.path}",
        "SLACK_BOT_TOKEN": office.app.bot_token,
        "SLACK_APP_TOKEN": office.app.app_token,
        "SLACK_API_URL": f"http://127.0.0.1:{slack_port}/api/",
    }
    async with bot_process(tmp_path, port, variables, is_ready=False) as process:
        assert "doesn't answer" in await waiting(process)
        assert (await get(port, "/readyz"))[0] == 503
        async with forwarding(database_port, f"{folder}/.s.PGSQL.5432"):
            assert "ended" in await waiting(process)
            assert "Slack can't be reached" in await waiting(process)
            assert (await get(port, "/readyz"))[0] == 503
            async with serve_slack(office, slack_port):
                assert "ended" in await waiting(process)
                await until_ready(port)
                code, _ = await stopped(process)
    assert code == 0


async def test_bad_tokens_are_named_at_once(
    providers: SimulatedProviders, slack: SimulatedSlack, tmp_path: Path
) -> None:
    """A token that Slack refuses ends the start with its name, exit 2."""
    variables = {
        "PATH": "/usr/bin:/bin",
        **providers.environment,
        "SLACK_BOT_TOKEN": "xoxb-refused-0001",
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
    }
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "aicost",
        "run",
        cwd=tmp_path,
        env={**variables, "PORT": str(free_port())},
        stderr=asyncio.subprocess.PIPE,
    )
    _, log = await asyncio.wait_for(process.communicate(), LONGEST)
    assert process.returncode == 2
    assert b"SLACK_BOT_TOKEN" in log
    assert b"refused-0001" not in log


@pytest.mark.slow
async def test_a_dropped_socket_comes_back(
    providers: SimulatedProviders, slack: SimulatedSlack, tmp_path: Path
) -> None:
    """After Slack closes the connection, commands are answered again within seconds."""
    port = free_port()
    variables = {
        **providers.environment,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
    }
    async with bot_process(tmp_path, port, variables) as process:
        await until_synced(port)
        slack.workspace.sockets.drop()
        await slack.connected(LONGEST)
        answer = await slack.workspace.say(MEMBER, COSTS, "/aicost status")
        assert "Status: " in answer.plain
        assert (await stopped(process))[0] == 0
