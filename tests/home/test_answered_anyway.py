"""Whatever Slack's ways back do: a response URL that leads nowhere, a trigger that has expired."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.slack.messages.asking import SHARE
from bot.slack.plain import plain_text
from bot.slack.views import budget, openers
from bot.slack.views.question import ASK_SHORTCUT
from simulators.slack.faults import Fault, Hangs, NeverArrives, Says, Status
from simulators.slack.office import COSTS, MANAGER, MEMBER
from simulators.slack.things import Message
from tests.home.conftest import Stage, form_opened
from tests.home.test_leads import seen

LATE = "That took too long for Slack. Press again."
TRIGGERS = ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id")
Lines = list[Any]


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    """The log from now on, which holds no traceback in the end."""
    with capture_logs() as captured:
        yield captured
    assert not [line for line in captured if line.get("exc_info")]


async def until(found: Callable[[], bool], seconds: float = 8) -> None:
    """Wait for something to be seen, as long as people wait for an answer."""
    async with asyncio.timeout(seconds):
        while not found():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)


def own(stage: Stage, user: str, channel: str) -> list[Message]:
    """What only this person sees there."""
    messages = stage.office.channel(channel).seen_by(user)
    return [each for each in messages if each.shown_to == user]


@pytest.mark.parametrize("fault", [NeverArrives(), Hangs(30), Status(403), Says("used_url")])
async def test_a_command_is_answered_without_its_response_url(
    stage: Stage, lines: Lines, fault: Fault
) -> None:
    """Within eight seconds, in the channel, for the asker alone; and one line of the log."""
    stage.slack.fail("response_url", fault, times=1000)
    for said in ("mtd", "help", "budget set openai 100000 monthly"):
        asyncio.get_running_loop().create_task(
            stage.office.say(MANAGER, COSTS, f"/aicost {said}", patience=0)
        ).add_done_callback(lambda done: done.result())
    await until(lambda: len(own(stage, MANAGER, COSTS)) == 3)
    texts = " ".join(message.text for message in own(stage, MANAGER, COSTS))
    assert "What you can ask" in texts
    assert "$100,000" in texts
    is_of_host = not isinstance(fault, Says)
    told = [line for line in lines if line["event"] == "slack.response_urls_failing"]
    assert len(told) == is_of_host
    stage.slack.workspace.faults.clear()
    await stage.office.say(MANAGER, COSTS, "/aicost status", patience=0)
    await until(lambda: len(own(stage, MANAGER, COSTS)) == 4)
    status = own(stage, MANAGER, COSTS)[-1]
    assert ("hooks.slack.com" in plain_text(status.as_json())) == is_of_host


async def test_a_direct_message_where_the_channel_takes_nothing(stage: Stage) -> None:
    """The last way: the person's own messages."""
    stage.slack.fail("response_url", NeverArrives(), times=1000)
    stage.slack.fail("chat.postEphemeral", Says("not_in_channel"), times=1000)
    await stage.office.say(MEMBER, COSTS, "/aicost help", patience=0)
    await until(lambda: bool(stage.office.dm(MEMBER).messages))
    assert "What you can ask" in stage.office.dm(MEMBER).messages[0].text
    assert own(stage, MEMBER, COSTS) == []


async def test_what_is_shared_is_posted_once(stage: Stage) -> None:
    """Refused by the response URL, it is posted to the channel; in doubt, the presser is told."""
    office = stage.office
    answers = [seen(await office.say(MEMBER, COSTS, "/aicost mtd")) for _ in range(2)]
    stage.slack.fail("response_url", Says("used_url"), times=1)
    await office.press(answers[0], SHARE, MEMBER, patience=0)
    await until(lambda: bool(office.channel(COSTS).messages))
    await stage.settled()
    assert "Shared by ben" in office.channel(COSTS).messages[0].text
    stage.slack.fail("response_url", NeverArrives(), times=1000)
    await office.press(answers[1], SHARE, MEMBER, patience=0)
    await until(lambda: any("went wrong" in each.text for each in own(stage, MEMBER, COSTS)))
    assert len(office.channel(COSTS).messages) == 1


async def test_response_urls_that_work_again(stage: Stage, lines: Lines) -> None:
    """The next answer that gets through ends it."""
    stage.slack.fail("response_url", NeverArrives(), times=2)
    await stage.office.say(MEMBER, COSTS, "/aicost help", patience=0)
    await until(lambda: bool(own(stage, MEMBER, COSTS)))
    answer = await stage.office.say(MEMBER, COSTS, "/aicost help")
    assert "What you can ask" in answer.text
    assert "hooks.slack" not in (await stage.office.say(MEMBER, COSTS, "/aicost status")).plain
    told = [line["phase"] for line in lines if line["event"] == "slack.response_urls_failing"]
    assert told == ["began", "ended"]


@pytest.mark.parametrize("code", TRIGGERS)
async def test_a_late_press_on_home(stage: Stage, lines: Lines, code: str) -> None:
    """The modal can't be opened: the Home tab says so, above what it shows."""
    home = await stage.office.open_home(MANAGER)
    assert home is not None
    stage.slack.fail("views.open", Says(code), times=2)
    await stage.office.press(home, openers.NEW_BUDGET, MANAGER, "new")
    await stage.settled()
    now = stage.office.person(MANAGER).home
    assert now is not None
    assert LATE in plain_text({"text": "", "blocks": now.blocks[:1]})
    assert len(now.blocks) > 3


async def test_a_late_press_on_a_message(stage: Stage, lines: Lines) -> None:
    """The response URL says so: it is no defect, and nobody needs a reference."""
    await stage.office.say(MANAGER, COSTS, "/aicost budget set openai 500 monthly")
    listing = seen(await stage.office.say(MANAGER, COSTS, "/aicost budget list"))
    stage.slack.fail("views.open", Says("expired_trigger_id"), times=2)
    answer = await stage.office.press(listing, openers.CHANGE_RULE, MANAGER, "1")
    assert answer.text == LATE


async def test_a_late_press_in_a_form(stage: Stage, lines: Lines) -> None:
    """The form stays as it was filled in; the person is told directly."""
    home = await stage.office.open_home(MANAGER)
    assert home is not None
    form = await form_opened(stage, home, openers.NEW_BUDGET, MANAGER, "new")
    stage.slack.fail("views.push", Says("expired_trigger_id"), times=2)
    await stage.office.press(form, budget.PREVIEW_BUDGET, MANAGER, "preview", patience=0)
    await until(lambda: bool(stage.office.dm(MANAGER).messages))
    assert stage.office.dm(MANAGER).messages[0].text == LATE


async def test_a_late_shortcut(stage: Stage, lines: Lines) -> None:
    """There is no message and no Home tab: the person is told directly."""
    stage.slack.fail("views.open", Says("expired_trigger_id"), times=2)
    await stage.office.shortcut(MEMBER, ASK_SHORTCUT, patience=0)
    await until(lambda: bool(stage.office.dm(MEMBER).messages))
    assert stage.office.dm(MEMBER).messages[0].text == LATE


async def test_a_burst_while_nothing_answers(stage: Stage, lines: Lines) -> None:
    """More answers than are sent at once: all are there within eight seconds, as those that wait
    for their turn don't wait for what will not answer."""
    stage.slack.fail("response_url", Hangs(30), times=1000)
    say = stage.office.say
    asked = asyncio.gather(*(say(MEMBER, COSTS, "/aicost help", patience=0) for _ in range(120)))
    await until(lambda: len(own(stage, MEMBER, COSTS)) == 120)
    await asked
