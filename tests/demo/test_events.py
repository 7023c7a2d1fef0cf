"""What can happen in the demo does to the vendors what it would in life, and the bot finds out."""

from decimal import Decimal

import pytest

from bot.demo.events import EVENTS, NEW_MODEL
from bot.demo.slack.things import Message
from bot.demo.stage import Stage
from bot.demo.steps import Happen, Move, Say
from bot.slack.plain import plain_text
from providers.period import DAY, utc_day

pytestmark = pytest.mark.asyncio(loop_scope="module")


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


async def test_spending_more(stage: Stage) -> None:
    """A spike, a new model and a dearer one all cost from then on, and the bot names the model."""
    await stage.do(Move("day"))
    usual = on_day(stage, 1)
    await stage.do(Happen("spike"))
    await stage.do(Move("day"))
    await stage.do(Move("day"))
    assert on_day(stage, 1) > 2 * usual
    await stage.do(Happen("model"))
    await stage.do(Happen("price"))
    await stage.do(Move("day"))
    assert NEW_MODEL in await answer(stage, "/aicost yesterday by model")


async def test_a_top_up_is_found(stage: Stage) -> None:
    """The balance that the bot reads is the higher one, exactly."""
    before = stage.scene.vendors.world.truth.balance()
    await stage.do(Happen("top-up"))
    await stage.do(Move("now"))
    after = stage.scene.vendors.world.truth.balance()
    assert Decimal(249) < after - before <= 250
    assert f"${after:,.2f}"[:-1] in await answer(stage, "/aicost balance")


async def test_caps_stop_use_until_they_are_lifted(stage: Stage) -> None:
    """A key at its limit and an enforced spend limit stop what they cap, and only for so long."""
    router = stage.scene.vendors.world.openrouter
    key = router.key("coding-agents").key_hash
    await stage.do(Happen("key-limit"))
    await stage.do(Happen("spend-limit"))
    await stage.do(Move("day"))
    used = router.key_usage(key)
    await stage.do(Move("day"))
    assert router.key_usage(key) == used
    assert on_day(stage, 0) == 0
    assert "limit" in await answer(stage, "/aicost status") + await answer(stage, "/aicost")
    await stage.do(Happen("key-limit", is_over=True))
    await stage.do(Happen("spend-limit", is_over=True))
    await stage.do(Move("day"))
    assert router.key_usage(key) > used
    assert on_day(stage, 0) > 0


@pytest.mark.parametrize(("event", "words"), [("outage", "503"), ("permission", "api.usage.read")])
async def test_what_the_bot_cannot_read_is_stale_and_recovers(
    stage: Stage, event: str, words: str
) -> None:
    """Status says what is wrong; once it is over, all is well again; no figure went to zero."""
    before = await answer(stage, "/aicost openai last month")
    await stage.do(Happen(event))
    await stage.do(Move("now"))
    assert words in await answer(stage, "/aicost status")
    assert before.splitlines()[3].split()[0] in await answer(stage, "/aicost openai last month")
    await stage.do(Happen(event, is_over=True))
    await stage.do(Move("now"))
    assert words not in await answer(stage, "/aicost status")


async def test_a_restated_day_is_noticed(stage: Stage) -> None:
    """The ledger keeps what the day was and what it became."""
    before = on_day(stage, 2)
    await stage.do(Happen("restated"))
    await stage.do(Move("now"))
    async with stage.bot.house.store.reading() as ledger:
        (found,) = await ledger.restatements(stage.clock() - DAY)
    assert (found.day, found.before, found.after) == (
        utc_day(stage.clock()) - DAY * 2,
        before,
        on_day(stage, 2),
    )


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
    await stage.do(Happen("archived"))
    await stage.do(Say("/aicost budget set openai 250 monthly in #engineering"))
    await stage.do(Move("hour"))
    told = stage.office.dm("U0MANAGER").messages
    assert any("engineering" in message.text or "C0ENG" in message.text for message in told)
    await stage.do(Happen("archived", is_over=True))
    assert not stage.office.channel("engineering").is_archived


async def test_every_event_is_tried_here() -> None:
    """A new one gets a test."""
    assert set(EVENTS) == {
        *("spike", "model", "price", "top-up", "key-limit", "spend-limit", "outage"),
        *("permission", "restated", "slack-limit", "slack-down", "archived"),
    }
