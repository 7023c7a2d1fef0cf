"""Moments in which this process, or Slack, is slow: what is asked then is answered all the same."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.config.intervals import PRODUCTION, Intervals
from bot.slack.inflight import answer_follows
from simulators.slack.faults import Fault, Hangs, NeverArrives
from simulators.slack.office import COSTS, MEMBER
from simulators.slack.things import Message
from tests.harness import Harness
from tests.loop_clock import LoopClock
from tests.quick import LONGEST, QUICK

QUESTION = "/aicost mtd"


@pytest.fixture
def intervals() -> Intervals:
    """What answers wait for as in production: these tests set the clock."""
    return replace(
        QUICK, response_url=PRODUCTION.response_url, still_working=PRODUCTION.still_working
    )


def own(harness: Harness) -> list[Message]:
    """What the member alone sees in #ai-costs."""
    return [
        each for each in harness.slack.channel(COSTS).seen_by(MEMBER) if each.shown_to == MEMBER
    ]


def calls(harness: Harness, method: str) -> int:
    """How often a method was called, or response URLs were used."""
    return sum(call.method == method for call in harness.slack_server.calls)


async def until(found: Callable[[], bool]) -> None:
    """Wait for something, in real time: the loop's clock says little about that here."""
    begun = time.monotonic()
    while not found():
        assert time.monotonic() - begun < LONGEST
        await asyncio.sleep(0.001)


async def until_used(harness: Harness, times: int) -> None:
    """Wait until response URLs were used so many times."""
    await until(lambda: calls(harness, "response_url") >= times)


async def until_answered(harness: Harness, count: int, clock: LoopClock) -> None:
    """Let time pass until the member has so many answers with a figure."""
    for _ in range(400):
        if sum("$" in each.text for each in own(harness)) >= count:
            return
        await clock.run(0.25)
    raise AssertionError(f"fewer than {count} figures in {len(own(harness))} answers")


@pytest.mark.parametrize("intervals", [replace(PRODUCTION, still_working=60)], ids=["patient"])
async def test_a_busy_process_does_not_blame_slack(harness: Harness, loop_clock: LoopClock) -> None:
    """Busy for four seconds while a hundred answers are on their way: each still goes by its
    response URL, once."""
    say = harness.slack.say
    with capture_logs() as lines:
        asked = [
            asyncio.ensure_future(say(MEMBER, COSTS, "/aicost help", patience=0))
            for _ in range(100)
        ]
        await until_used(harness, 20)
        loop_clock.step(4)
        await until(lambda: len(own(harness)) >= 100)
        await asyncio.gather(*asked)
        await harness.answered()
    assert calls(harness, "response_url") == 100
    assert not calls(harness, "chat.postEphemeral")
    assert "slack.response_urls_failing" not in [line["event"] for line in lines]


async def test_one_slow_post_delays_no_other_answer(
    harness: Harness, loop_clock: LoopClock
) -> None:
    """That answer goes another way; the next ones use their response URLs, as one failure does not
    show that these are out of order."""
    harness.slack_server.fail("response_url", Hangs(3000), times=1)
    await harness.slack.say(MEMBER, COSTS, QUESTION, patience=0)
    await until_used(harness, 1)
    await until_answered(harness, 1, loop_clock)
    for _ in range(3):
        assert "$" in (await harness.slack.say(MEMBER, COSTS, QUESTION)).plain
    assert calls(harness, "chat.postEphemeral") == 1


async def test_response_urls_that_stay_silent_are_left_alone(
    harness: Harness, loop_clock: LoopClock
) -> None:
    """After three failures in a row answers go another way at once, but for one every few seconds:
    once that one arrives, all use their response URLs again."""
    harness.slack_server.fail("response_url", Hangs(3000), times=4)
    for count in range(1, 4):
        await harness.slack.say(MEMBER, COSTS, QUESTION, patience=0)
        await until_used(harness, count)
        await until_answered(harness, count, loop_clock)
    asked = [harness.slack.say(MEMBER, COSTS, QUESTION, patience=0) for _ in range(6)]
    await asyncio.gather(*asked)
    await until(lambda: len(own(harness)) >= 8)  # no time passes
    await until_answered(harness, 9, loop_clock)
    assert calls(harness, "response_url") == 4
    await loop_clock.run(5)
    for _ in range(3):
        assert "$" in (await harness.slack.say(MEMBER, COSTS, QUESTION)).plain
    assert calls(harness, "response_url") == 7


@pytest.mark.parametrize("fault", [NeverArrives(), Hangs(3000)])
async def test_every_requester_gets_the_figure_after_a_slow_moment(
    harness: Harness, loop_clock: LoopClock, fault: Fault
) -> None:
    """Slack takes nothing for a while, whichever way it is sent: twenty people read at most that
    the answer follows, and then each gets the figure."""
    say = harness.slack.say
    figure = (await say(MEMBER, COSTS, QUESTION)).text
    for way in ("response_url", "chat.postEphemeral", "chat.postMessage"):
        harness.slack_server.fail(way, fault, times=40)
    await asyncio.gather(*(say(MEMBER, COSTS, QUESTION, patience=0) for _ in range(20)))
    await until_used(harness, 2)  # the figure is known
    await until_answered(harness, 21, loop_clock)
    assert sum(figure in each.text for each in own(harness)) >= 21
    assert {each.text for each in own(harness)} - {figure} <= {answer_follows().text}


@pytest.mark.parametrize("intervals", [PRODUCTION], ids=["production"])
async def test_who_has_waited_for_five_seconds_reads_that_the_answer_follows(
    harness: Harness, loop_clock: LoopClock
) -> None:
    """And then the answer, once what it waits for is there."""
    await harness.slack.say(MEMBER, COSTS, "/aicost help", patience=0)
    await until(lambda: len(own(harness)) == 1)
    harness.slack_server.fail("users.info", Hangs(10), times=1)
    harness.bot.people.forget(MEMBER)
    await harness.slack.say(MEMBER, COSTS, "/aicost help", patience=0)
    await until(lambda: calls(harness, "users.info") == 2)
    await loop_clock.run(5)
    await until(lambda: len(own(harness)) >= 2)
    assert own(harness)[1].text == answer_follows().text
    await loop_clock.run(5)
    await until(lambda: len(own(harness)) == 3)
