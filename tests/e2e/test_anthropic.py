"""Anthropic in the whole product: figures as of an export, corrections, an entered balance."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.ledger.export import stream_charges
from bot.reports.focus import focus_record
from providers.money import plain, total
from providers.period import DAY, Period
from simulators.anthropic import AnthropicServer
from simulators.provider_server import serve_provider
from simulators.quirks import Quirk, Quirks
from simulators.slack.office import COSTS, MANAGER
from tests.harness import App, Harness

FIRST = date(2026, 11, 1)
TODAY = date(2026, 11, 24)
EXPORT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def server(simulators: Harness) -> AsyncIterator[AnthropicServer]:
    """The organization of the harness's world."""
    async with serve_provider(AnthropicServer(simulators.providers.world, Quirks())) as running:
        yield running


@pytest.fixture
def variables(server: AnthropicServer) -> dict[str, Any]:
    """Only Anthropic is connected."""
    others = {"OPENAI_ADMIN_KEY": None, "OPENROUTER_MANAGEMENT_KEY": None}
    return {**others, **server.environment}


@pytest.fixture
async def alone(simulators: Harness, variables: dict[str, Any]) -> AsyncIterator[App]:
    """What the commands of the terminal stand on, with this month read."""
    async with simulators.app(**variables) as opened:
        await opened.sync_nothing_before(FIRST)
        yield opened


def truth(server: AnthropicServer, until: datetime) -> Decimal:
    """What was used this month up to then."""
    of_day = server.world.truth.anthropic
    return total(of_day(day, until) for day in Period(FIRST, until.date() + DAY))


async def month(app: App) -> dict[str, Any]:
    """What is known of this month."""
    answer = await app.ask("anthropic mtd by key")
    (connection,) = answer["connections"]
    return {**connection, "rows": answer["breakdown"]["rows"]}


async def test_figures_are_as_of_the_export(alone: App, server: AnthropicServer) -> None:
    """The total is the truth as of the export, whose time is shown; keys add up to it."""
    found = await month(alone)
    assert found["used"] == plain(truth(server, EXPORT))
    assert found["as_of"] == "2026-11-24T12:00:00Z"
    assert (found["status"], found["billing"], found["missing_days"]) == ("ok", "prepaid", [])
    assert total(Decimal(row["used"]) for row in found["rows"]) == Decimal(found["used"])
    names = {row["name"] for row in found["rows"]}
    assert names == {"agents-prod", "agents-ci", "support-prod", "pilot", "(unattributed)"}


async def test_an_export_has_list_prices(alone: App, server: AnthropicServer) -> None:
    """Costs before and after discount are the truth; the older report has no list prices, so
    `ListCost` is empty."""
    month = Period(FIRST, TODAY + DAY)
    listed = server.world.truth.anthropic_list
    records = await exported(alone, month)
    assert sum_of("EffectiveCost", records) == truth(server, EXPORT)
    assert sum_of("ListCost", records) == total(listed(day, EXPORT) for day in month)
    server.quirks.on(Quirk.HIPAA)
    await alone.sync()
    assert {record["ListCost"] for record in await exported(alone, month)} == {None}


async def exported(app: App, period: Period) -> list[dict[str, Any]]:
    """The rows of an export."""
    rows = stream_charges(app.database, period)
    return [dict(focus_record(row, {"anthropic": "Anthropic"})) async for row in rows]


def sum_of(column: str, records: list[dict[str, Any]]) -> Decimal:
    """What a column of amounts adds up to."""
    return total(Decimal(record[column]) for record in records)


async def test_what_is_not_exported_is_missing_not_zero(
    alone: App, server: AnthropicServer
) -> None:
    """After midnight, before an export of the new day, that day is awaited and yesterday so far. As
    old as that, figures aren't stale; two days old, they are unpublished."""
    alone.clock.advance(timedelta(hours=11))  # Wednesday, 02:20
    server.quirks.publishing_lag = timedelta(hours=4)
    await alone.sync()
    found = await month(alone)
    assert found["used"] == plain(truth(server, datetime(2026, 11, 24, 20, tzinfo=UTC)))
    assert (found["status"], found["missing_days"]) == ("ok", ["2026-11-25"])
    server.quirks.publishing_lag = timedelta(0)
    await alone.sync()
    assert (await month(alone))["used"] == plain(truth(server, datetime(2026, 11, 25, tzinfo=UTC)))


async def test_a_late_correction_is_found_by_an_ordinary_sync(
    alone: App, server: AnthropicServer
) -> None:
    """Three weeks later a day changes: its figure does too, and that is recorded."""
    server.world.anthropic.restate(FIRST + DAY, 1.5)
    (report,) = (await alone.sync()).connections
    assert report.restated_days == [FIRST + DAY]
    assert (await month(alone))["used"] == plain(truth(server, EXPORT))


async def test_the_older_report_counts_each_day_once(alone: App, server: AnthropicServer) -> None:
    """Once analytics is refused, all days come from the report, and that is said."""
    server.quirks.on(Quirk.HIPAA)
    await alone.sync()
    found = await month(alone)
    assert found["used"] == plain(truth(server, alone.clock()))
    status = await alone.ask("status")
    assert "Only the older cost report could be read" in str(status)


async def test_a_balance_is_entered(
    simulators: Harness, variables: dict[str, Any], server: AnthropicServer
) -> None:
    """Anthropic reports none, so it says how to enter it; then what is left is estimated. The
    closed month's statement is the truth."""
    october = Period(date(2026, 10, 1), FIRST)
    async with simulators.app(**variables) as opened:
        await opened.sync_nothing_before(october.start)
    async with simulators.run(**variables):
        assert "balance set anthropic" in await simulators.ask("balance")
        entered = "/aicost balance set anthropic 9000 at 2026-11-01"
        await simulators.slack.say(MANAGER, COSTS, entered)
        left = Decimal(9000) - truth(server, EXPORT)
        assert f"Anthropic: about ${left:,.0f} left" in await simulators.ask("balance")
        spent = server.world.truth.used("anthropic", october)
        statement = await simulators.ask("statement october")
        assert f"${spent:,.2f}" in statement
        outside = "use through Amazon Bedrock, Google Vertex AI"
        assert f"Not included: Anthropic: {outside}" in statement
        details = await simulators.ask("why anthropic yesterday details")
        assert f"Not included for Anthropic: {outside}" in details
        assert outside not in await simulators.ask("why anthropic yesterday")
