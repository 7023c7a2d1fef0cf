"""The disasters of a month, and how the simulators bring them about.

Each lasts from 2:00 to 10:00 UTC of its day. The table in `docs/explanation/failures.md` has a row
for each.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypedDict, Unpack

import aiohttp
import pytest
from aiohttp import web

from bot.app import open_services
from bot.config.intervals import Intervals
from bot.config.settings import settings_of
from bot.http_connections import MOST
from bot.ledger.sync_report import silent
from bot.monitoring import SECONDS_KEPT
from bot.serve import Bot
from providers.period import DAY
from simulators import faults
from simulators.quirks import Quirk
from simulators.slack.faults import AnswerLost, NeverArrives, Status
from simulators.slack.happenings import archive, unarchive
from simulators.slack.office import COSTS, ENGINEERING, MEMBER
from simulators.world.openai_team import Project, ProjectKey
from simulators.world.usage import Meter, Stream
from tests.e2e.test_metrics import scrape
from tests.harness import Harness
from tests.harness.databases import fill, without_room
from tests.harness.processes import Processes
from tests.quick import QUICK

Begin = Callable[[Harness], AsyncIterator[None]]


@dataclass(frozen=True, slots=True)
class Disaster:
    """What fails on a day."""

    day: int
    """Of the month."""
    begin: Callable[[Harness], AbstractAsyncContextManager[None]]
    is_before_start: bool = False
    """It begins before the bot starts."""
    intervals: Intervals = QUICK
    """Those of the bot."""
    hours: tuple[int, ...] = (8,)
    """After each so many the bot works."""
    prevents_start: bool = False
    """The bot refuses to start with it."""
    is_http: bool = False
    """The bot takes Slack's requests on its port."""


class Options(TypedDict, total=False):
    """What is unusual about a disaster: fields of `Disaster`."""

    is_before_start: bool
    intervals: Intervals
    hours: tuple[int, ...]
    prevents_start: bool
    is_http: bool


DISASTERS: dict[str, Disaster] = {}
"""Those of a bot on SQLite, in the order in which they happen."""
AHEAD: list[timedelta] = []
"""How far the machine's clock is ahead of the right time; empty if it is right."""
BEFORE = "before.db"
"""A copy of the database before all disasters."""
LEDGER = "ledger.db"
TWICE = (1, 7)
"""For what is said only after some time."""
IMPATIENT = replace(QUICK, database=0.2, job_database=0.2)
OTHER_BOT = "Another bot uses the same tokens"
NO_SLACK = "The bot starts while Slack can't be reached"
OLD_COPY = "An old copy takes the place of the database"
DELETED = "The database file is deleted"
RESTORED = (OLD_COPY, DELETED)
"""After these the old copy is there, and the bot is restarted as `docs/how-to/backup.md` says."""
FORGED = 100
"""Requests that Slack didn't sign."""
AWAY = "PostgreSQL can't be reached"
ELSEWHERE = {
    "OPENAI_BASE_URL": "https://api.openai.example/v1",
    "HTTPS_PROXY": "socks5://127.0.0.1:1080",
}
"""Proxies aren't used for addresses on this machine, where the simulators are."""


def disaster(day: int, what: str, **options: Unpack[Options]) -> Callable[[Begin], None]:
    """Register what fails on that day of the month."""

    def register(begin: Begin) -> None:
        context = asynccontextmanager(begin)
        DISASTERS[what] = Disaster(day, context, **options)

    return register


@contextmanager
def in_http_mode(harness: Harness) -> Iterator[None]:
    """The doctor has no app token either. Afterwards Slack uses the socket again."""
    socket = harness.slack.delivery
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("SLACK_APP_TOKEN")
        yield
    harness.slack.delivery = socket


def _of_openai(answer: faults.Answer) -> Begin:
    async def begin(harness: Harness) -> AsyncIterator[None]:
        harness.providers.openai.faults.add(answer)
        yield
        harness.providers.openai.faults.clear()

    return begin


disaster(1, "The provider doesn't answer", hours=TWICE)(_of_openai(faults.outage()))
disaster(2, "The key is revoked", hours=TWICE)(
    _of_openai(faults.status(401, "Incorrect API key provided"))
)
disaster(3, "The provider limits requests", hours=TWICE)(_of_openai(faults.rate_limited("3600")))
disaster(4, "A gateway answers instead of the provider", hours=TWICE)(_of_openai(faults.html(403)))


