"""Two replicas on one database: whatever both are told of, one of them says, once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.service import Bot, serving
from bot.settings.settings import settings_of
from bot.slack.messages.asking import IN_THREAD, SHARE
from bot.slack.plain import plain_text
from bot.slack.views import question, share
from simulators.clock import DemoClock
from simulators.slack import Workspace, serve_slack, small_office
from simulators.slack.delivery import Ack, Delivery, Envelope
from simulators.slack.faults import Says
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from simulators.slack.server import SimulatedSlack
from simulators.vendors import simulated_vendors
from simulators.world import World
from tests.home.conftest import NOW, SEED, SINCE
from tests.quick import QUICK

REPLICAS = 2


@dataclass(frozen=True, slots=True)
class ToAll:
    """A way to the app on which each replica is told of everything at the same time."""

    one: Delivery

    async def send(self, kind: Envelope, payload: Mapping[str, Any], retry: int = 0) -> Ack:
        """The first acknowledgement."""
        acks = await asyncio.gather(*(self.one.send(kind, payload, retry) for _ in range(REPLICAS)))
        return acks[0]


@dataclass(frozen=True, slots=True)
class House:
    """Some replicas and the Slack they are in."""

    office: Workspace
    slack: SimulatedSlack
    replicas: list[Bot]

    def tell_all(self) -> None:
        """From now on, all replicas are told of everything."""
        self.office.delivery = ToAll(self.office.sockets)

    async def quiet(self) -> None:
        """Wait for all that the replicas are at."""
        for bot in self.replicas:
            while len(bot.slack.desk.in_flight):  # noqa: ASYNC110 - nothing tells of its end
                await asyncio.sleep(0.01)

    async def shared(self) -> int:
        """How often the audit trail says that an answer was shared."""
        async with self.replicas[0].house.store.reading() as reading:
            entries = await reading.audit(SINCE)
        return sum(entry.action == "answer.shared" for entry in entries)


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """On each database in turn."""
    clock = DemoClock(NOW)
    async with AsyncExitStack() as stack:
        vendors = await stack.enter_async_context(simulated_vendors(World(SEED, clock)))
        slack = await stack.enter_async_context(serve_slack(small_office(clock, render=plain_text)))
        environment = {
            **vendors.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "AICOST_MANAGERS": MANAGER,
            "AICOST_SYNC_EVERY": "1h",
            "DATABASE_URL": database_url,
            "PORT": "0",
        }
        settings = settings_of(environment, tmp_path, QUICK)
        replicas = [
            await stack.enter_async_context(serving(settings, clock, "127.0.0.1"))
            for _ in range(REPLICAS)
        ]
        while slack.workspace.sockets.connections < REPLICAS:  # noqa: ASYNC110 - none tells
            await asyncio.sleep(0.01)
        yield House(slack.workspace, slack, replicas)


async def test_each_press_posts_once(house: House) -> None:
    """Shared, detailed in the thread, asked by name, answered below a message and shared from
    elsewhere: one of each, although both replicas are told of every press; and after a restart the
    details are in the thread already."""
    office = house.office
    first = (await office.say(MEMBER, COSTS, "/aicost mtd")).message
    assert first is not None
    house.tell_all()

    await office.press(first, SHARE, MEMBER, expect=2)
    await house.quiet()
    (shared,) = office.channel(COSTS).messages
    assert "Shared by ben" in shared.text
    assert await house.shared() == 1

    await office.press(shared, IN_THREAD, MEMBER, expect=4)
    await house.quiet()
    assert len(office.channel(COSTS).thread(shared.ts)) == 2
    again = await office.press(shared, IN_THREAD, MANAGER, expect=2)
    await house.quiet()
    assert "already" in again.text
    assert len(office.channel(COSTS).thread(shared.ts)) == 2

    await office.mention(MEMBER, ENGINEERING, "openai last week", expect=1)
    await house.quiet()
    (asked,) = (m for m in office.channel(ENGINEERING).messages if m.user == MEMBER)
    assert len(office.channel(ENGINEERING).thread(asked.ts)) == 1

    await office.shortcut(MEMBER, question.HERE_SHORTCUT, asked)
    await house.quiet()
    await _sent(house, {question.QUESTION: "forecast"})
    assert len(office.channel(ENGINEERING).thread(asked.ts)) == 2

    office.delivery = office.sockets
    await office.press(first, "aicost.answer.ask", MEMBER, "balance")
    home = await office.open_home(MEMBER)
    assert home is not None
    await office.press(home, "aicost.answer.ask", MEMBER, "balance")
    answer = office.person(MEMBER).modal
    assert answer is not None
    await office.press(answer, SHARE, MEMBER)
    await house.quiet()
    house.tell_all()
    before = len(office.channel(ENGINEERING).messages)
    await _sent(house, {share.CHANNEL: ENGINEERING})
    assert len(office.channel(ENGINEERING).messages) == before + 1
    assert await house.shared() == 3


async def test_what_slack_refused_can_be_pressed_again(house: House) -> None:
    """Only what was posted counts: details of which Slack took one have the other after the next
    press, and an answer that it did not take is shared by the next one."""
    office = house.office
    first = (await office.say(MEMBER, COSTS, "/aicost mtd")).message
    assert first is not None
    house.slack.fail("response_url", Says("fatal_error"), times=1)
    await office.press(first, SHARE, MEMBER)
    await house.quiet()
    assert office.channel(COSTS).messages == []
    await office.press(first, SHARE, MEMBER)
    await house.quiet()
    (shared,) = office.channel(COSTS).messages
    house.slack.fail("chat.postMessage", Says("not_in_channel"), times=1)
    await office.press(shared, IN_THREAD, MEMBER)
    await house.quiet()
    assert office.channel(COSTS).thread(shared.ts) == []
    await office.press(shared, IN_THREAD, MEMBER, expect=3)
    await house.quiet()
    assert len(office.channel(COSTS).thread(shared.ts)) == 2


async def _sent(house: House, values: Mapping[str, Any]) -> None:
    """Send the modal that is open, and wait for all that comes of it."""
    modal = house.office.person(MEMBER).modal
    assert modal is not None
    await house.office.submit(modal, MEMBER, values)
    await house.quiet()
