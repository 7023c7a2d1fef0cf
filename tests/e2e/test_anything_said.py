"""Hundreds of texts, hostile ones among them, said to the running bot; few in `make test`."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from simulators.slack import Workspace, pings
from simulators.slack.office import COSTS, MANAGER, MEMBER
from tests.harness import Harness

TEXTS = int(os.environ.get("AICOST_TEXTS", "500"))
AT_ONCE = 40
SAID = (
    "openai openrouter opnai all today yesterday yesteday 7d 0d -3d wtd mtd last week month by",
    "model project key day balance why forecast budget set list remove 500 $500 0 -5 1e999 nan",
    "monthly at 50,80,100 left 20 7d alerts ack snooze 24h history digest on off preview 09:00 in",
    "25:61 weekdays Europe/London Mars/Base export status help 2026-10 2026-13 0000-00",
    "2026-11-15..2026-11-01 <!channel> <!here> <@U0ADMIN> <#C0COSTS|ai-costs> &lt;!channel&gt;",
    "*b* `c` ``` “ ” ' \" 💸 שלום \u202e \x00 ../../etc/passwd ';DROP",
)
WORDS = [word for line in SAID for word in line.split(" ")]
texts = st.one_of(
    st.text(max_size=150),
    st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=60, max_size=400).map(" ".join),
)


def generated(count: int) -> list[str]:
    """So many texts, as hypothesis thinks them up."""
    found: list[str] = []

    @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck))
    @given(texts)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found


@pytest.fixture
async def slack(simulators: Harness) -> AsyncIterator[Workspace]:
    """A workspace in which the bot runs."""
    async with simulators.run():
        await simulators.sync()
        yield simulators.slack


def some_at_once(items: Sequence[str]) -> list[Sequence[str]]:
    return [items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE)]


@pytest.mark.parametrize("count", [TEXTS // 32, pytest.param(TEXTS, marks=pytest.mark.slow)])
async def test_each_is_answered_and_none_pings(slack: Workspace, count: int) -> None:
    """By a manager, so that every command is carried out too: an answer to each, to nobody else,
    inside Slack's rules; nothing raises, and nobody is pinged."""

    async def say(text: str) -> None:
        answer = await slack.say(MANAGER, COSTS, f"/aicost {text}")
        assert answer.failure is None, repr(text)
        assert answer.plain.strip(), repr(text)
        assert "reference" not in answer.plain, repr(text)
        for message in answer.messages:
            assert message.shown_to == MANAGER, repr(text)
            assert not pings({"text": message.text, "blocks": message.blocks}), repr(text)

    with capture_logs() as lines:
        for batch in some_at_once(generated(count)):
            await asyncio.gather(*(say(text) for text in batch))
    assert not [line for line in lines if line.get("exc_info") or line["log_level"] == "error"]


async def test_a_member_is_answered_too(slack: Workspace) -> None:
    """What only managers may do is refused in words."""
    answer = await slack.say(MEMBER, COSTS, "/aicost budget set openai 500 monthly")
    assert "Only workspace admins" in answer.plain
