"""Setting the same thing again says so, and leaves no trace."""

from typing import Any

import pytest

from bot.budgets.views import budget
from bot.digests import views as digest
from bot.home.views import visibility
from bot.slack import openers
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from tests.harness import Harness
from tests.home.test_modals import BUDGET, DIGEST, opened, sent, shown

COMMANDS = [
    (
        "budget set openai 100000 monthly",
        "Nothing changed: this budget is set already: OpenAI, $100,000 per month.",
    ),
    (
        "budget set all 90000 weekly at 100,50 quiet",
        "Nothing changed: this budget is set already: All providers, $90,000 per week.",
    ),
    (
        f"budget set openai 100000 monthly in <#{ENGINEERING}|engineering>",
        "Nothing changed: this budget is set already: OpenAI, $100,000 per month.",
    ),
    (
        "budget set openrouter left 20",
        "Nothing changed: this low-balance alert is set already: OpenRouter, $20.00 or less.",
    ),
    ("digest on 09:00 weekdays Europe/London", "Nothing changed: "),
    ("balance set openai 250 at 2026-11-20", "Nothing changed: "),
    ("alerts spikes on", "already gets"),
]


@pytest.mark.parametrize(("command", "says"), COMMANDS)
async def test_a_command_said_again_changes_nothing(
    harness: Harness, command: str, says: str
) -> None:
    """No audit entry, no new version of a rule."""
    await harness.slack.say(MANAGER, COSTS, f"/aicost {command}")
    changes, rules = await harness.changes(), await harness.rules()
    assert len(changes) == 1
    again = await harness.slack.say(MANAGER, COSTS, f"/aicost {command}")
    assert says in again.text
    assert await harness.changes() == changes
    assert [(each.id, each.version) for each in await harness.rules()] == [
        (each.id, each.version) for each in rules
    ]


async def test_forms_sent_again_change_nothing(harness: Harness) -> None:
    """A budget's, where its alerts go, a digest's, and who sees what."""
    forms: list[tuple[str, dict[str, Any]]] = [
        (openers.NEW_BUDGET, BUDGET),
        (
            openers.CHANGE_RULE,
            {
                budget.ALWAYS: [MEMBER],
                budget.AT_LAST: [MANAGER],
            },
        ),
        (openers.DIGEST, DIGEST),
        (
            openers.VISIBILITY,
            {visibility.CHANNEL: DIGEST[digest.CHANNEL], visibility.CONNECTIONS: ["openai"]},
        ),
    ]
    values = {openers.CHANGE_RULE: "1"}
    for number, (action, filled) in enumerate(forms, start=1):
        for time in ("first", "again"):
            modal = await opened(harness, action, value=values.get(action, "new"))
            answer = await sent(harness, modal, filled)
            assert answer.errors == {}
            if time == "again":
                assert "Nothing changed: " in shown(harness), action
            await harness.slack.close(harness.slack.person(MANAGER).modals[-1], MANAGER)
        assert len(await harness.changes()) == number, action


async def test_a_snooze_until_the_same_moment_changes_nothing(harness: Harness) -> None:
    """Tomorrow morning is tomorrow morning, however often it is said."""
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 100 monthly at 100")
    await harness.slack.say(MEMBER, COSTS, "/aicost alerts snooze 1 tomorrow")
    changes = await harness.changes()
    again = await harness.slack.say(MEMBER, COSTS, "/aicost alerts snooze 1 tomorrow")
    assert "Nothing changed: Alert #1 is already snoozed by ben until" in again.text
    assert await harness.changes() == changes
