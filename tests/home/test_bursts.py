"""Many questions at once, in a simulated Slack: what is shared among them, and what never is."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event
from structlog.testing import capture_logs

from bot.ledger.charge_writer import ChargeWriter
from providers.models import Charge, ChargesRead
from providers.period import Period
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from tests.harness import NOW, Harness
from tests.harness.fixtures import Start
from tests.quick import QUICK

DAY = date(2026, 11, 23)
QUESTIONS = 20
"""Different ones at once: together they take longer than any may wait for a connection."""
IMPATIENT = replace(QUICK, database=0.1)


@contextmanager
def reads() -> Iterator[list[str]]:
    """The statements that read charges or their sums by day while the block lasts."""
    found: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT") and "breakdown" in statement:
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


async def test_the_same_question_from_many_is_computed_once(harness: Harness) -> None:
    """Thirty at once read the ledger as often as one, give or take a change meanwhile."""
    say = harness.slack.say
    with reads() as one:
        await say(MEMBER, COSTS, "/aicost 7d by model")
    with reads() as many:
        answers = await asyncio.gather(
            *(say(user, COSTS, "/aicost by model") for user in (MEMBER, MANAGER) * 15)
        )
    assert one
    assert len(many) <= 3 * len(one)
    assert len({answer.plain for answer in answers}) == 1


async def test_a_shared_answer_is_never_one_with_a_wider_view(start_bot: Start) -> None:
    """Asked in the same moment, each channel gets what may be seen there."""
    toml = f'[[visibility]]\nchannel = "{ENGINEERING}"\nconnections = ["openrouter"]\n'
    async with start_bot(toml=toml) as harness:
        channels = (COSTS, ENGINEERING) * 5
        answers = await asyncio.gather(
            *(harness.slack.say(MEMBER, channel, "/aicost") for channel in channels)
        )
    for channel, answer in zip(channels, answers, strict=True):
        assert "OpenRouter: $" in answer.plain
        assert ("OpenAI: $" in answer.plain) == (channel == COSTS)


async def test_a_sync_is_seen_by_the_next_question(harness: Harness) -> None:
    """What a sync has read since stands in the next answer, however soon it is asked."""
    say = harness.slack.say
    for cost in ("111111.11", "222222.22"):
        await say(MEMBER, COSTS, "/aicost 2026-11-23")
        charges = (Charge(DAY, Decimal(cost), "proj_1", "gpt-5, input", "gpt-5"),)
        async with harness.database.writing() as session:
            read = ChargesRead(Period.of_day(DAY), charges, frozenset({DAY}))
            await ChargeWriter(session).replace_days("openai", read, NOW)
        assert f"{Decimal(cost):,}" in (await say(MEMBER, COSTS, "/aicost 2026-11-23")).plain


async def test_a_changed_budget_is_seen_by_the_next_question(harness: Harness) -> None:
    """A forecast holds the budget as it is now."""
    say = harness.slack.say
    for amount in ("81,234", "92,345"):
        await say(MEMBER, COSTS, "/aicost forecast openai")
        await say(MANAGER, COSTS, f"/aicost budget set openai {amount.replace(',', '')} monthly")
        assert amount in (await say(MEMBER, COSTS, "/aicost forecast openai")).plain


@pytest.mark.parametrize("intervals", [IMPATIENT], ids=["impatient"])
async def test_more_questions_than_connections_wait_for_their_turn(harness: Harness) -> None:
    """None is refused because others were before it."""
    say = harness.slack.say
    with capture_logs() as log:
        answers = await asyncio.gather(
            *(say(MEMBER, COSTS, f"/aicost {100 + n}d by model") for n in range(QUESTIONS))
        )
    assert all("at once" not in answer.plain for answer in answers)
    assert not [line for line in log if line["log_level"] in ("warning", "error")]


@pytest.mark.parametrize("channel", [COSTS, ENGINEERING], ids=["seen whole", "seen in part"])
async def test_a_question_takes_one_transaction(start_bot: Start, channel: str) -> None:
    """The answer and all it rests on is one consistent state; the rules of who sees what are read
    again only where they have changed, however much else has."""
    toml = f'[[visibility]]\nchannel = "{ENGINEERING}"\nconnections = ["openai"]\n'
    begun: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    async with start_bot(toml=toml) as harness:
        await harness.slack.say(MEMBER, channel, "/aicost")
        await harness.sync()
        event.listen(Engine, "before_cursor_execute", hear)
        try:
            answer = await harness.slack.say(MEMBER, channel, "/aicost openai last week by model")
        finally:
            event.remove(Engine, "before_cursor_execute", hear)
    assert "gpt" in answer.plain
    assert begun == ["BEGIN"]
