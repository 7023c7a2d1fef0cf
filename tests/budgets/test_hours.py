"""Unusual hours as people meet them: the running bot next to simulated providers, in a Slack."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.ledger.hours import HourRepository
from providers.hours import HOUR
from simulators import faults
from simulators.quirks import Quirk
from simulators.slack.office import COSTS, MEMBER
from tests.harness import NOW, Harness

EARLY = r"Today until 10:00 UTC: about \$([\d.]+) \(estimated from tokens\)"
TEN = datetime(2026, 11, 25, 10, tzinfo=UTC)


async def go_to(harness: Harness, *moments: datetime) -> None:
    """A sync at each of these moments."""
    for moment in moments:
        harness.clock.set(moment)
        await harness.sync()


def burst(harness: Harness, factor: float = 60.0) -> None:
    """The project search runs away for an hour."""
    openai = harness.providers.world.openai
    openai.spike(openai.project("search").project_id, factor, harness.clock(), HOUR)


async def test_a_spike_in_an_hour_is_one_alert(harness: Harness) -> None:
    """Reported within the hour after it, estimated from tokens while OpenAI's costs lag, with the
    model that drove it; quiet in the hours after and at the day's end; over when all is usual."""
    harness.providers.quirks.on(Quirk.NO_RUNNING_DAY)
    said = await harness.slack.say(MEMBER, COSTS, "/aicost alerts spikes on")
    assert "now gets cost-anomaly alerts" in said.text
    await go_to(harness, TEN)
    assert harness.posted() == []
    burst(harness)
    await go_to(harness, TEN + HOUR + timedelta(minutes=20))
    (alert,) = harness.posted()
    assert alert.text.startswith("Alert: Unusual OpenAI spend, about $")
    assert "in one hour (25 Nov 10:00–11:00 UTC)" in alert.text
    assert "Estimated from token counts" in str(alert.blocks)
    assert "gpt-5" in str(alert.blocks)
    await go_to(harness, *(TEN + HOUR * n for n in (2, 3, 4, 8, 12)))
    harness.providers.quirks.off(Quirk.NO_RUNNING_DAY)
    await go_to(harness, TEN + HOUR * 15, TEN + HOUR * 26)
    assert alert.text.startswith("Resolved:")
    assert harness.posted() == [alert]
    said = await harness.slack.say(MEMBER, COSTS, "/aicost alerts history")
    assert "in one hour (25 Nov 10:00–11:00 UTC)" in said.plain


async def test_the_running_day_has_an_early_figure(harness: Harness) -> None:
    """Next to what is published and in no total; about right, and gone once OpenAI publishes."""
    await harness.slack.say(MEMBER, COSTS, "/aicost alerts spikes on")
    harness.providers.quirks.on(Quirk.NO_RUNNING_DAY)
    await go_to(harness, TEN + timedelta(minutes=20))
    said = await harness.slack.say(MEMBER, COSTS, "/aicost openai today")
    found = re.search(EARLY, said.plain)
    assert found is not None, said.plain
    assert "No total includes it: OpenAI hasn't published today yet." in said.plain
    truth = sum(
        row.amount
        for row in harness.providers.world.openai.rows(TEN.date(), TEN)
        if row.unit == "tokens" and not row.model.startswith("gpt-image-")
    )
    assert abs(Decimal(found[1]) / truth - 1) < Decimal("0.05")
    harness.providers.quirks.off(Quirk.NO_RUNNING_DAY)
    await harness.sync()
    said = await harness.slack.say(MEMBER, COSTS, "/aicost openai today")
    assert "estimated" not in said.plain


async def test_hours_that_cannot_be_read_hurt_nothing_else(harness: Harness) -> None:
    """The connection stays up to date and the sync well; status says that hours are not watched,
    and why, until nobody asks any more."""
    for endpoint in ("completions", "embeddings"):
        harness.providers.openai.faults.add(faults.status(403, "No usage for you"), endpoint)
    await harness.slack.say(MEMBER, COSTS, "/aicost alerts spikes on")
    report = await harness.bot.sync.round(lambda _: None)
    assert report.is_synced
    status = await harness.slack.say(MEMBER, COSTS, "/aicost status")
    assert "2 of 2 connections up to date" in status.plain
    assert "Hourly anomalies aren't watched since" in status.plain
    assert "No usage for you" in status.plain
    await harness.slack.say(MEMBER, COSTS, "/aicost alerts spikes off")
    status = await harness.slack.say(MEMBER, COSTS, "/aicost status")
    assert "Hourly anomalies" not in status.plain


def hours_asked(harness: Harness) -> int:
    """How many requests for hours the providers had."""
    openai, router = harness.providers.openai, harness.providers.openrouter
    hourly = [seen for seen in router.requests if '"hour"' in seen.body]
    return len(openai.requests_to("/usage/completions")) + len(hourly)


async def test_hours_are_read_only_where_they_are_watched(harness: Harness) -> None:
    """No request for them before someone asks, nor after; at most one round in a quarter hour."""
    await harness.sync()
    assert hours_asked(harness) == 0
    await harness.slack.say(MEMBER, COSTS, "/aicost alerts spikes on")
    await harness.sync()
    first = hours_asked(harness)
    assert first == 8
    harness.clock.set(NOW + timedelta(minutes=5))
    await harness.sync()
    assert hours_asked(harness) == first
    harness.clock.set(NOW + timedelta(minutes=15))
    await harness.sync()
    assert hours_asked(harness) == first + 2
    await harness.slack.say(MEMBER, COSTS, "/aicost alerts spikes off")
    harness.clock.set(NOW + HOUR)
    await harness.sync()
    assert hours_asked(harness) == first + 2


@pytest.mark.parametrize(
    "step", [timedelta(days=1), pytest.param(timedelta(hours=-1), marks=pytest.mark.slow)]
)
async def test_hours_survive_a_step_of_the_clock(harness: Harness, step: timedelta) -> None:
    """Read while the clock was wrong, back or ahead, they are read again at the first sync after
    it was set right, and then once in a quarter hour; none of the future is kept."""
    await harness.slack.say(MEMBER, COSTS, "/aicost alerts spikes on")
    await harness.sync()
    harness.clock.set(NOW + step)
    await harness.sync()
    wrong = hours_asked(harness)
    harness.clock.set(NOW + timedelta(minutes=1))
    await harness.sync()
    right = hours_asked(harness)
    assert right > wrong
    async with harness.database.reading() as ledger:
        assert await HourRepository(ledger).hours(NOW, ["openai", "openrouter"]) == []
    harness.clock.set(NOW + timedelta(minutes=10))
    await harness.sync()
    assert hours_asked(harness) == right
