"""Processes die at the worst moments, and no slot is lost, none posted twice but in doubt.

``AICOST_PROCESS_SLOTS`` (40) asks for more slots under random kills.
"""

import asyncio
import os
import random
import signal
import time as real_time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.access.models import Policy
from bot.access.service import VisibilityService
from bot.db.database import Database, open_database
from bot.db.models import DigestSettings
from bot.digests.repository import DigestRepository
from bot.schedule import EVERY_DAY, Schedule, Slot
from bot.scope import Scope
from bot.wording import day, day_name
from providers.period import DAY
from simulators.slack import SimulatedSlack, serve_slack, small_office
from simulators.slack.faults import AnswerLost, Fault, NeverArrives, Says, Status
from tests.conftest import CONNECTIONS
from tests.digests.digest_harness import DigestHarness
from tests.harness.processes import Processes
from tests.processes.digest_worker import (
    DigestTask,
    now_by,
    rounds,
    set_clock,
    speaker_to,
    work,
)
from tests.processes.kills import AT_EVERY_STEP, AT_RANDOM
from tests.quick import LONGEST

SLOTS = int(os.environ.get("AICOST_PROCESS_SLOTS", "40"))
CHANNELS = 10
FIRST = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass(slots=True)
class DigestProcesses:
    """The ledger, Slack, and the processes that take due digests and deliver."""

    database: Database
    slack: SimulatedSlack
    database_url: str
    clock: Path
    channels: list[str]
    processes: Processes = field(default_factory=Processes)

    def begin(self, kill_at: int | None = None, rounds: int | None = None) -> BaseProcess:
        """Start one more process."""
        slack = self.slack
        task = DigestTask(
            self.database_url, slack.api_url, slack.bot_token, self.clock, kill_at, rounds
        )
        return self.processes.start(work, task)

    def posted(self, slot: datetime) -> Counter[str]:
        """How often each channel has the digest of that slot."""
        shown = slot.date() - DAY
        words = f" on {day_name(shown)[:3]} {day(shown, slot.date())}"
        return Counter(
            channel
            for channel in self.channels
            for message in self.slack.workspace.channel(channel).messages
            if words in message.text
        )

    async def first_post(self, slot: datetime) -> None:
        """Wait until the first channel has the digest of that slot."""
        until = real_time.monotonic() + LONGEST
        while not self.posted(slot):
            assert real_time.monotonic() < until, "nothing is posted"
            await asyncio.sleep(0.01)

    async def settle(self, deliveries: int) -> None:
        """What a process that lives brings to its end, until so many are recorded as sent."""
        until = real_time.monotonic() + LONGEST
        visibility_service = VisibilityService(self.database, Policy())
        async with speaker_to(self.slack.api_url, self.slack.bot_token) as speaker:
            run = rounds(self.database, visibility_service, speaker, lambda: now_by(self.clock))
            while not await self.all_sent(deliveries):
                assert real_time.monotonic() < until, "slots are lost, or it takes for ever"
                await run()
                await asyncio.sleep(0.02)

    async def all_sent(self, slots: int) -> bool:
        """Whether so many deliveries are recorded as sent."""
        rows = await DigestHarness(self.database).outbox()
        return len(rows) >= slots and all(row.state == "sent" for row in rows)


@asynccontextmanager
async def open_processes(
    database_url: str, folder: Path, channels: list[str]
) -> AsyncIterator[DigestProcesses]:
    """A daily digest at nine in each channel; processes still running at the end are killed."""
    database = await open_database(database_url, CONNECTIONS, FIRST)
    clock = folder / "clock"
    set_clock(clock, FIRST - timedelta(hours=1))
    settings = DigestSettings(Scope("all"), "daily", "short", Schedule(time(9), EVERY_DAY, "UTC"))
    async with database.writing() as session:
        for channel in channels:
            plan = await DigestRepository(session).add(
                channel, settings, "UMAKER", FIRST - DAY, FIRST.date()
            )
            plan.schedule(Slot(FIRST, FIRST.date()))
    async with serve_slack(small_office(lambda: now_by(clock))) as slack:
        for channel in channels:
            slack.workspace.add_channel(channel, channel.lower(), [slack.workspace.app.bot_user])
        digests = DigestProcesses(database, slack, database_url, clock, channels)
        try:
            yield digests
        finally:
            await digests.processes.kill_all()
            await database.close()


async def check(digests: DigestProcesses, slots: list[datetime]) -> None:
    """Every channel has every slot, twice only where the outbox says that it may be, and nothing
    is on record as missed."""
    doubtful = {
        (row.channel, (row.key or "").split(":")[-2][:10])
        for row in await DigestHarness(digests.database).outbox()
        if row.is_doubtful
    }
    for slot in slots:
        posted = digests.posted(slot)
        assert set(posted) == set(digests.channels), slot
        twice = {channel for channel, times in posted.items() if times > 1}
        assert {(channel, slot.date().isoformat()) for channel in twice} <= doubtful
    async with digests.database.reading() as session:
        assert list(await DigestRepository(session).missed(FIRST - DAY)) == []


@AT_EVERY_STEP
async def test_killed_at_every_step_between_slot_and_record(
    database_url: str, tmp_path: Path, first: int, every: int
) -> None:
    """At each look, commit and post in turn: one message each, or two where Slack left doubt."""
    async with open_processes(database_url, tmp_path, ["C0ONE"]) as digests:
        doubts, slots = 0, list[datetime]()
        for step in count(first, every):
            slot = FIRST + DAY * len(slots)
            slots.append(slot)
            set_clock(digests.clock, slot)
            code = await digests.processes.ended(digests.begin(kill_at=step, rounds=1))
            assert code in (0, -signal.SIGKILL)
            await digests.settle(len(slots))
            doubts += digests.posted(slot)["C0ONE"] - 1
            if code == 0:
                break
        assert step > 12
        assert doubts >= 1 or every > 1
        await check(digests, slots)


@AT_RANDOM
async def test_processes_killed_at_random_while_slack_fails(
    database_url: str, tmp_path: Path, number: int
) -> None:
    """However many there are, on either database."""
    rng = random.Random(f"{number} {database_url[:6]}")
    channels = [f"C0ROOM{n}" for n in range(CHANNELS)]
    faults: list[Fault] = [AnswerLost(), NeverArrives(), Status(500), Says("internal_error")]
    async with open_processes(database_url, tmp_path, channels) as digests:
        for _ in range(number):
            digests.begin()
        slots = [FIRST + DAY * n for n in range(max(1, SLOTS // CHANNELS))]
        for passed, slot in enumerate(slots, 1):
            set_clock(digests.clock, slot)
            digests.slack.fail("chat.postMessage", rng.choice(faults))
            await digests.first_post(slot)
            await asyncio.sleep(rng.uniform(0, 0.1))
            await digests.processes.kill(rng.choice(digests.processes.running))
            digests.begin()
            if passed == len(slots):
                await digests.processes.kill_all()
                digests.slack.workspace.faults.clear()
            await digests.settle(passed * CHANNELS)
        await check(digests, slots)
