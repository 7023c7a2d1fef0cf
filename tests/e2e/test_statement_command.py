"""`aicost statement` from outside."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.language.statement import last_month, month_text
from providers.money import plain
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders


@pytest.fixture
def clock() -> DemoClock:
    """The present, standing still."""
    return DemoClock(datetime.now(UTC))


async def test_a_month_as_csv_and_as_a_page(cli: Any, providers: SimulatedProviders) -> None:
    """Both hold the providers' exact figures; a month that isn't over is refused."""
    month = last_month(providers.world.clock().date())
    await cli("sync", "--since", month.start.isoformat(), **providers.environment)
    table = await cli("statement", **providers.environment)
    assert table.code == 0, table.err
    rows = list(csv.DictReader(io.StringIO(table.out, newline="")))
    used = {row["Connection"]: row["Amount"] for row in rows if row["Line"] == "used total"}
    truth = providers.world.truth
    for provider in ("openai", "openrouter"):
        assert used[provider] == plain(truth.used(provider, month))
    assert Decimal(used["(all)"]) == Decimal(used["openai"]) + Decimal(used["openrouter"])
    options = ("--month", month_text(month), "--connection", "openai", "--format", "md")
    page = await cli("statement", *options, **providers.environment)
    assert page.code == 0, page.err
    assert page.out.startswith("# Statement ")
    assert "OpenRouter" not in page.out
    running = f"{providers.world.clock():%Y-%m}"
    refused = await cli("statement", "--month", running, **providers.environment)
    assert refused.code == 2
    assert "isn't over yet" in refused.err
