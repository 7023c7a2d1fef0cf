"""Two replicas on one database: what Slack gives to both is posted by one of them, once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.reports import views
from bot.reports.messages.suggestions import IN_THREAD, SHARE
from simulators.clock import DemoClock
from simulators.slack.delivery import Ack, Delivery, Envelope
from simulators.slack.faults import Says
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from tests.conftest import BOTH_DATABASES
from tests.harness import NOW, Harness, start

REPLICAS = 2


@dataclass(frozen=True, slots=True)
class ToAll:
    """A way to the app by which each replica gets everything at the same time."""

    one: Delivery

    async def send(self, kind: Envelope, payload: Mapping[str, Any], retry: int = 0) -> Ack:
        """The first acknowledgement."""
        acks = await asyncio.gather(*(self.one.send(kind, payload, retry) for _ in range(REPLICAS)))
        return acks[0]


def tell_all(harness: Harness) -> None:
    """From now on each replica gets everything."""
    harness.slack.delivery = ToAll(harness.slack.sockets)


async def times_shared(harness: Harness) -> int:
    """How often the audit log says that an answer was shared."""
    return sum(entry.action == "answer.shared" for entry in await harness.changes())


@pytest.fixture
async def replicas(database_url: str, tmp_path: Path) -> AsyncIterator[Harness]:
    """Two replicas, on each database in turn."""
    async with (
        start(tmp_path, DemoClock(NOW), {"DATABASE_URL": database_url}) as harness,
        harness.run(),
        harness.run(),
    ):
        yield harness


@BOTH_DATABASES
async def test_each_press_posts_once(replicas: Harness) -> None:
    """Shared, detailed in the thread, asked by name, answered below a message and shared from
    elsewhere: one of each, although both replicas get every press."""
    office = replicas.slack
    first = (await office.say(MEMBER, COSTS, "/aicost mtd")).message
    assert first is not None
    tell_all(replicas)

    await office.press(first, SHARE, MEMBER)
    (shared,) = office.channel(COSTS).messages
    assert "Shared by ben" in shared.text
    assert await times_shared(replicas) == 1

    await office.press(shared, IN_THREAD, MEMBER)
    assert len(office.channel(COSTS).thread(shared.ts)) == 2
    again = await office.press(shared, IN_THREAD, MANAGER)
    assert "already" in again.text
    assert len(office.channel(COSTS).thread(shared.ts)) == 2

    await office.mention(MEMBER, ENGINEERING, "openai last week")
    (asked,) = (m for m in office.channel(ENGINEERING).messages if m.user == MEMBER)
    assert len(office.channel(ENGINEERING).thread(asked.ts)) == 1

    await office.shortcut(MEMBER, views.HERE_SHORTCUT, asked)
    await _sent(replicas, {views.QUESTION: "forecast"})
    assert len(office.channel(ENGINEERING).thread(asked.ts)) == 2

    office.delivery = office.sockets
    await office.press(first, "aicost.answer.ask", MEMBER, "balance")
    home = await office.open_home(MEMBER)
    assert home is not None
    await office.press(home, "aicost.answer.ask", MEMBER, "balance")
    answer = office.person(MEMBER).modal
    assert answer is not None
    await office.press(answer, SHARE, MEMBER)
    tell_all(replicas)
    before = len(office.channel(ENGINEERING).messages)
    await _sent(replicas, {views.CHANNEL: ENGINEERING})
    assert len(office.channel(ENGINEERING).messages) == before + 1
    assert await times_shared(replicas) == 3


async def test_what_slack_refused_can_be_pressed_again(replicas: Harness) -> None:
    """Only what was posted counts: details of which Slack took one have the other after the next
    press, and an answer that it did not take is shared by the next one."""
    office = replicas.slack
    first = (await office.say(MEMBER, COSTS, "/aicost mtd")).message
    assert first is not None
    replicas.slack_server.fail("response_url", Says("fatal_error"), times=1)
    await office.press(first, SHARE, MEMBER)
    assert office.channel(COSTS).messages == []
    await office.press(first, SHARE, MEMBER)
    (shared,) = office.channel(COSTS).messages
    replicas.slack_server.fail("chat.postMessage", Says("not_in_channel"), times=1)
    await office.press(shared, IN_THREAD, MEMBER)
    assert office.channel(COSTS).thread(shared.ts) == []
    await office.press(shared, IN_THREAD, MEMBER)
    assert len(office.channel(COSTS).thread(shared.ts)) == 2


async def _sent(replicas: Harness, values: Mapping[str, Any]) -> None:
    """Send the modal that is open, and wait for all that comes of it."""
    modal = replicas.slack.person(MEMBER).modal
    assert modal is not None
    await replicas.slack.submit(modal, MEMBER, values)