@disaster(5, "A day that had spend reads empty")
async def _empty(harness: Harness) -> AsyncIterator[None]:
    day = harness.clock().date() - DAY * 2
    harness.providers.world.openai.restate(day, 0)
    yield
    harness.providers.world.openai.restate(day, 1)


@disaster(6, "Slack can't be reached")
async def _slack_down(harness: Harness) -> AsyncIterator[None]:
    harness.slack.faults.plan("chat.postMessage", NeverArrives(), 1_000)
    yield
    harness.slack.faults.clear()


@disaster(7, "Slack's answer to a post is lost")
async def _lost(harness: Harness) -> AsyncIterator[None]:
    harness.slack.faults.plan("chat.postMessage", AnswerLost(), 1)
    yield


@disaster(8, "The channel of a digest is archived")
async def _archived(harness: Harness) -> AsyncIterator[None]:
    await archive(harness.slack, ENGINEERING)
    yield
    await unarchive(harness.slack, ENGINEERING)


@disaster(9, "The disk is full")
async def _full(harness: Harness) -> AsyncIterator[None]:
    with without_room():
        await fill(harness.folder / LEDGER)
        yield
    with closing(sqlite3.connect(harness.folder / LEDGER, isolation_level=None)) as file:
        file.execute("DELETE FROM lease WHERE trim(holder, 'x') = ''")


@disaster(10, "The machine's clock is set back by 5 hours")
async def _behind(_: Harness) -> AsyncIterator[None]:
    AHEAD.append(timedelta(hours=-5))
    yield
    AHEAD.clear()


@disaster(11, "The machine's clock is set ahead by 5 hours")
async def _ahead(_: Harness) -> AsyncIterator[None]:
    AHEAD.append(timedelta(hours=5))
    yield
    AHEAD.clear()


@disaster(12, "A row has no amount")
async def _bad_row(harness: Harness) -> AsyncIterator[None]:
    harness.providers.quirks.on(Quirk.ABSENT_AMOUNT)
    harness.providers.quirks.bad_days = {harness.clock().date() - DAY * 2}
    yield
    harness.providers.quirks.off(Quirk.ABSENT_AMOUNT)


@disaster(13, "A balance contradicts itself")
async def _contradiction(harness: Harness) -> AsyncIterator[None]:
    answer = faults.json_body({"data": {"total_credits": 0, "total_usage": 812}})
    harness.providers.openrouter.faults.add(answer, path="/credits")
    yield
    harness.providers.openrouter.faults.clear()


@disaster(14, "The bot token is revoked")
async def _revoked(harness: Harness) -> AsyncIterator[None]:
    harness.slack.app.state = "token_revoked"
    yield
    harness.slack.app.state = "installed"


@disaster(15, OTHER_BOT)
async def _other_bot(harness: Harness) -> AsyncIterator[None]:
    shutil.copy(harness.folder / BEFORE, harness.folder / "other.db")
    async with harness.run(DATABASE_URL=f"sqlite:///{harness.folder}/other.db") as other:
        await harness.until(lambda: _counts_another(other))
        await harness.slack.sockets.refresh(oldest_alone=True)  # as Slack does every few hours
        await harness.until(lambda: _counts_another(harness.bot))
        await asyncio.sleep(SECONDS_KEPT)  # the report is of figures after this scrape
        yield


async def _counts_another(bot: Bot) -> bool:
    return bool((await scrape(bot)).value("aicost_slack_unknown_connections"))


@disaster(16, "Slack limits posts to one channel")
async def _limited(harness: Harness) -> AsyncIterator[None]:
    harness.slack.faults.plan("chat.postMessage", Status(429, "2"), 1_000, channel=COSTS)
    yield
    harness.slack.faults.clear()
    await harness.until(lambda: harness.bot.deliveries.rate_limited_for() == 0)


@disaster(17, "Another process locks the database", intervals=IMPATIENT)
async def _locked(harness: Harness) -> AsyncIterator[None]:
    with closing(sqlite3.connect(harness.folder / LEDGER, check_same_thread=False)) as file:
        await asyncio.to_thread(file.execute, "BEGIN IMMEDIATE")
        yield


@dataclass(frozen=True, slots=True)
class _Sync:
    """A sync in a process of its own."""

    variables: Mapping[str, str]
    folder: Path
    now: datetime


def _sync(task: _Sync) -> None:
    async def sync() -> None:
        settings = settings_of(task.variables, task.folder, QUICK)
        async with open_services(settings, lambda: task.now) as services:
            await services.sync().round(silent, reread=True)

    asyncio.run(sync())


async def _hang(_: web.Request) -> None:
    await asyncio.sleep(600)


