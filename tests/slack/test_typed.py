"""What people type into Slack reaches the running bot as it was meant, and nothing else is done."""

from collections.abc import Sequence

import pytest

from simulators.slack import inputs
from simulators.slack.office import COSTS, MANAGER
from tests.harness import Harness


async def test_a_change_that_is_not_understood_can_not_be_pressed(harness: Harness) -> None:
    """No button carries out a budget or a digest that was not typed, and none comes to be: what
    leads on at most opens a form, which holds what was typed and sets nothing by itself."""
    typed: Sequence[str] = (
        "budget set openrouter abc",
        "digest on 9am weekdays mars/phobos",
        "budget 500",
        "budget set serach 500 monthly",
    )
    said = "\n".join([await harness.ask(text, MANAGER) for text in typed])
    assert "Did you mean" not in said
    assert "Yours is Europe/London." in said
    buttons = {
        (element["action_id"], element.get("value")): message
        for message in harness.slack.channel(COSTS).seen_by(MANAGER)
        for _, element in inputs.elements(message)
    }
    assert ("aicost.answer.ask", "budget list") not in buttons
    opening = ("aicost.open.budget", "budget set 500")
    form = await harness.slack.press(buttons[opening], opening[0], MANAGER, opening[1])
    assert "modal_opened" in [each.kind for each in form.changes]
    assert "Budget for: [ static_select ]" in form.plain  # nothing is chosen
    assert "Amount (US$): [ 500 ]" in form.plain
    assert "No budgets yet." in await harness.ask("budget list", MANAGER)
    assert "This channel has no digest." in await harness.ask("digest list", MANAGER)


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("since 2026-11-10", "10–24 Nov"),
        ("export since 2026-11-10", "aicost-2026-11-10-2026-11-24.csv"),
        ("budget set project acme.com 500 monthly", "No project called “acme.com”"),
    ],
)
async def test_what_is_typed_is_what_is_answered(harness: Harness, said: str, seen: str) -> None:
    """Whole ranges, and names that Slack makes links of, in commands and mentions."""
    assert seen in await harness.ask(said, MANAGER)
    assert seen in (await harness.slack.mention(MANAGER, COSTS, said)).plain
