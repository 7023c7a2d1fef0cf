"""What can happen in the demo does to the vendors what it would in life, and the bot finds out."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import pytest_asyncio

from bot.cli.demo import BOT
from bot.slack.text_renderer import plain_text
from providers.period import DAY, utc_day
from simulators.demo.events import EVENTS, NEW_MODEL
from simulators.demo.stage import Stage
from simulators.demo.start import demo_stage
from simulators.demo.steps import Happen, Move, Say
from simulators.slack.things import Message

pytestmark = pytest.mark.asyncio(loop_scope="module")
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy() -> AsyncIterator[Stage]:
    """One demo to which one thing after another happens."""
    async with demo_stage(BOT, MONDAY) as running:
        yield running


def on_day(stage: Stage, days_ago: int) -> Decimal:
    """What OpenAI truly charges for that day."""
    return stage.scene.vendors.world.truth.openai(utc_day(stage.clock()) - DAY * days_ago)


async def answer(stage: Stage, words: str) -> str:
    """What the bot says to it, as text."""
    outcome = await stage.do(Say(words))
    assert outcome.answer
    return outcome.answer.plain


def said(message: Message) -> str:
    """A message as text."""
    return plain_text({"text": message.text, "blocks": message.blocks})


async def test_spending_more(busy: Stage) -> None:
    """A spike, a new model and a dearer one all cost from then on, and the bot names the model."""
    await busy.do(Move("day"))
    usual = on_day(busy, 1)
    await busy.do(Happen("spike"))
    await busy.do(Move("day"))
    await busy.do(Move("day"))
    assert on_day(busy, 1) > 2 * usual
    await busy.do(Happen("model"))
    await busy.do(Happen("price"))
    await busy.do(Move("day"))
    assert NEW_MODEL in await answer(busy, "/aicost yesterday by model")


async def test_a_top_up_is_found(busy: Stage) -> None:
    """The balance that the bot reads is the higher one, exactly."""
    before = busy.scene.vendors.world.truth.balance()
    await busy.do(Happen("top-up"))
    await busy.do(Move("now"))
    after = busy.scene.vendors.world.truth.balance()
    assert Decimal(249) < after - before <= 250
    assert f"${after:,.2f}"[:-1] in await answer(busy, "/aicost balance")


async def test_caps_stop_use_until_they_are_lifted(busy: Stage) -> None:
    """A key at its limit and an enforced spend limit stop what they cap, and only for so long."""
    router = busy.scene.vendors.world.openrouter
    key = router.key("coding-agents").key_hash
    await busy.do(Happen("key-limit"))
    await busy.do(Happen("spend-limit"))
    await busy.do(Move("day"))
    used = router.key_usage(key)
    await busy.do(Move("day"))
    assert router.key_usage(key) == used
    assert on_day(busy, 0) == 0
    assert "limit" in await answer(busy, "/aicost status") + await answer(busy, "/aicost")
    await busy.do(Happen("key-limit", is_over=True))
    await busy.do(Happen("spend-limit", is_over=True))
    await busy.do(Move("day"))
    assert router.key_usage(key) > used
    assert on_day(busy, 0) > 0


@pytest.mark.parametrize(("event", "words"), [("outage", "503"), ("permission", "api.usage.read")])
async def test_what_the_bot_cannot_read_is_stale_and_recovers(
    busy: Stage, event: str, words: str
) -> None:
    """Status says what is wrong; once it is over, all is well again; no figure went to zero."""
    before = await answer(busy, "/aicost openai last month")
    await busy.do(Happen(event))
    await busy.do(Move("now"))
    assert words in await answer(busy, "/aicost status")
    assert before.splitlines()[3].split()[0] in await answer(busy, "/aicost openai last month")
    await busy.do(Happen(event, is_over=True))
    await busy.do(Move("now"))
    assert words not in await answer(busy, "/aicost status")


async def test_a_restated_day_is_noticed(stage: Stage) -> None:
    """The next answer says what the day was and what it became."""
    before = on_day(stage, 2)
    await stage.do(Happen("restated"))
    await stage.do(Move("now"))
    after = on_day(stage, 2)
    assert f"31 Oct ${before:.2f} → ${after:.2f}" in await answer(stage, "/aicost openai 7d")


@pytest.mark.parametrize("event", ["slack-limit", "slack-down"])
async def test_what_slack_refuses_arrives_later_and_once(stage: Stage, event: str) -> None:
    """Three refusals, and the alert is there all the same, one time."""
    await stage.do(Happen(event))
    await stage.do(Say("/aicost budget set openai 250 monthly"))
    await stage.do(Move("hour"))
    await stage.do(Move("hour"))
    alerts = [m for m in stage.office.channel("ai-costs").messages if "OpenAI budget" in said(m)]
    assert len(alerts) == 1


async def test_an_archived_channel_is_told_to_who_can_mend_it(stage: Stage) -> None:
    """What belongs there can't be delivered: its maker reads so in direct messages."""
    await stage.do(Say("/aicost budget set openai 250 monthly in #engineering"))
    await stage.do(Happen("archived"))
    await stage.do(Move("hour"))
    told = stage.office.dm("U0MANAGER").messages
    assert any("engineering" in message.text or "C0ENG" in message.text for message in told)
    await stage.do(Happen("archived", is_over=True))
    assert not stage.office.channel("engineering").is_archived


async def test_a_burst_is_told_by_its_hour(stage: Stage) -> None:
    """An hour of forty times as much is told once it is over, whatever the day comes to."""
    await stage.do(Say("/aicost alerts spikes on"))
    await stage.do(Move("hour"))
    await stage.do(Happen("burst"))
    for _ in range(3):
        await stage.do(Move("hour"))
    told = [m for m in stage.office.channel("ai-costs").messages if "Unusual hour" in said(m)]
    assert len(told) == 1


async def test_every_event_is_tried_here() -> None:
    """A new one gets a test."""
    assert set(EVENTS) == {
        *("spike", "burst", "model", "price", "top-up", "key-limit", "spend-limit", "outage"),
        *("permission", "restated", "slack-limit", "slack-down", "archived"),
    }
