"""10,000 digests due at one minute: the time against what Slack's limits impose, and what it takes.

Slack allows one post a second and channel, which ten thousand channels never reach, and caps posts
over a workspace at a rate that it does not publish; here at `PER_MINUTE`, a full minute's worth at
once, more only as time goes by.
"""

import asyncio
import gc
import logging
import multiprocessing
import os
import tempfile
import time as real_time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, time, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import psutil
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import event

from bot.access.models import Policy
from bot.access.service import VisibilityService
from bot.db.database import Database, open_database
from bot.db.models import DigestSettings
from bot.digests.delivery_handler import DigestDeliveryHandler
from bot.digests.repository import DigestRepository
from bot.digests.slots import DigestSlots
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.schedule import EVERY_DAY, Schedule, Slot
from bot.scope import Scope
from bot.slack.notifier import SlackNotifier
from simulators.slack import serve_slack, small_office
from tests.bench.row import Row, at_most, below, shown
from tests.conftest import CONNECTIONS
from tests.digests.digest_ledger import NOW, DigestLedger
from tests.digests.fake_channels import FakeChannels

CHANNELS = int(os.environ.get("AICOST_BENCH_CHANNELS", "10000"))
PER_MINUTE = 4000
SLOWER = 1.1
"""Times what Slack imposes that it may take."""
MEGABYTES = 80
_TOKEN = "xoxb-simulated-0001"


def report() -> Sequence[Row]:
    """Post them all once."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    slack = context.Process(target=_slack, args=(theirs,), daemon=True)
    slack.start()
    try:
        return asyncio.run(_measure(ours.recv()))
    finally:
        slack.kill()
        slack.join()


def channel_name(number: int) -> str:
    """The channels' ids."""
    return f"C1{number:06d}"


async def _measure(api_url: str) -> Sequence[Row]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    async with _services() as database:
        await _subscribe(database)
        began = real_time.monotonic()

        def clock() -> datetime:
            return NOW + timedelta(seconds=real_time.monotonic() - began)

        metrics = Metrics()
        slots = DigestSlots(database, metrics)
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(_TOKEN, base_url=api_url, session=session, retry_handlers=[])
            subject = DigestDeliveryHandler(
                database, VisibilityService(database, Policy()), FakeChannels(), []
            )
            deliveries = DeliveryDispatcher(
                database,
                SlackNotifier(client),
                {"digest": subject},
                clock,
                "bench",
                metrics,
            )
            with _queries(database) as asked:
                await slots.take_due(NOW - timedelta(minutes=1))
            idle = len(asked)
            gc.collect()
            process = psutil.Process()
            before = most = process.memory_info().rss
            began = started = real_time.monotonic()
            taken = 0.0
            while await _sent(metrics) < CHANNELS:
                at = real_time.monotonic()
                await slots.take_due(clock())
                taken = max(taken, real_time.monotonic() - at)
                await deliveries.deliver_due()
                most = max(most, process.memory_info().rss)
                await asyncio.sleep(0.05)
            seconds = real_time.monotonic() - started
    imposed = max(0, CHANNELS - PER_MINUTE) / (PER_MINUTE / 60)
    return [
        at_most(
            SLOWER,
            f"{CHANNELS:,} digests due at once, seconds (bare: what Slack's limits impose)",
            seconds,
            max(imposed, 1.0),
        ),
        shown("… of them, seconds to put all slots into the outbox", taken),
        below(MEGABYTES, "… of them, more memory, MiB", (most - before) / 2**20),
        below(1.5, "… and queries of a run that finds nothing due", idle),
    ]


async def _sent(metrics: Metrics) -> float:
    found = metrics.registry.get_sample_value("aicost_deliveries_sent_total", {"kind": "digest"})
    return found or 0.0


@asynccontextmanager
async def _services() -> AsyncIterator[Database]:
    """A ledger of four months on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/bench.db"
        database = await open_database(url, CONNECTIONS, datetime(2026, 1, 1, tzinfo=UTC))
        try:
            await DigestLedger(database).fill()
            yield database
        finally:
            await database.close()


async def _subscribe(database: Database) -> None:
    terms = DigestSettings(Scope("all"), "daily", "full", Schedule(time(9), EVERY_DAY, "UTC"))
    async with database.writing() as session:
        for number in range(CHANNELS):
            plan = await DigestRepository(session).add(
                channel_name(number), terms, "U0MEMBER", NOW, NOW.date()
            )
            plan.schedule(Slot(NOW, NOW.date()))


@contextmanager
def _queries(database: Database) -> Iterator[list[str]]:
    """The statements that reach the database, transactions apart."""
    asked: list[str] = []

    def count(*args: object) -> None:
        statement = str(args[2])
        if not statement.startswith(("BEGIN", "COMMIT")):
            asked.append(statement)

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", count)


def _slack(told_to: Connection) -> None:
    asyncio.run(_serve(told_to))


async def _serve(told_to: Connection) -> None:
    office = small_office(lambda: datetime.now(UTC))
    for number in range(CHANNELS):
        office.add_channel(channel_name(number), f"room-{number}", [office.app.bot_user])
    office.rates.enforce(burst=3, workspace_per_minute=PER_MINUTE)
    async with serve_slack(office) as slack:
        told_to.send(slack.api_url)
        await asyncio.sleep(float("inf"))
