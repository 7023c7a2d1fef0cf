"""What people type into Slack reaches the running bot as it was meant, and nothing else is done."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.cli.demo import BOT
from simulators.demo.stage import Stage
from simulators.demo.start import demo_stage
from simulators.demo.steps import Dismiss, Press, Say, StepError

pytestmark = pytest.mark.asyncio(loop_scope="module")
START = datetime(2026, 11, 29, 15, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """The demo, in which nothing was changed yet."""
    async with demo_stage(BOT, START) as running:
        yield running


async def answer(stage: Stage, words: str) -> str:
    """What the manager reads in answer to it."""
    outcome = await stage.do(Say(words))
    assert outcome.answer is not None
    return outcome.answer.plain


async def test_a_change_that_is_not_understood_can_not_be_pressed(stage: Stage) -> None:
    """No button carries out a budget or a digest that was not typed, and none comes to be: what
    leads on at most opens a form, which holds what was typed and sets nothing by itself."""
    typed: Sequence[str] = (
        "budget set openrouter abc",
        "digest on 9am weekdays mars/phobos",
        "budget 500",
        "budget set serach 500 monthly",
    )
    said = "\n".join([await answer(stage, f"/aicost {text}") for text in typed])
    assert "Did you mean" not in said
    assert "Yours is Europe/London." in said
    with pytest.raises(StepError, match="sees nothing to press"):
        await stage.do(Press("aicost.answer.ask", "budget list"))
    form = (await stage.do(Press("aicost.open.budget", "budget set 500"))).answer
    assert form is not None
    assert "modal_opened" in [each.kind for each in form.changes]
    assert "Budget for: [ static_select ]" in form.plain  # nothing is chosen
    assert "Amount (US$): [ 500 ]" in form.plain
    await stage.do(Dismiss())
    assert "No budgets yet." in await answer(stage, "/aicost budget list")
    assert "This channel has no digest." in await answer(stage, "/aicost digest list")


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("/aicost since 2026-11-10", "10–29 Nov"),
        ("/aicost export since 2026-11-10", "aicost-2026-11-10-2026-11-29.csv"),
        ("/aicost budget set project acme.com 500 monthly", "No project called “acme.com”"),
        ("@aicost budget set project acme.com 500 monthly", "No project called “acme.com”"),
    ],
)
async def test_what_is_typed_is_what_is_answered(stage: Stage, said: str, seen: str) -> None:
    """Whole ranges, and names that Slack makes links of, in commands and mentions."""
    assert seen in await answer(stage, said)
