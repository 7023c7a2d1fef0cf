"""Unusual hours as people meet them: the running bot beside simulated vendors, in a Slack."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from providers.hours import HOUR
from simulators import faults
from simulators.quirks import Quirk
from simulators.slack.office import COSTS, MEMBER
from tests.alerts.stage import NOW, Stage

TEN = datetime(2026, 11, 25, 10, tzinfo=UTC)


async def go_to(stage: Stage, *moments: datetime) -> None:
    """A sync at each of these moments."""
    for moment in moments:
        stage.clock.set(moment)
        await stage.sync()


def burst(stage: Stage, factor: float = 60.0) -> None:
    """The project search runs away for an hour."""
    openai = stage.vendors.world.openai
    openai.spike(openai.project("search").project_id, factor, stage.clock(), HOUR)


async def test_a_spike_in_an_hour_is_one_alert(stage: Stage) -> None:
    """Told within the hour after it, estimated from tokens while OpenAI's costs lag, with the model
    that drove it; quiet in the hours after and at the day's end; over when all is usual."""
    stage.vendors.quirks.on(Quirk.NO_RUNNING_DAY)
    said = await stage.office.say(MEMBER, COSTS, "/aicost alerts spikes on")
    assert "days that cost unusually much" in said.text
    await go_to(stage, TEN)
    assert stage.posts() == []
    burst(stage)
    await go_to(stage, TEN + HOUR + timedelta(minutes=20))
    alert = await stage.alert()
    assert "OpenAI used about $" in alert.text
    assert "from 10:00 to 11:00 UTC on 25 Nov" in alert.text
    assert "Estimated from tokens" in alert.text
    assert "Unusual hour on OpenAI" in str(alert.blocks)
    assert "gpt-5" in str(alert.blocks)
    await go_to(stage, *(TEN + HOUR * n for n in (2, 3, 4, 8, 12)))
    stage.vendors.quirks.off(Quirk.NO_RUNNING_DAY)
    await go_to(stage, TEN + HOUR * 15, TEN + HOUR * 26)
    await stage.until(lambda: alert.text.startswith("Resolved:"))
    assert stage.posts() == [alert]
    said = await stage.office.say(MEMBER, COSTS, "/aicost alerts history")
    assert "from 10:00 to 11:00 UTC on 25 Nov" in said.plain


async def test_the_running_day_has_an_early_figure(stage: Stage) -> None:
    """Beside what is published and in no total; about right, and gone once OpenAI publishes."""
    await stage.office.say(MEMBER, COSTS, "/aicost alerts spikes on")
    stage.vendors.quirks.on(Quirk.NO_RUNNING_DAY)
    await go_to(stage, TEN + timedelta(minutes=20))
    said = await stage.office.say(MEMBER, COSTS, "/aicost openai today")
    found = re.search(r"Today by 10:00 UTC about \$([\d.]+), estimated from tokens", said.plain)
    assert found is not None, said.plain
    assert "OpenAI has not published the day" in said.plain
    truth = sum(
        row.amount
        for row in stage.vendors.world.openai.rows(TEN.date(), TEN)
        if row.unit == "tokens" and not row.model.startswith("gpt-image-")
    )
    assert abs(Decimal(found[1]) / truth - 1) < Decimal("0.05")
    stage.vendors.quirks.off(Quirk.NO_RUNNING_DAY)
    await stage.sync()
    said = await stage.office.say(MEMBER, COSTS, "/aicost openai today")
    assert "estimated" not in said.plain


async def test_hours_that_cannot_be_read_hurt_nothing_else(stage: Stage) -> None:
    """The connection stays up to date and the sync well; status says that hours are not watched,
    and why, until nobody asks any more."""
    for endpoint in ("completions", "embeddings"):
        stage.vendors.openai.faults.add(faults.status(403, "No usage for you"), endpoint)
    await stage.office.say(MEMBER, COSTS, "/aicost alerts spikes on")
    report = await stage.bot.sync.round(lambda _: None)
    assert report.is_synced
    status = await stage.office.say(MEMBER, COSTS, "/aicost status")
    assert "2 of 2 connections up to date" in status.plain
    assert "Unusual hours are not watched since" in status.plain
    assert "No usage for you" in status.plain
    await stage.office.say(MEMBER, COSTS, "/aicost alerts spikes off")
    status = await stage.office.say(MEMBER, COSTS, "/aicost status")
    assert "Unusual hours" not in status.plain


async def test_hours_are_read_only_where_they_are_watched(stage: Stage) -> None:
    """No request for them before somebody asks, nor after; at most one round in a quarter hour."""

    def asked() -> int:
        openai, router = stage.vendors.openai, stage.vendors.openrouter
        hourly = [seen for seen in router.requests if '"hour"' in seen.body]
        return len(openai.requests_to("/usage/completions")) + len(hourly)

    await stage.sync()
    assert asked() == 0
    await stage.office.say(MEMBER, COSTS, "/aicost alerts spikes on")
    await stage.sync()
    first = asked()
    assert first == 8
    stage.clock.set(NOW + timedelta(minutes=5))
    await stage.sync()
    assert asked() == first
    stage.clock.set(NOW + timedelta(minutes=15))
    await stage.sync()
    assert asked() == first + 2
    await stage.office.say(MEMBER, COSTS, "/aicost alerts spikes off")
    stage.clock.set(NOW + HOUR)
    await stage.sync()
    assert asked() == first + 2
