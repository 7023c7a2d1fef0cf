"""A digest's life through Slack: the real bot, simulated providers and Slack, a clock to move."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.digests.messages.digest import PAUSE
from simulators.clock import DemoClock
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
from tests.harness import Harness

START = datetime(2026, 11, 24, 8, 58, tzinfo=UTC)


@pytest.fixture
def clock() -> DemoClock:
    """Two minutes to nine."""
    return DemoClock(START)


@pytest.fixture
async def harness(simulators: Harness) -> AsyncIterator[Harness]:
    """A bot whose jobs run by themselves; five weeks of history, nothing set."""
    async with simulators.app() as app:
        await app.sync_nothing_before(date(2026, 10, 20))
    async with simulators.run(jobs=True):
        yield simulators


async def say(harness: Harness, who: str, words: str, channel: str = COSTS) -> str:
    """What the person is answered, as text."""
    return await harness.ask(words, who, channel)


async def posted(harness: Harness, number: int, channel: str = COSTS) -> Message:
    """The last of so many posts, once they are there."""
    await harness.until(lambda: len(harness.posted(channel)) >= number)
    await harness.idle()
    assert len(harness.posted(channel)) == number
    return harness.posted(channel)[-1]


def button(message: Message, label: str) -> tuple[str, Any]:
    """The action id and value of a button."""
    for block in message.blocks:
        for element in block["elements"] if block["type"] == "actions" else ():
            if element["text"]["text"] == label:
                return element["action_id"], element["value"]
    raise LookupError(label)


async def test_a_digest_does_what_its_buttons_say(harness: Harness) -> None:
    """Set by a member; there within a minute of its slot, once; paused, resumed, changed, off."""
    answer = await say(harness, MEMBER, "digest on 09:00 daily UTC")
    assert "Digest 1 is on: all providers, daily at 09:00 UTC, in #" in answer
    assert "Next: Tue 24 Nov, 09:00 UTC." in answer
    assert harness.posted() == []

    harness.clock.set(datetime(2026, 11, 24, 9, tzinfo=UTC))
    harness.clock.run()
    message = await posted(harness, 1)
    assert harness.clock() - datetime(2026, 11, 24, 9, tzinfo=UTC) < timedelta(seconds=60)
    assert "on Mon 23 Nov" in message.text
    await harness.run_jobs()
    assert len(harness.posted()) == 1

    form = await harness.open_modal(message, *_args(message, "Digest settings", COLLEAGUE))
    paused = await harness.open_modal(form, PAUSE, COLLEAGUE)
    assert "Digest 1 is paused: all providers" in str(paused.content)
    listed = await say(harness, COLLEAGUE, "digest list")
    assert f"Paused by @{COLLEAGUE}" in listed
    resumed = await harness.slack.press(_seen(harness, COLLEAGUE), *_args_seen(harness, "Resume"))
    assert "Digest 1 is on again" in resumed.plain
    assert "Next: Wed 25 Nov, 09:00 UTC." in resumed.plain
    by_model = await harness.slack.press(message, *_args(message, "By model", MEMBER))
    assert "2026-11-23" in by_model.plain or "23 Nov" in by_model.plain
    assert len(harness.posted()) == 1, "answers are for who asked"

    assert "Digest 1 is off: all providers" in await say(harness, MEMBER, "digest off")
    assert "This channel has no digest" in await say(harness, MEMBER, "digest list")


async def test_a_second_digest_is_never_added_unasked(harness: Harness) -> None:
    """A channel that has one gets a form filled with what was said, unless “another” is said."""
    await say(harness, MEMBER, "digest on 09:00 weekdays short berlin")
    for text in ("digest on 10:00", "post a digest at 10", "digest at 10", "digest on weekly"):
        answer = await say(harness, MEMBER, text)
        assert "This channel already has digest 1" in answer, text
        assert "[ Open the form ]" in answer
    assert "1 digest in this channel" in await say(harness, MEMBER, "digest list")
    again = await say(harness, MEMBER, "digest on 09:00 weekdays short berlin")
    assert "Nothing changed" in again
    assert "Digest 2 is on" in await say(harness, MEMBER, "digest on another 10:00 weekly")
    assert "several digests" in await say(harness, MEMBER, "digest at 11")


async def test_a_preview_is_for_the_requester_alone(harness: Harness) -> None:
    """Of one that is set, and of none."""
    preview = await say(harness, MEMBER, "digest preview")
    assert "None is set up yet" in preview
    assert "on Mon 23 Nov" in preview
    await say(harness, MEMBER, "digest on 9am openai weekdays")
    preview = await say(harness, MEMBER, "digest preview")
    assert "Preview of digest 1" in preview
    assert "Next: Wed 25 Nov, 09:00 Europe/Berlin." in preview, (
        "nine in Berlin, where the asker is, has passed today"
    )
    assert harness.posted() == []


async def test_who_may_set_one(harness: Harness) -> None:
    """Guests and people of other workspaces are refused; outside readers need a manager's yes."""
    for who, channel in ((GUEST, COSTS), (STRANGER, PARTNERS)):
        assert "don't see what AI providers cost" in await say(
            harness, who, "digest on 09:00", channel
        )
    harness.slack.channel(LEADS).members.discard(MEMBER)
    assert "Only members of the channel" in await say(harness, MEMBER, "digest on 09:00", LEADS)
    assert "not on yet" in await say(harness, MEMBER, "digest on 09:00 UTC", PARTNERS)
    listing = await harness.slack.say(MANAGER, PARTNERS, "/aicost digest list")
    assert "Allow it here" in listing.plain
    shown = harness.slack.channel(PARTNERS).seen_by(MANAGER)[-1]
    refused = await harness.slack.press(shown, "aicost.digest.allow", MEMBER)
    assert "Only workspace admins" in refused.plain
    allowed = await harness.slack.press(shown, "aicost.digest.allow", MANAGER)
    assert "is on again" in allowed.plain
    harness.clock.set(datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert "AI spend: $" in (await posted(harness, 1, PARTNERS)).text


async def test_removed_from_its_channel_it_is_fixed_from_the_direct_message(
    harness: Harness,
) -> None:
    """Its owner is notified, invites the app again, presses, and gets the next one."""
    await say(harness, MEMBER, "digest on 09:00 daily UTC")
    harness.slack.channel(COSTS).members.discard(harness.slack.app.bot_user)
    harness.clock.set(datetime(2026, 11, 24, 9, tzinfo=UTC))
    direct = harness.slack.dm(MEMBER).id
    reported = await posted(harness, 1, direct)
    assert f"<#{COSTS}>" in reported.text
    harness.slack.channel(COSTS).members.add(harness.slack.app.bot_user)
    pressed = await harness.slack.press(reported, *_args(reported, "Resume the digest", MEMBER))
    assert "Next: Wed 25 Nov, 09:00 UTC" in pressed.plain
    harness.clock.set(datetime(2026, 11, 25, 9, tzinfo=UTC))
    assert "Tue 24 Nov" in (await posted(harness, 1)).text


def _args(message: Message, label: str, who: str) -> tuple[str, str, Any]:
    action, value = button(message, label)
    return action, who, value


def _seen(harness: Harness, who: str) -> Message:
    return harness.slack.channel(COSTS).seen_by(who)[-1]


def _args_seen(harness: Harness, label: str) -> tuple[str, str, Any]:
    return _args(_seen(harness, COLLEAGUE), label, COLLEAGUE)
