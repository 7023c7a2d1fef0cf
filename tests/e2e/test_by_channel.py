"""Costs by channel of Slack: the provider's own figures, for those who may see them."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.ledger.charge_writer import ChargeWriter
from bot.scope import Scope
from providers.money import plain, total
from providers.period import DAY, Period
from simulators.anthropic import AnthropicServer
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from simulators.slack.office import COSTS, ENGINEERING, MANAGER, MEMBER
from tests.e2e.test_truth import expected, row_sums
from tests.harness import App, Harness

TODAY = date(2026, 11, 24)
FIRST = date(2026, 11, 16)
WEEK = Period(FIRST, date(2026, 11, 23))
ONE_PROJECT = f'[[visibility]]\nchannel = "{ENGINEERING}"\nprojects = ["search"]\n'


@pytest.fixture
async def variables(simulators: Harness) -> AsyncIterator[dict[str, Any]]:
    """Anthropic, and OpenRouter, which has no channels."""
    async with serve_provider(AnthropicServer(simulators.providers.world, Quirks())) as running:
        yield {"OPENAI_ADMIN_KEY": None, **running.environment}


async def test_rows_are_the_providers_own(simulators: Harness, variables: dict[str, Any]) -> None:
    """Each channel's row is the truth's to the nano. The rest is a row of its connection, and with
    it the rows are the total."""
    async with simulators.app(**variables) as app:
        await app.sync_nothing_before(FIRST)
        answer = await app.ask("last week by channel")
        truth = simulators.providers.world.truth
        for vendor in ("anthropic", "openrouter"):
            assert row_sums(answer, vendor) == expected(truth.by_channel(vendor, WEEK))
        rows = answer["breakdown"]["rows"]
        assert {row["name"] for row in rows} == {COSTS, ENGINEERING, "(no channel)"}
        assert plain(total(Decimal(row["used"]) for row in rows)) == answer["used"]["total"]
        one = await app.ask(f"<#{ENGINEERING}> last week")
        assert one["used"]["total"] == plain(truth.by_channel("anthropic", WEEK)[ENGINEERING])


async def test_days_that_were_not_read_are_unknown(
    simulators: Harness, variables: dict[str, Any]
) -> None:
    """What days cost whose channels were never read, as before an upgrade, is in no channel's row
    and not in none: it is a row of its own. Of one channel alone, those days are unknown."""
    async with simulators.app(**variables) as app:
        await app.sync_nothing_before(FIRST)
        unread, read = Period(FIRST, FIRST + DAY * 2), Period(FIRST + DAY * 2, WEEK.end)
        async with app.database.writing() as session:
            await ChargeWriter(session).replace_breakdown("anthropic", unread, "channel", [])
        truth = simulators.providers.world.truth
        answer = await app.ask("last week by channel")
        rows = {
            row["name"]: row["used"]
            for row in answer["breakdown"]["rows"]
            if row["connection"] == "anthropic"
        }
        whole = total(truth.by_channel("anthropic", unread).values())
        own = expected(truth.by_channel("anthropic", read))
        none = own.pop(None)
        assert rows == {**own, "(no channel)": none, "(not read by channel)": plain(whole)}
        one = await app.ask(f"<#{ENGINEERING}> last week")
        assert one["used"]["total"] == plain(truth.by_channel("anthropic", read)[ENGINEERING])
        assert one["used"]["complete"] is False


async def test_a_channel_sees_its_own(
    simulators: Harness, variables: dict[str, Any], tmp_path: Path
) -> None:
    """“here” is the channel that it is asked in, also where little else is visible; other channels
    are for those who see everything. A direct message has no figures."""
    async with simulators.app(**variables) as app:
        await app.sync_nothing_before(FIRST)
    used = simulators.providers.world.truth.by_channel("anthropic", WEEK)
    own, other = (f"${used[each]:,.2f}" for each in (ENGINEERING, COSTS))
    (tmp_path / "aicost.toml").write_text(ONE_PROJECT, encoding="utf-8")
    async with simulators.run(**variables):
        assert own in await simulators.ask("here last week", MEMBER, ENGINEERING)
        for words in ("last week by channel", "last week in #ai-costs"):
            refused = await simulators.ask(words, MEMBER, ENGINEERING)
            assert "may see everything" in refused
            assert "$" not in refused
        every = await simulators.ask("last week by channel", MEMBER, COSTS)
        assert f"#{ENGINEERING}: {own}" in every
        assert f"#{COSTS}: {other}" in every
        direct = simulators.slack.dm(MEMBER).id
        assert "Ask there" in await simulators.ask("here", MEMBER, direct)


async def test_two_periods_and_two_channels_are_compared(
    simulators: Harness, variables: dict[str, Any]
) -> None:
    """Each channel with both figures, by its reference; other channels are for those who see
    everything."""
    async with simulators.app(**variables) as app:
        await app.sync_nothing_before(FIRST)
    truth = simulators.providers.world.truth
    one, week = Period(FIRST, FIRST + DAY), truth.by_channel("anthropic", WEEK)
    then = truth.by_channel("anthropic", one)
    async with simulators.run(**variables):
        both = await simulators.ask(f"{FIRST} vs last week by channel", MEMBER, COSTS)
        for place in (ENGINEERING, COSTS):
            assert f"#{place}: ${then[place]:,.2f} → ${week[place]:,.2f} (+$" in both
        two = await simulators.ask(f"<#{ENGINEERING}> vs <#{COSTS}> last week", MEMBER, COSTS)
        first, second = (f"${week[each]:,.2f}" for each in (ENGINEERING, COSTS))
        assert f"First channel: {first} · Second channel: {second}" in two
        assert f"Channels: #{ENGINEERING}, #{COSTS}." in two
        assert "less (−97%) than the first." in two


async def test_without_such_a_provider_there_are_none(app: App) -> None:
    """The breakdown is refused, and “here” means nothing."""
    assert "by channel" in str(await app.ask("by channel"))
    with_here, without = await app.ask("openai here"), await app.ask("openai")
    assert with_here == without


async def test_a_budget_of_a_channel(simulators: Harness, variables: dict[str, Any]) -> None:
    """What is spent in a channel counts for its budget; Slack shows its name. “here” alone
    may also mean where the alerts go, so the form asks."""
    async with simulators.app(**variables) as app:
        await app.sync_nothing_before(FIRST)
    used = simulators.providers.world.truth.by_channel("anthropic", Period(TODAY, TODAY + DAY))
    async with simulators.run(**variables):
        words = "budget set channel here 1 daily"
        assert f"AI in #{ENGINEERING}" in await simulators.ask(words, MANAGER, ENGINEERING)
        assert used[ENGINEERING] > 1
        await simulators.sync()
        (alert,) = simulators.posted(ENGINEERING)
        assert f"AI in <#{ENGINEERING}>" in str(alert.blocks)
        assert "One channel's budget" in alert.text
        (rule,) = await simulators.rules()
        assert rule.scope == Scope("channel", ENGINEERING)
        asked = await simulators.ask("budget set here 1 daily", MANAGER, ENGINEERING)
        assert "channel here" in asked
        assert "Ask there" in await simulators.ask(words, MANAGER, simulators.slack.dm(MANAGER).id)


async def test_a_digest_of_a_channel(simulators: Harness, variables: dict[str, Any]) -> None:
    """It reports what AI cost there, and is posted nowhere else."""
    async with simulators.app(**variables) as app:
        await app.sync_nothing_before(FIRST)
    yesterday = Period(TODAY - DAY, TODAY)
    used = simulators.providers.world.truth.by_channel("anthropic", yesterday)[ENGINEERING]
    async with simulators.run(**variables):
        await simulators.ask("digest on 09:00 about here", MEMBER, ENGINEERING)
        shown = await simulators.ask("digest preview", MEMBER, ENGINEERING)
        assert f"AI spend of this channel: ${used:,.2f}" in shown
        form = await simulators.ask("budget set channel here", MANAGER, ENGINEERING)
        assert "How many dollars" in form
        words = "digest on 09:00 about #engineering"
        assert "posted in that channel" in await simulators.ask(words, MEMBER, COSTS)
