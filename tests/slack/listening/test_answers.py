"""The bot as people meet it, over a real socket and real HTTP to the simulated Slack."""

from typing import Any

import pytest

from simulators.slack import pings
from simulators.slack.faults import NeverArrives, Says, Status
from simulators.slack.office import COSTS, GUEST, MEMBER
from tests.quick import LONGEST
from tests.slack.listening.talk import Open, SlackHarness, seen


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_a_command_is_answered(opened: Open, http: bool) -> None:
    """In both modes: acknowledged at once, answered for the requester alone, with a chart."""
    async with opened(http=http) as harness:
        answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
        assert answer.acked_after is not None
        assert seen(answer).shown_to == MEMBER
        assert "OpenRouter: $23.45 · $40.55 left" in answer.plain
        assert "data_visualization" in [block["type"] for block in answer.blocks]
        assert harness.talk.asked == [("mtd", MEMBER, COSTS)]
        assert await harness.bot.is_ready()


async def test_a_press_changes_the_answer_in_place(harness: SlackHarness) -> None:
    """A next question is answered in the message it was pressed in."""
    first = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    pressed = await harness.office.press(seen(first), "aicost.answer.ask", MEMBER)
    assert seen(pressed).ts == seen(first).ts
    assert harness.talk.asked[-1] == ("why mtd", MEMBER, COSTS)


async def test_what_is_shared_is_seen_by_all(harness: SlackHarness) -> None:
    """Shared: everybody in the channel sees who shared it and when; nobody is pinged."""
    first = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    shared = await harness.office.press(seen(first), "aicost.answer.share", MEMBER)
    assert seen(shared).shown_to is None
    assert "Shared by ben" in shared.text
    assert not pings({"text": shared.text, "blocks": shared.blocks})
    own = await harness.office.press(seen(shared), "aicost.answer.ask", GUEST)
    assert seen(own).shown_to == GUEST
    assert "Guests" in own.text


@pytest.mark.parametrize(
    "code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"]
)
async def test_refused_charts_are_put_into_words(harness: SlackHarness, code: str) -> None:
    """Where Slack refuses the content it comes again without charts, buttons kept."""
    harness.slack.fail("response_url", Says(code))
    answer = await harness.office.say(MEMBER, COSTS, "/aicost mtd")
    kinds = [block["type"] for block in answer.blocks]
    assert "data_visualization" not in kinds
    assert kinds[-1] == "actions"
    assert "$23.25" in answer.plain


@pytest.mark.parametrize("fault", [Status(429, "1"), Status(500), NeverArrives()])
async def test_an_answer_slack_did_not_take_at_first_arrives(
    harness: SlackHarness, fault: Any
) -> None:
    """An answer that Slack didn't take at first is there all the same."""
    harness.slack.fail("response_url", fault)
    answer = await harness.office.say(MEMBER, COSTS, "/aicost help")
    assert "What you can ask" in answer.text


async def test_hostile_text_pings_nobody(harness: SlackHarness) -> None:
    """What was typed is quoted back without its teeth."""
    answer = await harness.office.say(MEMBER, COSTS, "/aicost what <!channel> <@U0ADMIN> *x*")
    assert "I don't know" in answer.text
    assert not pings({"text": answer.text, "blocks": answer.blocks})


async def test_outcomes_are_counted(harness: SlackHarness) -> None:
    """Each request is counted by listener and outcome."""
    await harness.office.say(MEMBER, COSTS, "/aicost help")
    await harness.office.say(GUEST, COSTS, "/aicost help")
    await harness.bot.app.in_flight.finished(LONGEST)
    counted = harness.metrics.registry.get_sample_value
    name = "aicost_slack_requests_total"
    assert counted(name, {"listener": "command", "outcome": "answered"}) == 1
    assert counted(name, {"listener": "command", "outcome": "refused"}) == 1