@disaster(18, "The process is killed during a sync", is_before_start=True)
async def _killed(harness: Harness) -> AsyncIterator[None]:
    openai, processes = harness.providers.openai, Processes()
    openai.faults.add(_hang, path="/costs")
    openai.requests.clear()
    task = _Sync(dict(harness.variables), harness.folder, harness.clock())
    process = processes.start(_sync, task)
    await harness.until(lambda: openai.requests_to("/costs"))
    await processes.kill(process)
    openai.faults.clear()
    yield


@disaster(19, NO_SLACK, is_before_start=True)
async def _no_slack(harness: Harness) -> AsyncIterator[None]:
    harness.slack.faults.plan("*", NeverArrives(), 1_000_000)
    yield
    harness.slack.faults.clear()


@disaster(20, OLD_COPY)
async def _rolled_back(harness: Harness) -> AsyncIterator[None]:
    shutil.copy(harness.folder / BEFORE, harness.folder / "old.db")
    (harness.folder / "old.db").replace(harness.folder / LEDGER)
    _remove_journal(harness)
    yield


@disaster(22, DELETED)
async def _deleted(harness: Harness) -> AsyncIterator[None]:
    (harness.folder / LEDGER).unlink()
    _remove_journal(harness)
    yield
    shutil.copy(harness.folder / BEFORE, harness.folder / LEDGER)


LONG = "a-" * 30_000


@disaster(23, "The provider answers with a very long error")
async def _long_error(harness: Harness) -> AsyncIterator[None]:
    harness.providers.openai.faults.add(faults.status(500, LONG))
    yield
    harness.providers.openai.faults.clear()


@disaster(24, "A day costs more than is possible")
async def _impossible(harness: Harness) -> AsyncIterator[None]:
    day = harness.clock().date() - DAY * 2
    harness.providers.world.openai.restate(day, 1_000_000_000)
    yield
    harness.providers.world.openai.restate(day, 1)


@disaster(25, "A proxy that can't be used is set", prevents_start=True)
async def _no_proxy(_: Harness) -> AsyncIterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in ELSEWHERE.items():
            environment.setenv(name, value)
        yield


disaster(26, "A compressed answer stands for far more than fits into memory")(
    _of_openai(faults.flood())
)


@disaster(27, "Hundreds of connections to the port never send a request")
async def _silent_peers(harness: Harness) -> AsyncIterator[None]:
    port = harness.bot.port
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST * 3)]
    yield
    for _, writer in opened:
        writer.close()


@disaster(28, "Others than Slack send requests to the port", is_http=True)
async def _forged(harness: Harness) -> AsyncIterator[None]:
    url = f"http://127.0.0.1:{harness.bot.port}/slack/events"
    headers = {"X-Slack-Signature": f"v0={'a' * 64}", "X-Slack-Request-Timestamp": "1"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for _ in range(FORGED):
            async with session.post(url, data=b"[" * 100_000) as answer:
                assert answer.status == 401
        yield


@disaster(29, "Hundreds of people ask at once")
async def _burst(harness: Harness) -> AsyncIterator[None]:
    questions = ("", "by model", "30d by project")
    asked = [
        asyncio.create_task(harness.slack.say(MEMBER, COSTS, f"/aicost {question}"))
        for question in questions * 100
    ]
    yield
    for answer in await asyncio.gather(*asked):
        assert "OpenAI" in answer.plain


@disaster(30, "The organization has thousands of projects")
async def _many_projects(harness: Harness) -> AsyncIterator[None]:
    openai, now = harness.providers.world.openai, harness.clock()
    before = list(openai.projects)
    openai.projects += [Project(f"proj_{n:04}", f"team {n:04}", now) for n in range(5000)]
    meter = Meter("gpt-5, input", Decimal("0.000001"), 100_000)
    for n in range(10):
        openai.keys.append(ProjectKey(f"key_{n:04}", f"proj_{n:04}", f"key {n:04}"))
        openai.usage.add(
            Stream(
                f"many/{n}", "gpt-5", (meter,), owner=f"proj_{n:04}", key=f"key_{n:04}", since=now
            )
        )
    yield
    answer = await harness.ask("today by project")
    assert all(f"team {n:04}" in answer for n in range(10)), answer
    openai.projects[:] = [*before, *openai.projects[len(before) :][:10]]


def _remove_journal(harness: Harness) -> None:
    for name in (f"{LEDGER}-wal", f"{LEDGER}-shm"):
        (harness.folder / name).unlink(missing_ok=True)
