"""The buttons of an alert say what they act on."""

from bot.budgets.messages.alert import ACKNOWLEDGE, WHY
from simulators.slack.office import COSTS, GUEST, MANAGER, MEMBER
from tests.budgets.test_journeys import crossed
from tests.harness import Harness


async def test_why_explains_the_scope_and_period_of_the_alert(harness: Harness) -> None:
    """To the one who pressed, as if they had typed it."""
    alert = await crossed(harness)
    pressed = await harness.slack.press(alert, WHY, MEMBER)
    typed = await harness.slack.say(MEMBER, COSTS, "/aicost why openai mtd")
    assert pressed.message is not None
    assert pressed.message.shown_to == MEMBER
    assert "Why OpenAI: " in pressed.plain
    assert pressed.plain == typed.plain
    assert "Guests" in (await harness.slack.press(alert, WHY, GUEST)).text


async def test_home_acknowledges_the_alert_above_the_button(harness: Harness) -> None:
    """And no other."""
    await crossed(harness)
    await harness.slack.say(MANAGER, COSTS, "/aicost budget set openrouter 1 monthly at 100")
    await harness.idle()
    home = await harness.slack.open_home(MEMBER)
    assert home is not None
    await harness.slack.press(home, ACKNOWLEDGE, MEMBER, "#2")
    await harness.idle()
    first, second = harness.posted()
    assert first.text.startswith("Alert: OpenAI budget, ")
    assert second.text.startswith("Acknowledged: OpenRouter budget, ")
