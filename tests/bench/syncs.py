"""What a sync asks for and how long it takes, beside fetching the same pages with bare httpx.

"Needed" are the windows of at most 31 UTC days that make up what is read, and for the rest each
request once: whatever is asked for twice is one too many.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.app import Services, open_services
from bot.config.settings import settings_of
from bot.ledger.sync_report import silent
from tests.bench.ledger import DAYS, NOW
from tests.bench.row import Row, at_most

TURNS = 3
A_WINDOW = 31
Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SimulatedProviders:
    """The providers' process."""

    process: subprocess.Popen[str]
    variables: dict[str, str]

    def requests(self) -> list[Request]:
        """What came since the last call."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: list[Request] = json.loads(self.process.stdout.readline())
        return found


def report() -> list[Row]:
    """A first sync of a year, a later one, and the memory of each."""
    with _providers() as providers:
        rows = asyncio.run(_first(providers)) + asyncio.run(_later(providers))
        month, year = _peak(providers, "2026-10-25"), _peak(providers, "2025-11-25")
    return [*rows, at_most(1.15, "memory of a sync, MiB, a year beside a month", year, month)]


@contextmanager
def _providers() -> Iterator[SimulatedProviders]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.providers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield SimulatedProviders(process, json.loads(process.stdout.readline()))
        finally:
            process.terminate()


@asynccontextmanager
async def _services(providers: SimulatedProviders) -> AsyncIterator[Services]:
    with tempfile.TemporaryDirectory(prefix="aicost-bench-") as folder:
        variables = {**providers.variables, "DATABASE_URL": f"sqlite:///{folder}/ledger.db"}
        async with open_services(settings_of(variables, Path(folder)), lambda: NOW) as services:
            yield services


async def _first(providers: SimulatedProviders) -> list[Row]:
    times, requests = [], []
    for _ in range(TURNS):
        async with _services(providers) as services:
            providers.requests()
            times.append(await _sync(services))
            requests = providers.requests()
    costs = [each for each in requests if "line_item" in str(each["query"])]
    bare = [await _fetch(providers, requests) for _ in range(TURNS)]
    return [
        at_most(
            1, "first sync: pages of OpenAI costs beside windows", len(costs), -(-DAYS // A_WINDOW)
        ),
        at_most(
            1, "first sync: requests beside different ones", len(requests), _different(requests)
        ),
        at_most(1.3, "first sync, s, the same pages by httpx alone", min(times), min(bare)),
    ]


async def _later(providers: SimulatedProviders) -> list[Row]:
    async with _services(providers) as services:
        sync = services.sync()
        await sync.round(silent)
        providers.requests()
        times = []
        for _ in range(TURNS * 3):
            begun = time.perf_counter()
            await sync.round(silent)
            times.append(time.perf_counter() - begun)
        requests = providers.requests()
        each_time = len(requests) / len(times)
        needed = [each for each in requests if each["path"].startswith("/v1/")][:1]
        needed += [each for each in requests if each["path"].startswith("/api/")][:2]
        bare = [await _fetch(providers, needed) for _ in range(TURNS * 3)]
    return [
        at_most(1, "later sync: requests beside needed", each_time, len(needed)),
        at_most(1.3, "later sync, s, the same pages by httpx alone", min(times), min(bare)),
    ]


async def _sync(services: Services) -> float:
    sync = services.sync()
    begun = time.perf_counter()
    assert (await sync.round(silent)).is_synced
    return time.perf_counter() - begun


async def _fetch(providers: SimulatedProviders, requests: Sequence[Request]) -> float:
    """Fetch the same again, each provider's pages one after the other."""
    keys = {
        "/v1/": providers.variables["OPENAI_ADMIN_KEY"],
        "/api/": providers.variables["OPENROUTER_MANAGEMENT_KEY"],
    }
    bases = {
        "/v1/": providers.variables["OPENAI_BASE_URL"].removesuffix("/v1"),
        "/api/": providers.variables["OPENROUTER_BASE_URL"].removesuffix("/api/v1"),
    }
    async with httpx.AsyncClient(timeout=30) as client:

        async def one_provider(prefix: str) -> None:
            headers = {"Authorization": f"Bearer {keys[prefix]}"}
            for each in requests:
                if each["path"].startswith(prefix):
                    answer = await client.request(
                        each["method"],
                        bases[prefix] + each["path"],
                        params=[(name, value) for name, value in each["query"]],
                        content=each["body"] or None,
                        headers={**headers, "Content-Type": "application/json"},
                    )
                    answer.json()

        begun = time.perf_counter()
        await asyncio.gather(one_provider("/v1/"), one_provider("/api/"))
        seconds = time.perf_counter() - begun
    providers.requests()
    return seconds


def _different(requests: Sequence[Request]) -> int:
    return len({json.dumps(each) for each in requests})


def _peak(providers: SimulatedProviders, since: str) -> float:
    """The most memory that a sync of its own process held, in MiB."""
    code = (
        f"import sys; from bot.cli import main; sys.argv[1:] = ['sync', '--since', {since!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    with tempfile.TemporaryDirectory(prefix="aicost-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path.cwd()), **providers.variables},
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout.splitlines()[-1]) / 1024
