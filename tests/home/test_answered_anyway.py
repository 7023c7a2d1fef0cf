"""Whatever Slack's ways back do: a response URL that leads nowhere, a trigger that has expired."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.budgets.views import budget
from bot.reports.messages.suggestions import SHARE
from bot.reports.views import ASK_SHORTCUT
from bot.slack import openers
from bot.slack.responder import ANSWERS_AT_ONCE
from bot.slack.text_renderer import plain_text
from simulators.slack.faults import Fault, Hangs, NeverArrives, Says, Status
from simulators.slack.office import COSTS, MANAGER, MEMBER
from simulators.slack.things import Message
from tests.harness import Harness
from tests.home.test_leads import seen
from tests.quick import QUICK

LATE = "That took too long for Slack. Press the button again."
TRIGGERS = ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id")
Lines = list[Any]
MANY = ANSWERS_AT_ONCE + 40
soon = pytest.mark.parametrize("intervals", [replace(QUICK, response_url=1.0)], ids=["soon"])
"""Response URLs are given up soon."""


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    """The log from now on, which holds no traceback in the end."""
    with capture_logs() as captured:
        yield captured
    assert not [line for line in captured if line.get("exc_info")]


def own(harness: Harness, user: str, channel: str) -> list[Message]:
    """What only this person sees there."""
    messages = harness.slack.channel(channel).seen_by(user)
    return [each for each in messages if each.shown_to == user]


@soon
@pytest.mark.parametrize(
    "fault",
    [
        NeverArrives(),
        pytest.param(Hangs(600), marks=pytest.mark.slow),
        pytest.param(Status(403), marks=pytest.mark.slow),
        Says("used_url"),
    ],
)
async def test_a_command_is_answered_without_its_response_url(
    harness: Harness, lines: Lines, fault: Fault
) -> None:
    """It is answered in the channel, for the requester alone; and the log has one line about it."""
    harness.slack_server.fail("response_url", fault, times=1000)
    said = ("mtd", "help", "budget set openai 100000 monthly")
    await asyncio.gather(*(harness.slack.say(MANAGER, COSTS, f"/aicost {each}") for each in said))
    assert len(own(harness, MANAGER, COSTS)) == 3
    texts = " ".join(message.text for message in own(harness, MANAGER, COSTS))
    assert "What you can ask" in texts
    assert "$100,000" in texts
    is_of_host = not isinstance(fault, Says)
    shown = [line for line in lines if line["event"] == "slack.response_urls_failing"]
    assert len(shown) == is_of_host
    harness.slack.faults.clear()
    await harness.slack.say(MANAGER, COSTS, "/aicost status")
    assert len(own(harness, MANAGER, COSTS)) == 4
    status = own(harness, MANAGER, COSTS)[-1]
    assert ("hooks.slack.com" in plain_text(status.as_json())) == is_of_host


async def test_a_direct_message_where_the_channel_takes_nothing(harness: Harness) -> None:
    """The last way: the person's own messages."""
    harness.slack_server.fail("response_url", NeverArrives(), times=1000)
    harness.slack_server.fail("chat.postEphemeral", Says("not_in_channel"), times=1000)
    await harness.slack.say(MEMBER, COSTS, "/aicost help")
    assert harness.slack.dm(MEMBER).messages
    assert "What you can ask" in harness.slack.dm(MEMBER).messages[0].text
    assert own(harness, MEMBER, COSTS) == []


async def test_what_is_shared_is_posted_once(harness: Harness) -> None:
    """Refused by the response URL, it is posted to the channel; in doubt, the person who pressed
    is notified."""
    office = harness.slack
    answers = [seen(await office.say(MEMBER, COSTS, "/aicost mtd")) for _ in range(2)]
    harness.slack_server.fail("response_url", Says("used_url"), times=1)
    await office.press(answers[0], SHARE, MEMBER)
    assert office.channel(COSTS).messages
    assert "Shared by ben" in office.channel(COSTS).messages[0].text
    harness.slack_server.fail("response_url", NeverArrives(), times=1000)
    await office.press(answers[1], SHARE, MEMBER)
    assert any("went wrong" in each.text for each in own(harness, MEMBER, COSTS))
    assert len(office.channel(COSTS).messages) == 1


async def test_response_urls_that_work_again(harness: Harness, lines: Lines) -> None:
    """The next answer that gets through ends it."""
    harness.slack_server.fail("response_url", NeverArrives(), times=2)
    await harness.slack.say(MEMBER, COSTS, "/aicost help")
    assert own(harness, MEMBER, COSTS)
    answer = await harness.slack.say(MEMBER, COSTS, "/aicost help")
    assert "What you can ask" in answer.text
    assert "hooks.slack" not in (await harness.slack.say(MEMBER, COSTS, "/aicost status")).plain
    shown = [line["phase"] for line in lines if line["event"] == "slack.response_urls_failing"]
    assert shown == ["began", "ended"]


@pytest.mark.parametrize("code", TRIGGERS)
async def test_a_late_press_on_home(harness: Harness, lines: Lines, code: str) -> None:
    """The modal can't be opened: the Home tab says so, above what it shows."""
    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    harness.slack_server.fail("views.open", Says(code), times=2)
    await harness.slack.press(home, openers.NEW_BUDGET, MANAGER, "new")
    now = harness.slack.person(MANAGER).home
    assert now is not None
    assert LATE in plain_text({"text": "", "blocks": now.blocks[:1]})
    assert len(now.blocks) > 3


async def test_a_late_press_on_a_message(harness: Harness, lines: Lines) -> None:
    """The response URL says so: it is no defect, and nobody needs a reference."""
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 500 monthly")
    listing = seen(await harness.slack.say(MANAGER, COSTS, "/aicost budget list"))
    harness.slack_server.fail("views.open", Says("expired_trigger_id"), times=2)
    answer = await harness.slack.press(listing, openers.CHANGE_RULE, MANAGER, "1")
    assert answer.text == LATE


async def test_a_late_press_in_a_form(harness: Harness, lines: Lines) -> None:
    """The form stays as it was filled in; the person is notified directly."""
    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    form = await harness.open_modal(home, openers.NEW_BUDGET, MANAGER, "new")
    harness.slack_server.fail("views.push", Says("expired_trigger_id"), times=2)
    await harness.slack.press(form, budget.PREVIEW, MANAGER, "preview")
    assert harness.slack.dm(MANAGER).messages
    assert harness.slack.dm(MANAGER).messages[0].text == LATE


async def test_a_late_shortcut_is_answered_directly(harness: Harness, lines: Lines) -> None:
    """There is no message and no Home tab: the person is notified directly."""
    harness.slack_server.fail("views.open", Says("expired_trigger_id"), times=2)
    await harness.slack.shortcut(MEMBER, ASK_SHORTCUT)
    assert harness.slack.dm(MEMBER).messages
    assert harness.slack.dm(MEMBER).messages[0].text == LATE


@soon
async def test_a_burst_while_nothing_answers(harness: Harness, lines: Lines) -> None:
    """More answers than are sent at once: those that wait for their turn don't even try what
    answers nobody."""
    harness.slack_server.fail("response_url", Hangs(600), times=1000)
    say = harness.slack.say
    await asyncio.gather(*(say(MEMBER, COSTS, "/aicost help") for _ in range(MANY)))
    answers = [m for m in own(harness, MEMBER, COSTS) if "What you can ask" in m.text]
    assert len(answers) == MANY
    tried = [call for call in harness.slack_server.calls if call.method == "response_url"]
    assert len(tried) < MANY
