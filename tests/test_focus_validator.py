"""FinOps's own validator reads an export: of a simulated ledger, and of each kind of row."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.ledger.export import stream_charges
from bot.ledger.models import ChargeRow
from bot.reports.focus import csv_lines
from providers.catalog import ALL
from providers.period import Period
from simulators.anthropic import AnthropicServer
from simulators.clock import DemoClock
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from tests.conftest import MACHINE
from tests.harness import start
from tests.test_export import ROW
from tests.tools import missing

ROOT = Path(__file__).parents[1]
PACKAGES = ("focus-validator==2.2.1", "numpy<2", "pyarrow<20")
CRITERIA = (
    "ACCOUNT_NAMING_SUPPORTED",
    "NEGOTIATED_PRICING_SUPPORTED",
    "PUBLIC_PRICE_LIST_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
)
"""What the providers support and aicost exports."""
EXPECTED = {
    "No provider reports an invoice's number. The other half of this alternative holds.": (
        "InvoiceId-C-005-C",
    ),
    "OpenRouter's charges and other costs name no meter (a SHOULD).": (
        *("SkuMeter-C-000-C", "SkuMeter-C-003-C", "SkuMeter-C-005-C"),
    ),
    "The validator reads CommitmentDiscountStatus, which no provider has.": (
        *("ConsumedQuantity-C-000-C", "ConsumedQuantity-C-003-C", "ConsumedQuantity-C-004-C"),
        *("ConsumedQuantity-C-005-C", "ConsumedQuantity-C-006-C"),
    ),
    "Of virtual or different currencies. The validator applies a rule if one criterion holds.": (
        *("CostAndUsage-D-046-C", "CostAndUsage-D-047-C", "CostAndUsage-D-048-C"),
        *("CostAndUsage-D-050-C", "CostAndUsage-D-051-C", "CostAndUsage-D-052-C"),
        *("CostAndUsage-D-054-C", "CostAndUsage-D-055-C", "CostAndUsage-D-056-C"),
        *(f"PricingCurrencyContractedUnitPrice-C-00{n}-M" for n in (1, 2)),
        *(f"PricingCurrencyEffectiveCost-C-00{n}-M" for n in (1, 2, 3, 4)),
        *(f"PricingCurrencyListUnitPrice-C-00{n}-M" for n in (1, 2, 3, 8)),
        *(f"PricingCurrencyListUnitPrice-C-00{n}-C" for n in (4, 5, 7)),
    ),
}
"""The rules that fail, by reason."""
DAYS = Period(date(2026, 10, 29), date(2026, 11, 1))


def run(
    *command: str | Path, folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=500, check=False
    )


@pytest.fixture(scope="session")
def validator(pytestconfig: pytest.Config) -> Path:
    """The folder in which FOCUS's validator runs: it needs Python 3.12 and comes into an
    environment of its own, by the way in which this machine reaches packages."""
    uv, folder = Path(sys.executable).with_name("uv"), ROOT / ".venv-focus"
    make = ("venv", "-q", "--allow-existing", "--no-python-downloads", "--python", "3.12")
    fill = ("pip", "install", "-q", "--python", folder / "bin" / "python")
    # Where pyenv has that Python, its command fails without being asked for it by name.
    machine = pytestconfig.stash[MACHINE]
    environment = {**machine, "PYENV_VERSION": "3.12"}
    for command in ((*make, folder), (*fill, *PACKAGES)):
        done = run(uv, *command, environment=environment)
        if done.returncode != 0:
            missing(f"focus-validator can't be installed: {done.stderr}")
    return next((folder / "lib").glob("python3.*/site-packages"))


async def simulated(folder: Path) -> list[ChargeRow]:
    """Three days of a month that closed and was corrected then."""
    clock = DemoClock(datetime(2026, 10, 28, 12, tzinfo=UTC))
    async with (
        start(folder, clock) as harness,
        serve_provider(AnthropicServer(harness.providers.world, Quirks())) as anthropic,
        harness.app(**anthropic.environment) as app,
    ):
        await app.sync_nothing_before(DAYS.start)
        router, openai = app.providers.world.openrouter, app.providers.world.openai
        for day, amount in ((29, 500), (30, -120)):
            clock.set(datetime(2026, 10, day, 8, tzinfo=UTC))
            router.top_up(Decimal(amount))
            await app.sync()
        for at in (datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC)):
            clock.set(at)
            await app.sync(DAYS.start)
            router.restate(date(2026, 10, 30), 0.8)
            openai.restate(date(2026, 10, 30), 1.2)
        return [row async for row in stream_charges(app.services.database, DAYS)]


def by_hand() -> list[ChargeRow]:
    """Rows that the simulated providers don't have: credits, fees, and no quantities."""
    prepaid = replace(ROW, provider="openrouter", billing="prepaid", sku_id="z-ai/glm", meter=None)
    bought = replace(prepaid, effective_cost=Decimal(0), purchase=Decimal(100), quantity=None)
    given = replace(ROW, effective_cost=Decimal(-60), quantity=None, unit=None)
    fee = replace(bought, purchase=Decimal("5.5"), is_fee=True)
    abroad = [replace(each, currency="EUR") for each in (bought, fee)]
    found = datetime(2027, 1, 18, tzinfo=UTC)
    cheaper = replace(ROW, effective_cost=Decimal("-1.5"), quantity=Decimal(0), corrected_at=found)
    later = replace(given, corrected_at=found, corrects_credit=True)
    uncounted = replace(cheaper, quantity=None, unit=None)
    used = replace(ROW, effective_cost=Decimal("10.5"))
    return [used, prepaid, given, bought, fee, *abroad, cheaper, later, uncounted]


@pytest.mark.slow
@pytest.mark.longest
async def test_the_file_passes_the_validator_of_focus(validator: Path, tmp_path: Path) -> None:
    """It breaks the rules of FOCUS 1.2 that are listed here with their reasons, and no other."""
    charges = await simulated(tmp_path)
    corrections = {each.provider for each in charges if each.corrected_at is not None}
    assert corrections == {"openai", "openrouter"}
    discounts = {
        each.provider for each in charges if each.list_cost not in (None, each.effective_cost)
    }
    assert discounts == {"anthropic"}
    assert {each.purchase for each in charges} == {None, Decimal(500), Decimal(-120)}

    async def rows() -> AsyncIterator[ChargeRow]:
        for row in [*charges, *by_hand()]:
            yield row

    file = tmp_path / "charges.csv"
    titles = {kind.name: kind.title for kind in ALL}
    lines = [line async for line in csv_lines(rows(), titles)]
    file.write_text("".join(lines), encoding="utf-8")
    command = validator.parents[2] / "bin" / "focus-validator"
    options = ("--block-download", "--validate-version", "1.2.0.1", "--data-file", file)
    criteria = ("--applicability-criteria", ",".join(CRITERIA))
    done = run(command, *options, *criteria, folder=validator)  # it looks for its own data there
    failed = set(re.findall(r"([\w-]+): FAIL", done.stdout))
    assert "Total: " in done.stdout, done.stderr
    assert failed == {rule for rules in EXPECTED.values() for rule in rules}, done.stdout
