"""What can happen in the demo happens at the providers as in life, and the bot finds out."""

from decimal import Decimal

import pytest

from bot.slack.text_renderer import plain_text
from providers.period import DAY, utc_day
from simulators.demo.events import EVENTS, NEW_MODEL
from simulators.demo.stage import Stage
from simulators.demo.steps import Happen, Move, Say
from simulators.slack.things import Message

pytestmark = pytest.mark.asyncio(loop_scope="module")


def on_day(stage: Stage, days_ago: int) -> Decimal:
    """What OpenAI truly charges for that day."""
    return stage.scene.providers.world.truth.openai(utc_day(stage.clock()) - DAY * days_ago)


async def answer(stage: Stage, words: str) -> str:
    """What the bot says to it, as text."""
    outcome = await stage.do(Say(words))
    assert outcome.answer
    return outcome.answer.plain


def said(message: Message) -> str:
    """A message as text."""
    return plain_text({"text": message.text, "blocks": message.blocks})


@pytest.mark.slow
async def test_more_spending_costs_from_then_on(shared_stage: Stage) -> None:
    """A spike, a new model and a dearer one all cost from then on, and the bot names the model."""
    await shared_stage.do(Move("day"))
    usual = on_day(shared_stage, 1)
    await shared_stage.do(Happen("spike"))
    await shared_stage.do(Move("day"))
    await shared_stage.do(Move("day"))
    assert on_day(shared_stage, 1) > 2 * usual
    await shared_stage.do(Happen("model"))
    await shared_stage.do(Happen("price"))
    await shared_stage.do(Move("day"))
    assert NEW_MODEL.startswith("gpt-6-preview-20")  # answers leave the date out
    assert "gpt-6-preview" in await answer(shared_stage, "/aicost yesterday by model")


async def test_a_top_up_is_found(shared_stage: Stage) -> None:
    """The balance that the bot reads is the higher one, exactly."""
    before = shared_stage.scene.providers.world.truth.balance()
    await shared_stage.do(Happen("top-up"))
    await shared_stage.do(Move("now"))
    after = shared_stage.scene.providers.world.truth.balance()
    assert Decimal(249) < after - before <= 250
    assert f"${after:,.2f}"[:-1] in await answer(shared_stage, "/aicost balance")


@pytest.mark.slow
async def test_caps_stop_use_until_they_are_lifted(shared_stage: Stage) -> None:
    """A key at its limit and an enforced spend limit stop what they cap, and only for so long."""
    router = shared_stage.scene.providers.world.openrouter
    key = router.key("coding-agents").key_hash
    await shared_stage.do(Happen("key-limit"))
    await shared_stage.do(Happen("spend-limit"))
    await shared_stage.do(Move("day"))
    used = router.key_usage(key)
    await shared_stage.do(Move("day"))
    assert router.key_usage(key) == used
    assert on_day(shared_stage, 0) == 0
    assert "limit" in await answer(shared_stage, "/aicost status") + await answer(
        shared_stage, "/aicost"
    )
    await shared_stage.do(Happen("key-limit", is_over=True))
    await shared_stage.do(Happen("spend-limit", is_over=True))
    await shared_stage.do(Move("day"))
    assert router.key_usage(key) > used
    assert on_day(shared_stage, 0) > 0


@pytest.mark.parametrize(("event", "words"), [("outage", "503"), ("permission", "api.usage.read")])
async def test_what_the_bot_cannot_read_is_stale_and_recovers(
    shared_stage: Stage, event: str, words: str
) -> None:
    """Status says what is wrong; once it is over, all is well again; no figure went to zero."""
    before = await answer(shared_stage, "/aicost openai last month")
    await shared_stage.do(Happen(event))
    await shared_stage.do(Move("now"))
    assert words in await answer(shared_stage, "/aicost status")
    assert before.splitlines()[3].split()[0] in await answer(
        shared_stage, "/aicost openai last month"
    )
    await shared_stage.do(Happen(event, is_over=True))
    await shared_stage.do(Move("now"))
    assert words not in await answer(shared_stage, "/aicost status")


@pytest.mark.slow
async def test_a_restated_day_is_noticed(stage: Stage) -> None:
    """The next answer says what the day was and what it became."""
    before = on_day(stage, 2)
    await stage.do(Happen("restated"))
    await stage.do(Move("now"))
    after = on_day(stage, 2)
    assert f"31 Oct: ${before:.2f} → ${after:.2f}" in await answer(stage, "/aicost openai 7d")


@pytest.mark.parametrize(
    "event", ["slack-down", pytest.param("slack-limit", marks=pytest.mark.slow)]
)
async def test_what_slack_refuses_arrives_later_and_once(stage: Stage, event: str) -> None:
    """Three refusals, and the alert is there all the same, one time."""
    await stage.do(Happen(event))
    await stage.do(Say("/aicost budget set openai 250 monthly"))
    await stage.do(Move("hour"))
    await stage.do(Move("hour"))
    alerts = [m for m in stage.office.channel("ai-costs").messages if "OpenAI budget" in said(m)]
    assert len(alerts) == 1


@pytest.mark.slow
async def test_an_archived_channel_is_reported_to_who_can_fix_it(stage: Stage) -> None:
    """What belongs there can't be delivered: its maker reads so in direct messages."""
    await stage.do(Say("/aicost budget set openai 250 monthly in #engineering"))
    await stage.do(Happen("archived"))
    await stage.do(Move("hour"))
    shown = stage.office.dm("U0MANAGER").messages
    assert any("engineering" in message.text or "C0ENG" in message.text for message in shown)
    await stage.do(Happen("archived", is_over=True))
    assert not stage.office.channel("engineering").is_archived


@pytest.mark.slow
async def test_a_burst_is_reported_by_its_hour(stage: Stage) -> None:
    """An hour of forty times as much is reported once it has ended, however much the day comes
    to."""
    await stage.do(Say("/aicost alerts spikes on"))
    await stage.do(Move("hour"))
    await stage.do(Happen("burst"))
    for _ in range(3):
        await stage.do(Move("hour"))
    shown = [m for m in stage.office.channel("ai-costs").messages if "Unusual " in said(m)]
    assert len(shown) == 1


async def test_every_event_is_tried_here() -> None:
    """A new one gets a test."""
    assert set(EVENTS) == {
        *("spike", "burst", "model", "price", "top-up", "key-limit", "spend-limit", "outage"),
        *("permission", "restated", "slack-limit", "slack-down", "archived"),
    }
