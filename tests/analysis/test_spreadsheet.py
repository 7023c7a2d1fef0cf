"""A spreadsheet over the export comes to every total that the bot said."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.app import Services
from bot.cli.printing import answer_json, answer_text
from bot.ledger.export import stream_charges
from bot.reports.focus import csv_lines
from providers.catalog import ALL
from providers.period import Period
from simulators.clock import DemoClock
from tests.harness import App, Harness

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
MONTH = Period(date(2026, 11, 1), date(2026, 11, 25))
Sheet = Sequence[Mapping[str, str]]


@pytest.fixture
def clock() -> DemoClock:
    """A Monday afternoon."""
    return DemoClock(NOW - timedelta(days=1))


@pytest.fixture
async def services(app: App) -> Services:
    """Both providers, read twice; credit was bought in between."""
    await app.sync_nothing_before(date(2026, 10, 1))
    app.providers.world.openrouter.top_up(Decimal(250))
    app.clock.set(NOW)
    await app.sync()
    return app.services


async def sheet_of(services: Services) -> Sheet:
    """The month's export as a spreadsheet reads it."""
    titles = {kind.name: kind.title for kind in ALL}
    lines = csv_lines(stream_charges(services.database, MONTH), titles)
    return list(csv.DictReader(io.StringIO("".join([line async for line in lines]))))


def summed(rows: Sheet, column: str) -> Mapping[tuple[str, str], Decimal]:
    """The effective cost by connection and whatever the column holds."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["ChargeCategory"] == "Usage":
            sums[row["x_Connection"], row[column]] += Decimal(row["EffectiveCost"])
    return {key: amount for key, amount in sums.items() if amount}


async def test_a_spreadsheet_comes_to_every_total(services: Services) -> None:
    """Used in all, of each connection, by model, by project and by day: to the nano."""
    rows = await sheet_of(services)

    async def said(text: str) -> dict[str, Any]:
        return answer_json(await services.ask(text, NOW))

    month = await said("mtd")
    assert f"{sum(Decimal(row['EffectiveCost']) for row in rows):.9f}" == month["used"]["total"]
    for each in month["connections"]:
        own = [row for row in rows if row["x_Connection"] == each["name"]]
        assert f"{sum(Decimal(row['EffectiveCost']) for row in own):.9f}" == each["used"]
    for cut, column in (("model", "x_Model"), ("project", "SubAccountId")):
        reported = {
            (row["connection"], row["id"] or ""): Decimal(row["used"])
            for row in (await said(f"mtd by {cut}"))["breakdown"]["rows"]
            if Decimal(row["used"])
        }
        assert summed(rows, column) == reported, cut
    by_day: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        by_day[row["ChargePeriodStart"][:10]] += Decimal(row["EffectiveCost"])
    for day in month["days"]:
        assert by_day[day["date"]] == Decimal(day["used"])


async def test_what_was_bought_is_billed_and_what_was_used_of_it_is_not(services: Services) -> None:
    """FOCUS: a purchase is billed and costs nothing; use of a prepaid balance is the other way."""
    rows = [row for row in await sheet_of(services) if row["x_Connection"] == "openrouter"]
    (bought,) = [row for row in rows if row["ChargeCategory"] == "Purchase"]
    assert bought["BilledCost"] == "250.000000000"
    assert bought["EffectiveCost"] == "0.000000000"
    assert bought["ChargePeriodStart"] == "2026-11-24T00:00:00Z"
    assert sum(Decimal(row["BilledCost"]) for row in rows) == 250


async def test_a_purchase_fee_is_shown_and_counts_in_no_total(simulators: Harness) -> None:
    """It is the configured one, and marked as such."""
    (simulators.folder / "aicost.toml").write_text(
        '[[connection]]\nname = "router"\nprovider = "openrouter"\npurchase_fee = "5.5%"\n'
    )
    async with simulators.app() as app:
        await app.sync(date(2026, 10, 1))
        answer = await app.services.ask("mtd", app.clock())
    shown = answer_json(answer)
    router = next(each for each in shown["connections"] if each["name"] == "router")
    fee = Decimal(router["used_with_purchase_fee"]) - Decimal(router["used"])
    assert abs(fee - Decimal(router["used"]) * Decimal("0.055")) < Decimal("1e-8")
    known = sum(Decimal(each["used"]) for each in shown["connections"])
    assert Decimal(shown["used"]["total"]) == known
    assert "with the fee for buying credit" in answer_text(answer)
