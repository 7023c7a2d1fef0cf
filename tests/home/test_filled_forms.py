"""What is missing of a change is asked for by a form that holds what was typed, and no more."""

import json

import pytest

from bot.slack import openers
from simulators.slack.office import COSTS, GUEST, MANAGER, MEMBER
from tests.harness import Harness


async def form(harness: Harness, words: str, action: str) -> str:
    """The content of the form behind the answer's button, as JSON."""
    answer = await harness.slack.say(MANAGER, COSTS, f"/aicost {words}")
    message = harness.slack.channel(COSTS).seen_by(MANAGER)[-1]
    assert "Open the form" in str(message.blocks), answer.plain
    (value,) = [
        each["value"]
        for block in message.blocks
        if block["type"] == "actions"
        for each in block["elements"]
        if each["action_id"] == action
    ]
    modal = await harness.open_modal(message, action, MANAGER, value)
    return json.dumps(modal.content, ensure_ascii=False)


async def test_a_budget_form_holds_what_was_said(harness: Harness) -> None:
    """The amount, the period and the thresholds; no scope that was not typed."""
    content = await form(harness, "budget 512.50 weekly at 60,90", openers.NEW_BUDGET)
    assert '"initial_value": "512.5' in content
    assert '"60, 90"' in content
    initial = json.loads(content)["blocks"]
    (period,) = [each["element"] for each in initial if each.get("block_id") == "period"]
    (scope,) = [each["element"] for each in initial if each.get("block_id") == "scope"]
    assert period["initial_option"]["value"] == "weekly"
    assert "initial_option" not in scope
    assert await harness.rules() == []


async def test_a_scope_that_was_said_is_chosen(harness: Harness) -> None:
    """A provider without its amount, and a low balance without its limit."""
    content = await form(harness, "budget for openai", openers.NEW_BUDGET)
    assert '"initial_option"' in content
    assert '"value": "provider:openai"' in content
    content = await form(harness, "ping us if credit goes under 10", openers.NEW_LOW_BALANCE)
    assert '"initial_value": "10"' in content


async def test_a_digest_form_holds_what_was_said(harness: Harness) -> None:
    """How often and in which time zone; the time is asked for."""
    content = await form(harness, "digest weekly berlin", openers.DIGEST)
    assert '"value": "weekly"' in content
    assert '"value": "Europe/Berlin"' in content


async def test_a_digest_that_is_moved_is_the_one_of_the_channel(harness: Harness) -> None:
    """Its form keeps what was not named. With none there, the form is that of a new digest."""
    new = await form(harness, "move the digest to 10am", openers.DIGEST)
    assert '"initial_time": "10:00"' in new
    assert "Turn this digest off" not in new
    await harness.slack.say(MANAGER, COSTS, "/aicost digest on 09:00 fri Europe/Berlin")
    content = await form(harness, "move the digest to 10am", openers.DIGEST)
    assert '"initial_time": "10:00"' in content
    assert "Turn this digest off" in content
    assert '"value": "Europe/Berlin"' in content
    blocks = json.loads(content)["blocks"]
    (days,) = [each["element"] for each in blocks if each.get("block_id") == "days"]
    assert [each["value"] for each in days["initial_options"]] == ["4"]


@pytest.mark.parametrize(("user", "words"), [(MEMBER, "budget 500"), (GUEST, "digest weekly")])
async def test_who_may_not_set_it_gets_no_form(harness: Harness, user: str, words: str) -> None:
    """The reason stands there at once, not after the form was filled in."""
    answer = await harness.slack.say(user, COSTS, f"/aicost {words}")
    assert "Open the form" not in answer.plain
    assert await harness.rules() == []


async def test_a_mention_with_a_greeting_is_the_question(harness: Harness) -> None:
    """Politeness is skipped, what carries meaning is not."""
    await harness.slack.mention(MEMBER, COSTS, "hey, what did openai cost last week please?")
    assert "last week" in harness.shown(COSTS)
    await harness.slack.mention(MEMBER, COSTS, "thanks!")
    assert "What you can ask" in harness.shown(COSTS)
