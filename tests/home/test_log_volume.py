"""A fault that lasts is a state of the log: one line at the start, at most one in each interval of
reminders, one at the end; and an hour of it is less than 100 kB."""

import asyncio
import io
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from sqlalchemy import event
from sqlalchemy.pool import Pool

from bot import logs
from bot.config.intervals import Intervals
from simulators import faults
from simulators.slack.faults import NeverArrives
from simulators.slack.office import COSTS, MANAGER
from tests.harness import Harness
from tests.harness.databases import without_room
from tests.harness.fixtures import Start
from tests.quick import LONGEST, QUICK

REMIND_EVERY = 0.4
"""Seconds, in place of a minute."""
REMINDERS = 2
"""Each fault lasts until so many reminders of it were logged."""
REMINDERS_AN_HOUR = 60
LARGEST = 100_000


@dataclass(slots=True)
class Log:
    """What the process writes to standard error."""

    stream: io.StringIO

    def lines(self, start: int = 0) -> list[str]:
        """Whole lines, from that one on."""
        return self.stream.getvalue().splitlines()[start:]

    def events(self, start: int = 0) -> list[dict[str, Any]]:
        """The lines as objects."""
        return [json.loads(line) for line in self.lines(start)]

    async def until(self, holds: Callable[[list[dict[str, Any]]], bool], start: int = 0) -> None:
        """Wait for that to be logged."""
        async with asyncio.timeout(LONGEST):
            while not holds(self.events(start)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@pytest.fixture
def intervals() -> Intervals:
    """Reminders each second."""
    return replace(QUICK, log_reminder=REMIND_EVERY, heartbeat=0.5)


@pytest.fixture
def log() -> Iterator[Log]:
    """The log as a machine reads it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(stream)
    yield Log(stream)
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


Fault = Callable[[Harness], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def providers_down(harness: Harness) -> AsyncIterator[None]:
    """Every request to both fails."""
    servers = (harness.providers.openai, harness.providers.openrouter)
    for server in servers:
        server.faults.add(faults.outage())
    yield
    for server in servers:
        server.faults.clear()


@asynccontextmanager
async def a_day_turns_empty(harness: Harness) -> AsyncIterator[None]:
    """OpenAI serves no data for a day that had some, and then the same as before."""
    day = harness.clock().date() - timedelta(days=2)
    harness.providers.world.openai.restate(day, 0)
    harness.clock.advance(timedelta(minutes=1))
    yield
    harness.providers.world.openai.restate(day, 1)
    harness.clock.advance(timedelta(minutes=1))


@asynccontextmanager
async def slack_down(harness: Harness) -> AsyncIterator[None]:
    """No call arrives, and the socket is closed."""
    harness.slack.faults.plan("*", NeverArrives(), 1_000_000)
    harness.slack.sockets.drop()
    yield
    harness.slack.faults.clear()


@asynccontextmanager
async def database_refuses(_: Harness) -> AsyncIterator[None]:
    """SQLite takes no change, as on a volume that was mounted read-only."""

    def refuse(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    def take(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only = OFF")

    event.listen(Pool, "checkout", refuse)
    event.listen(Pool, "checkin", take)
    try:
        yield
    finally:
        event.remove(Pool, "checkout", refuse)
    await asyncio.sleep(0)
    event.remove(Pool, "checkin", take)


@asynccontextmanager
async def database_full(_: Harness) -> AsyncIterator[None]:
    """SQLite's file can't grow: it refuses what needs more room, and undoes that transaction."""
    with without_room():
        yield


class Gate:
    """A port that leads to a socket file while it is open."""

    def __init__(self, to: str) -> None:
        self._to = to
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Refuse connections, and break those there are."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_unix_connection(self._to)
        self._writers |= {writer, back}
        with suppress(OSError):
            await asyncio.gather(self._copy(reader, back), self._copy(onward, writer))
        self._writers -= {writer, back}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()


def an_hour(lines: list[str], seconds: float) -> float:
    """The bytes of an hour of what was logged in those seconds. A state's reminders come 60 times
    an hour, and so do a library's repeated lines; every other line is taken to come at the rate
    seen. Only a state's start comes once. A sync's own line comes whatever the fault; it isn't
    counted."""
    once = reminders = others = 0
    sizes: dict[str, list[int]] = {}
    for line in lines:
        fields, size = json.loads(line), len(line.encode()) + 1
        if fields["event"] == "sync.done":
            continue
        is_ours = fields["logger"].startswith(("bot.", "providers."))
        if fields.get("phase") == "lasts" or not is_ours:
            sizes.setdefault(_state(fields), []).append(size)
        elif "phase" in fields:
            once += size
        else:
            others += size
    for each in sizes.values():
        reminders += max(each) * REMINDERS_AN_HOUR
    return once + reminders + others * 3600 / seconds


def _state(fields: dict[str, Any]) -> str:
    return f"{fields['event']} {fields.get('connection', '')}"


async def check_fault(harness: Harness, log: Log, fault: Fault, name: str) -> None:
    """The fault, from its first line to its last, while people ask and change things."""

    def phases(events: list[dict[str, Any]]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in events:
            if "phase" in each:
                found.setdefault(_state(each), []).append(each["phase"])
        return found

    def ended(events: list[dict[str, Any]]) -> bool:
        return bool(phases(events)) and all(each[-1] == "ended" for each in phases(events).values())

    def started(events: list[dict[str, Any]]) -> bool:
        """Return True after the first sync, without a state that began before."""
        is_synced = any(each["event"] == "sync.done" for each in events)
        return is_synced and all(each[-1] == "ended" for each in phases(events).values())

    def reminders() -> int:
        states = phases(log.events(start)).items()
        return max((s.count("lasts") for key, s in states if key.startswith(name)), default=0)

    await log.until(started)
    start = len(log.lines())
    begun, amount = time.monotonic(), 99999
    async with fault(harness):
        while reminders() < REMINDERS:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    words = f"/aicost budget set openai {amount} daily"
                    await harness.slack.say(MANAGER, COSTS, words)
            amount += 1
            harness.clock.advance(timedelta(minutes=1))  # each sync has something to write
            await asyncio.sleep(0.05)
        lines, seconds = log.lines(start), time.monotonic() - begun
        # On a full disk, a change that fits into free pages ends it for a moment.
        assert fault is database_full or not ended(log.events(start))
    await log.until(ended, start)
    lasted = time.monotonic() - begun
    assert an_hour(lines, seconds) < LARGEST, lines
    for state, seen in phases(log.events(start)).items():
        assert (seen[0], seen[-1]) == ("began", "ended"), state
        if fault is database_full:
            continue
        assert set(seen[1:-1]) <= {"lasts"}, state
        assert len(seen[1:-1]) <= lasted / REMIND_EVERY, state
    last = [each for each in log.events(start) if each.get("phase") == "ended"]
    if fault is not database_full:
        shortest = round(REMINDERS * REMIND_EVERY)
        assert all(each["seconds"] >= shortest for each in last if each["event"] == name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (providers_down, "sync.failing"),
        (a_day_turns_empty, "sync.empty_days_kept"),
        (slack_down, "slack.socket_down"),
        (database_refuses, "database.failing"),
        (database_full, "database.failing"),
    ],
)
async def test_a_lasting_fault_is_a_state_of_the_log(
    start_bot: Start, log: Log, fault: Fault, name: str
) -> None:
    """Providers down, a day that turns empty, Slack down, a database that takes no change or
    has no disk space left."""
    async with start_bot(jobs=True, AICOST_SYNC_EVERY="1s") as harness:
        await check_fault(harness, log, fault, name)


@pytest.mark.slow
async def test_a_database_that_is_away_is_a_state_of_the_log(
    start_bot: Start, log: Log, postgres_url: str
) -> None:
    """The port of PostgreSQL is closed, then open again."""
    address = urlsplit(postgres_url)
    gate = Gate(f"{parse_qs(address.query)['host'][0]}/.s.PGSQL.5432")
    await gate.open()

    @asynccontextmanager
    async def away(_: Harness) -> AsyncIterator[None]:
        gate.close()
        yield
        await gate.open()

    url = f"postgresql://postgres@127.0.0.1:{gate.port}{address.path}"
    try:
        async with start_bot(jobs=True, AICOST_SYNC_EVERY="1s", DATABASE_URL=url) as harness:
            await check_fault(harness, log, away, "database.failing")
    finally:
        gate.close()
