"""A digest's life through Slack: the real bot, simulated vendors and Slack, and a clock to move."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import service
from bot.bootstrap import open_house
from bot.settings.settings import settings_of
from bot.slack.plain import plain_text
from bot.sync.report import silent
from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, Workspace, serve_slack, small_office
from simulators.slack.office import (
    COLLEAGUE,
    COSTS,
    GUEST,
    LEADS,
    MANAGER,
    MEMBER,
    PARTNERS,
    STRANGER,
)
from simulators.slack.things import Message
from simulators.vendors import simulated_vendors
from simulators.world import World

START = datetime(2026, 11, 24, 8, 58, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stage:
    """The running bot and the Slack it is in."""

    slack: SimulatedSlack
    office: Workspace
    clock: DemoClock

    async def say(self, who: str, words: str, channel: str = COSTS) -> str:
        """What the person is answered, as text."""
        return (await self.office.say(who, channel, f"/aicost {words}")).plain

    def posts(self, channel: str = COSTS) -> list[Message]:
        """What the app posted there for everybody."""
        bot = self.office.app.bot_user
        return [each for each in self.office.channel(channel).messages if each.user == bot]

    async def posted(self, number: int, channel: str = COSTS) -> Message:
        """The last of so many posts, once they are there."""
        async with asyncio.timeout(15):
            while len(self.posts(channel)) < number:  # noqa: ASYNC110 - Slack tells nobody here
                await asyncio.sleep(0.05)
        return self.posts(channel)[-1]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Two minutes to nine, five weeks of history, nothing set."""
    clock = DemoClock(START)
    async with (
        simulated_vendors(World("digests", clock)) as vendors,
        serve_slack(small_office(clock, render=plain_text)) as slack,
    ):
        environment = {
            **vendors.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "AICOST_MANAGERS": MANAGER,
            "DATABASE_URL": f"sqlite:///{tmp_path}/aicost.db",
            "PORT": "0",
        }
        settings = settings_of(environment, tmp_path)
        async with open_house(settings, clock) as house:
            await house.sync().round(silent, date(2026, 10, 20))
        async with service.serving(settings, clock, "127.0.0.1"):
            await slack.connected()
            yield Stage(slack, slack.workspace, clock)


def button(message: Message, label: str) -> tuple[str, Any]:
    """The action id and value of a button."""
    for block in message.blocks:
        for element in block.get("elements", ()):
            if element.get("text", {}).get("text") == label:
                return element["action_id"], element["value"]
    raise LookupError(label)


async def test_from_on_to_off(stage: Stage) -> None:
    """Set by a member; there within a minute of its slot, once; paused, resumed, changed, off."""
    answer = await stage.say(MEMBER, "digest on 09:00 daily UTC")
    assert "On: daily digest of all providers at 09:00 every day, UTC" in answer
    assert "24 Nov 09:00 UTC" in answer
    assert stage.posts() == []

    stage.clock.set(datetime(2026, 11, 24, 9, tzinfo=UTC))
    stage.clock.run()
    message = await stage.posted(1)
    assert stage.clock() - datetime(2026, 11, 24, 9, tzinfo=UTC) < timedelta(seconds=60)
    assert "on Monday 23 Nov (UTC)" in message.text
    await asyncio.sleep(6)
    assert len(stage.posts()) == 1

    pressed = await stage.office.press(message, *_args(message, "Pause", COLLEAGUE))
    assert "Paused: daily digest" in pressed.plain
    listed = await stage.say(MEMBER, "digest list")
    assert f"Paused by @{COLLEAGUE}" in listed
    resumed = await stage.office.press(_seen(stage, COLLEAGUE), *_args_seen(stage, "Resume"))
    assert "On again" in resumed.plain
    assert "25 Nov 09:00 UTC" in resumed.plain
    by_model = await stage.office.press(message, *_args(message, "By model", MEMBER))
    assert "2026-11-23" in by_model.plain or "23 Nov" in by_model.plain
    assert len(stage.posts()) == 1, "answers are for who asked"

    assert "Off: daily digest" in await stage.say(MEMBER, "digest off")
    assert "This channel has no digest" in await stage.say(MEMBER, "digest list")


async def test_a_preview_is_for_the_asker_alone(stage: Stage) -> None:
    """Of one that is set, and of none."""
    preview = await stage.say(MEMBER, "digest preview")
    assert "None is set" in preview
    assert "on Monday 23 Nov (UTC)" in preview
    await stage.say(MEMBER, "digest on 9am openai weekdays")
    preview = await stage.say(MEMBER, "digest preview")
    assert "Preview of digest 1" in preview
    assert "25 Nov 08:00 UTC" in preview, "nine in Berlin, where the asker is, has passed today"
    assert stage.posts() == []


async def test_who_may_set_one(stage: Stage) -> None:
    """Guests and people of other workspaces are refused; outside readers need a manager's yes."""
    for who, channel in ((GUEST, COSTS), (STRANGER, PARTNERS)):
        assert "don't see what AI providers cost" in await stage.say(
            who, "digest on 09:00", channel
        )
    stage.office.channel(LEADS).members.discard(MEMBER)
    assert "in the channel" in await stage.say(MEMBER, "digest on 09:00", LEADS)
    assert "not on yet" in await stage.say(MEMBER, "digest on 09:00 UTC", PARTNERS)
    listing = await stage.office.say(MANAGER, PARTNERS, "/aicost digest list")
    assert "Allow it here" in listing.plain
    shown = stage.office.channel(PARTNERS).seen_by(MANAGER)[-1]
    refused = await stage.office.press(shown, "aicost.digest.allow", MEMBER)
    assert "Only workspace admins" in refused.plain
    allowed = await stage.office.press(shown, "aicost.digest.allow", MANAGER)
    assert "On again" in allowed.plain
    stage.clock.set(datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert "used" in (await stage.posted(1, PARTNERS)).text


async def test_removed_from_its_channel_it_is_mended_from_the_direct_message(
    stage: Stage,
) -> None:
    """Its owner is told, invites the app again, presses, and gets the next one."""
    await stage.say(MEMBER, "digest on 09:00 daily UTC")
    stage.office.channel(COSTS).members.discard(stage.office.app.bot_user)
    stage.clock.set(datetime(2026, 11, 24, 9, tzinfo=UTC))
    direct = stage.office.dm(MEMBER).id
    told = await stage.posted(1, direct)
    assert f"<#{COSTS}>" in told.text
    stage.office.channel(COSTS).members.add(stage.office.app.bot_user)
    pressed = await stage.office.press(told, *_args(told, "Resume the digest", MEMBER))
    assert "25 Nov 09:00 UTC" in pressed.plain
    stage.clock.set(datetime(2026, 11, 25, 9, tzinfo=UTC))
    assert "Tuesday 24 Nov" in (await stage.posted(1)).text


def _args(message: Message, label: str, who: str) -> tuple[str, str, Any]:
    action, value = button(message, label)
    return action, who, value


def _seen(stage: Stage, who: str) -> Message:
    return stage.office.channel(COSTS).seen_by(who)[-1]


def _args_seen(stage: Stage, label: str) -> tuple[str, str, Any]:
    return _args(_seen(stage, COLLEAGUE), label, COLLEAGUE)
