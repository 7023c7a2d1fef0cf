"""The port of a running bot, as anybody who reaches it may use it."""

import asyncio
import contextlib
import resource
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
from prometheus_client import CollectorRegistry

from bot.db.database import open_database
from bot.web import Web
from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack
from simulators.slack.office import COSTS, MEMBER
from tests.conftest import CONNECTIONS
from tests.e2e.test_running import free_port, get, stopped, until_ready
from tests.harness import start
from tests.quick import LONGEST

FEW_FILES = 256


@asynccontextmanager
async def running(
    folder: Path, port: int, **variables: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, SimulatedSlack]]:
    """`aicost run` in Socket Mode, ready, begun with few files to open."""

    def few_files() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_FILES, hard))

    clock = DemoClock(datetime.now(UTC))
    clock.run()
    async with start(folder, clock, {"PORT": str(port), **variables}) as simulators:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).parent / "aicost",
            "run",
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", **simulators.variables},
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=few_files,
        )
        try:
            await until_ready(port)
            yield process, simulators.slack_server
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def can_connect(host: str, port: int) -> bool:
    """Whether someone listens there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


async def test_a_flood_of_connections_stops_nothing(tmp_path: Path) -> None:
    """In Socket Mode only this machine is listened to. Three hundred connections that never end
    their headers: health and Slack are answered as ever, the soft limit of open files is raised,
    and the log stays small."""
    port = free_port()
    async with running(tmp_path, port) as (process, slack):
        assert not await can_connect("127.0.0.2", port)
        opened = []
        for _ in range(300):
            with contextlib.suppress(OSError):
                opened.append(await asyncio.open_connection("127.0.0.1", port))
                opened[-1][1].write(b"GET / HTTP/1.1\r\nX: ")
        assert (await asyncio.wait_for(get(port, "/healthz"), LONGEST))[0] == 200
        answer = await slack.workspace.say(MEMBER, COSTS, "/aicost help")
        assert "What you can ask" in answer.plain
        held = psutil.Process(process.pid).rlimit(psutil.RLIMIT_NOFILE)
        assert held[0] > FEW_FILES or held[1] == FEW_FILES
        code, log = await stopped(process)
        for _, writer in opened:
            writer.close()
    assert code == 0
    assert len(log) < 20_000


async def test_the_address_can_be_chosen(tmp_path: Path) -> None:
    """AICOST_HOST opens the port to every network."""
    port = free_port()
    async with running(tmp_path, port, AICOST_HOST="0.0.0.0"):  # noqa: S104
        assert await can_connect("127.0.0.2", port)


@contextmanager
def paused(url: str) -> Iterator[None]:
    """The PostgreSQL server, stopped in its tracks for as long as the block lasts."""
    folder = Path(parse_qs(urlsplit(url).query)["host"][0])
    server = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    processes = [server, *server.children(recursive=True)]
    try:
        _send(processes, signal.SIGSTOP)
        yield
    finally:
        _send(processes, signal.SIGCONT)


def _send(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to those that still run: a connection may just have closed."""
    for each in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.send_signal(number)


@pytest.mark.parametrize("was_open", [True, False])
async def test_a_paused_database_is_not_ready(postgres_url: str, was_open: bool) -> None:
    """`/readyz` is 503 each time it is asked, and 200 once it goes on."""
    database = await open_database(postgres_url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC))
    web = Web(CollectorRegistry())
    web.add_check("database", database.is_current)
    port = await web.start(0, "127.0.0.1")
    if not was_open:
        await database._engine.dispose()
    with paused(postgres_url):
        for _ in range(2):
            assert (await get(port, "/readyz"))[0] == 503
    await until_ready(port)
    await web.stop()
    await database.close()
