"""When the bot itself fails: whatever was typed, pressed or sent is answered with a reference, and
the log has it."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.budgets.views import budget
from bot.slack import openers
from simulators.slack.answer import Answer
from simulators.slack.faults import Says
from simulators.slack.inputs import elements
from simulators.slack.office import COSTS, MANAGER
from simulators.slack.things import Message, View
from tests.harness import Harness

REFERENCE = re.compile(r"reference:? `?([0-9a-f]{8})\b")
Lines = list[Any]
WORDS = (
    "",
    "openai last week by model",
    "balance",
    "why",
    "forecast",
    "status",
    "budget set openai 900 monthly",
    "budget set openrouter left 20",
    "budget list",
    "budget remove 1",
    "alerts list",
    "alerts history",
    "alerts ack 1",
    "alerts snooze 1 4h",
    "alerts spikes on",
    "digest on 09:00",
    "digest off",
    "digest list",
    "digest preview",
    "export",
    "balance set openai 5",
)


async def break_house(harness: Harness) -> None:
    """Every question to the ledger, and every change of it, fails from now on."""
    async with harness.database.writing() as session:
        for table in ("delivery", "connection_part", "visibility", "audit"):
            await session.transaction.execute(text(f"ALTER TABLE {table} RENAME TO gone_{table}"))


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    """The log from now on."""
    with capture_logs() as captured:
        yield captured


def check(said: str, lines: Lines, what: str) -> None:
    """It names a reference, under which the log has the exception."""
    found = REFERENCE.search(said)
    assert found, f"{what}: {said!r}"
    assert any(line.get("reference") == found[1] and line.get("exc_info") for line in lines), what


def pressable(where: Message | View) -> Sequence[Mapping[str, Any]]:
    """Its buttons that reach the app, each once."""
    found = {
        each["action_id"]: each
        for _, each in elements(where)
        if each["type"] == "button" and "url" not in each
    }
    return list(found.values())


def said(answer: Answer) -> str:
    """All that someone saw."""
    return answer.plain + answer.text


async def test_any_command_is_answered(harness: Harness, lines: Lines) -> None:
    """Each command that needs the ledger."""
    await break_house(harness)
    for words in WORDS:
        answer = await harness.slack.say(MANAGER, COSTS, f"/aicost {words}")
        assert answer.failure is None
        check(said(answer), lines, words)


async def test_any_press_is_answered(harness: Harness, lines: Lines) -> None:
    """Each button of answers and of the Home tab, made while all was well."""
    office = harness.slack
    await office.say(MANAGER, COSTS, "/aicost budget set openai 1 monthly")
    made = [
        await office.say(MANAGER, COSTS, f"/aicost {words}")
        for words in ("", "status", "budget list", "digest on 09:00", "alerts list")
    ]
    home = await office.open_home(MANAGER)
    assert home is not None
    await break_house(harness)
    places: list[Message | View] = [each.message for each in made if each.message]
    for where in [*places, home]:
        for button in pressable(where):
            action, value = button["action_id"], button.get("value")
            office.person(MANAGER).modals.clear()
            answer = await office.press(where, action, MANAGER, value)
            assert answer.failure is None, action
            check(said(answer) + _modal(harness), lines, action)


def _modal(harness: Harness) -> str:
    modal = harness.slack.person(MANAGER).modal
    return "" if modal is None else str(modal.blocks)


async def test_a_form_a_mention_and_the_home_tab(harness: Harness, lines: Lines) -> None:
    """Each in its own way."""
    office = harness.slack
    home = await office.open_home(MANAGER)
    assert home is not None
    form = await harness.open_modal(home, openers.NEW_BUDGET, MANAGER, "new")
    await break_house(harness)
    filled = {
        budget.SCOPE: "provider:openai",
        budget.AMOUNT: "750",
        budget.PERIOD: "monthly",
        budget.THRESHOLDS: "60",
        budget.CHANNEL: COSTS,
    }
    await harness.slack.submit(form, MANAGER, filled)
    check(_modal(harness), lines, "form")
    check(said(await office.mention(MANAGER, COSTS, "balance")), lines, "mention")
    lines.clear()
    again = await office.open_home(MANAGER)
    assert again is not None
    check(str(again.blocks), lines, "home")


async def test_a_home_tab_that_slack_refuses_says_so(harness: Harness, lines: Lines) -> None:
    """In place of a tab that stays as it was without a word."""
    harness.slack_server.fail("views.publish", Says("invalid_arguments"), times=2)
    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    check(str(home.blocks), lines, "home")


@pytest.mark.parametrize("code", ["invalid_arguments", "view_too_large", "msg_blocks_too_long"])
async def test_a_view_that_slack_refuses_comes_as_text(
    harness: Harness, lines: Lines, code: str
) -> None:
    """Home and modal then hold the same figures without buttons."""
    harness.slack_server.fail("views.publish", Says(code))
    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    assert "AI spend: $" in str(home.blocks)
    assert {block["type"] for block in home.blocks} == {"section"}

    home = await harness.slack.open_home(MANAGER)
    assert home is not None
    harness.slack_server.fail("views.open", Says(code))
    await harness.slack.press(home, "aicost.answer.ask", MANAGER, "balance")
    modal = harness.slack.person(MANAGER).modal
    assert modal is not None
    assert "OpenRouter" in str(modal.blocks)
    assert {block["type"] for block in modal.blocks} == {"section"}


async def test_a_mention_where_nothing_can_be_said_is_answered_directly(harness: Harness) -> None:
    """The channel does not take it: the person has it in their own messages."""
    harness.slack_server.fail("chat.postEphemeral", Says("restricted_action"), times=5)
    await harness.slack.mention(MANAGER, COSTS, "help")
    own = harness.slack.dm(MANAGER)
    (shown,) = own.messages
    assert "What you can ask" in shown.text
