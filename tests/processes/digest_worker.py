"""One process that takes due digests and delivers them, and dies by SIGKILL where a test says
so."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.models import Policy
from bot.access.service import VisibilityService
from bot.db.database import Database
from bot.digests.delivery_handler import DigestDeliveryHandler
from bot.digests.slots import DigestSlots
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.notifications.ports import Notifier
from bot.processes import new_worker_id
from bot.slack.notifier import SlackNotifier
from tests.conftest import CONNECTIONS
from tests.digests.fake_channels import FakeChannels
from tests.processes.worker import INTERVALS, Watched, WatchedSpeaker, killed_at

SPEED = 20
"""Seconds of the app's clock in a real one: what is put off does not hold up the test."""


@dataclass(frozen=True, slots=True)
class DigestTask:
    """What a worker is to do."""

    database_url: str
    slack_api_url: str
    bot_token: str
    clock: Path
    """A file that holds a moment, and the real seconds since the epoch at which it was."""
    kill_at: int | None
    """Dies at that checkpoint, counted from 1; None: lives until it is killed from outside."""
    rounds: int | None
    """None: without end."""


def now_by(clock: Path) -> datetime:
    """The present by that file."""
    moment, began = clock.read_text().split()
    return datetime.fromisoformat(moment) + timedelta(seconds=SPEED * (time.time() - float(began)))


def set_clock(clock: Path, moment: datetime) -> None:
    """Put the clock of all processes to a moment; it runs on from there."""
    part = clock.with_suffix(".part")
    part.write_text(f"{moment.isoformat()} {time.time()}")
    part.replace(clock)


def work(task: DigestTask) -> None:
    """Take what is due and deliver it, round after round."""
    asyncio.run(_work(task))


async def _work(task: DigestTask) -> None:
    checkpoint = killed_at(task.kill_at)

    def clock() -> datetime:
        return now_by(task.clock)

    database = Database(task.database_url)
    await database.configure(CONNECTIONS, clock())
    watched: Any = Watched(database, checkpoint)
    async with speaker_to(task.slack_api_url, task.bot_token) as speaker:
        watched_speaker = WatchedSpeaker(speaker, checkpoint)
        run = rounds(watched, VisibilityService(database, Policy()), watched_speaker, clock)
        done = 0
        while task.rounds is None or done < task.rounds:
            await run()
            done += 1
            await asyncio.sleep(0.02)
    await database.close()


@asynccontextmanager
async def speaker_to(api_url: str, bot_token: str) -> AsyncIterator[SlackNotifier]:
    """That Slack, for posting."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        client = AsyncWebClient(bot_token, base_url=api_url, session=session, retry_handlers=[])
        yield SlackNotifier(client)


def rounds(
    book: Any,
    visibility_service: VisibilityService,
    speaker: Notifier,
    clock: Callable[[], datetime],
) -> Callable[[], Awaitable[None]]:
    """What a process does again and again: take what is due, and deliver it."""
    slots = DigestSlots(book, Metrics())
    deliveries = DeliveryDispatcher(
        book,
        speaker,
        {"digest": DigestDeliveryHandler(book, visibility_service, FakeChannels(), [])},
        clock,
        new_worker_id(),
        Metrics(),
        INTERVALS,
    )

    async def run() -> None:
        await slots.take_due(clock())
        await deliveries.deliver_due()

    return run
