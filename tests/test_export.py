"""Exported charges: FOCUS columns, what was billed, and no formula from outside."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.ledger.models import ChargeRow
from bot.reports.focus import COLUMNS, csv_lines, focus_record, json_lines
from providers.catalog import ALL
from providers.openrouter.makers import maker_of

TITLES = {"openai": "OpenAI", "openrouter": "OpenRouter"}
ROW = ChargeRow(
    connection="research",
    provider="openai",
    title="OpenAI (research)",
    billing="postpaid",
    day=date(2026, 12, 31),
    sub_account_id="proj_1",
    sub_account_name="search",
    sku_id="gpt-5, input",
    model="gpt-5",
    meter="input",
    effective_cost=Decimal("0.00000000123"),
    byok_estimate=Decimal(0),
    quantity=Decimal("1E+3"),
    unit="tokens",
)


async def rows(*given: ChargeRow) -> AsyncIterator[ChargeRow]:
    for row in given:
        yield row


def test_what_is_billed_depends_on_the_billing_mode() -> None:
    """Postpaid usage is billed at its cost; prepaid usage draws on what was billed before."""
    postpaid = focus_record(ROW, TITLES)
    prepaid = focus_record(replace(ROW, billing="prepaid"), TITLES)
    assert postpaid["BilledCost"] == postpaid["EffectiveCost"] == "0.000000001"
    assert (prepaid["BilledCost"], prepaid["EffectiveCost"]) == ("0.000000000", "0.000000001")


def test_list_prices_are_shown_only_where_charges_are_at_them() -> None:
    """They are empty for a provider whose charges are after discounts, but for purchases, unless it
    reports them."""
    discounted = replace(ROW, has_discounts=True)
    record = focus_record(discounted, TITLES)
    assert (record["ListCost"], record["ContractedCost"]) == (None, "0.000000001")
    assert focus_record(ROW, TITLES)["ListCost"] == "0.000000001"
    listed = focus_record(replace(discounted, list_cost=Decimal("0.000000002")), TITLES)
    assert (listed["ListCost"], listed["ContractedCost"]) == ("0.000000002", "0.000000001")
    bought = replace(discounted, effective_cost=Decimal(0), purchase=Decimal(100))
    assert focus_record(bought, TITLES)["ListCost"] == "100.000000000"


def test_purchases_credits_and_fees_are_rows_of_their_own() -> None:
    """A purchase and its fee are billed and not consumed; what was given back is a credit."""
    bought = replace(ROW, billing="prepaid", effective_cost=Decimal(0), purchase=Decimal(100))
    fee = replace(bought, purchase=Decimal("5.5"), is_fee=True)
    for row, billed in ((bought, "100.000000000"), (fee, "5.500000000")):
        record = focus_record(row, TITLES)
        assert (record["ChargeCategory"], record["ChargeFrequency"]) == ("Purchase", "One-Time")
        assert record["BilledCost"] == record["ListCost"] == record["ContractedCost"] == billed
        assert record["EffectiveCost"] == "0.000000000"
    taken_back = focus_record(replace(bought, purchase=Decimal(-120), currency="CNY"), TITLES)
    assert taken_back["BilledCost"] == "-120.000000000"
    assert taken_back["ChargeCategory"] == "Purchase"
    assert taken_back["ChargeDescription"] == "Prepaid credit taken back, without taxes"
    assert (taken_back["ListUnitPrice"], taken_back["SkuMeter"]) == ("1.000000000", "credit")
    assert taken_back["BillingCurrency"] == taken_back["PricingUnit"] == "CNY"
    given = replace(ROW, effective_cost=Decimal(-60), quantity=None, unit=None)
    assert focus_record(given, TITLES)["ChargeCategory"] == "Credit"
    assert focus_record(ROW, TITLES)["ChargeCategory"] == "Usage"


@pytest.mark.parametrize(
    ("provider", "model", "publisher"),
    [
        ("openai", "gpt-5", "OpenAI"),
        ("openrouter", "anthropic/claude-sonnet-5:free", "Anthropic"),
        ("openrouter", "newcomer/first", "newcomer"),
        ("openrouter", "without-author", "OpenRouter"),
        ("openrouter", None, "OpenRouter"),
    ],
)
def test_the_publisher_made_the_model(provider: str, model: str | None, publisher: str) -> None:
    """The provider sells and invoices it."""
    record = focus_record(replace(ROW, provider=provider, model=model), TITLES)
    assert record["PublisherName"] == publisher
    assert record["ProviderName"] == record["InvoiceIssuerName"] == TITLES[provider]


def test_a_maker_has_the_name_that_it_has_as_a_provider() -> None:
    """A table by publisher adds up what was bought directly and what OpenRouter sold."""
    for kind in ALL:
        author = {"xai": "x-ai"}.get(kind.name, kind.name)
        assert maker_of(f"{author}/model") == kind.title


@pytest.mark.parametrize(
    ("quantity", "unit", "consumed", "priced"),
    [
        ("1234567", "tokens", ("1234567.0", "Tokens"), ("1.234567", "1000000 Tokens")),
        ("2E+6", "tokens", ("2000000.0", "Tokens"), ("2.0", "1000000 Tokens")),
        ("1500.5", "1000_tokens", ("1500.5", "1000 Tokens"), ("1.5005", "1000000 Tokens")),
        ("250", "requests", ("250.0", "Requests"), ("0.25", "1000 Requests")),
        ("310", "calls", ("310.0", "Calls"), ("0.31", "1000 Calls")),
        ("60", "duration_seconds", ("60.0", "Seconds"), ("60.0", "Seconds")),
        ("3", "images", ("3.0", "Images"), ("3.0", "Images")),
        ("0", "tokens", ("0.0", "Tokens"), ("0.0", "1000000 Tokens")),
    ],
)
def test_quantities_are_priced_in_the_unit_of_price_lists(
    quantity: str, unit: str, consumed: tuple[str, str], priced: tuple[str, str]
) -> None:
    """Exactly, and without exponents."""
    record = focus_record(replace(ROW, quantity=Decimal(quantity), unit=unit), TITLES)
    assert (record["ConsumedQuantity"], record["ConsumedUnit"]) == consumed
    assert (record["PricingQuantity"], record["PricingUnit"]) == priced


@pytest.mark.parametrize(
    ("cost", "quantity", "meter", "price"),
    [
        ("4.809613750", "3847691", "input", "1.250000000"),
        ("3.559613750", "3847691", "input", None),  # a million of them was free
        ("0.000001250", "1", "input", None),  # many prices give that
        ("4.809613750", "3847691", None, None),  # input and output together
        ("0.000000000", "3847691", "input", None),
    ],
)
def test_a_unit_price_of_use_is_shown_where_it_is_certain(
    cost: str, quantity: str, meter: str | None, price: str | None
) -> None:
    """It gives the cost again to the nano-dollar: of the list, and of what was charged."""
    used = replace(ROW, effective_cost=Decimal(cost), quantity=Decimal(quantity), meter=meter)
    record = focus_record(used, TITLES)
    assert record["ListUnitPrice"] == record["ContractedUnitPrice"] == price
    dearer = focus_record(replace(used, has_discounts=True, list_cost=used.effective_cost * 2), {})
    assert dearer["ListUnitPrice"] == (price and "2.500000000")
    assert dearer["ContractedUnitPrice"] == price
    unlisted = focus_record(replace(used, has_discounts=True), TITLES)
    assert (unlisted["ListUnitPrice"], unlisted["ContractedUnitPrice"]) == (None, price)
    changed = replace(used, corrected_at=datetime(2027, 1, 18, tzinfo=UTC))
    assert focus_record(changed, TITLES)["ListUnitPrice"] is None


def test_calls_have_a_price_without_a_meter() -> None:
    """They are of one kind."""
    calls = replace(ROW, effective_cost=Decimal("1.64"), quantity=Decimal(164), unit="calls")
    assert focus_record(replace(calls, meter=None), TITLES)["ListUnitPrice"] == "10.000000000"


def test_periods_are_half_open_utc_moments() -> None:
    """The day and its month, over the end of the year too."""
    record = focus_record(ROW, TITLES)
    assert record["ChargePeriodStart"] == "2026-12-31T00:00:00Z"
    assert record["ChargePeriodEnd"] == "2027-01-01T00:00:00Z"
    assert record["BillingPeriodStart"] == "2026-12-01T00:00:00Z"
    assert record["BillingPeriodEnd"] == "2027-01-01T00:00:00Z"


def test_amounts_never_carry_an_exponent() -> None:
    """Quantities and costs are plain numbers."""
    record = focus_record(ROW, TITLES)
    assert record["ConsumedQuantity"] == "1000.0"
    assert tuple(record) == COLUMNS


@pytest.mark.parametrize(
    "name",
    [
        *('=HYPERLINK("x")', "+1", "-1", "@sum", "\t=1", "\r=1"),
        *("\uff1d1+1", " =1+1", "\u3000\uff0b1", "\u200b=1", "\u202e-1", "\ufe66=1", "\ufeff @x"),
    ],
)
async def test_no_formula_from_outside_runs_in_a_spreadsheet(name: str) -> None:
    """A name that a spreadsheet would execute is led by an apostrophe; numbers are left alone."""
    hostile = replace(ROW, sub_account_name=name, effective_cost=Decimal(-5))
    text = "".join([line async for line in csv_lines(rows(hostile), TITLES)])
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["SubAccountName"] == f"'{name}".replace("\r", " ")
    assert row["EffectiveCost"] == "-5.000000000"


async def test_what_is_not_known_is_empty_or_null() -> None:
    """Nothing is made up: an absent quantity is no zero."""
    bare = replace(ROW, sub_account_id=None, sub_account_name=None, quantity=None, unit=None)
    text = "".join([line async for line in csv_lines(rows(bare), TITLES)])
    [row] = csv.DictReader(io.StringIO(text))
    assert row["ConsumedQuantity"] == row["SubAccountName"] == ""
    [line] = [line async for line in json_lines(rows(bare), TITLES)]
    assert json.loads(line)["ConsumedQuantity"] is None
    of_no_unit = focus_record(replace(bare, quantity=Decimal(900)), TITLES)
    assert of_no_unit["ConsumedQuantity"] is of_no_unit["PricingQuantity"] is None


def test_a_project_without_a_known_name_goes_by_its_id() -> None:
    """OpenRouter names its workspaces and gives no id."""
    assert focus_record(replace(ROW, sub_account_name=None), TITLES)["SubAccountName"] == "proj_1"


async def test_an_empty_period_is_a_header_alone() -> None:
    """CSV keeps its columns, JSON lines are none."""
    assert [line async for line in csv_lines(rows(), TITLES)] == [",".join(COLUMNS) + "\n"]
    assert [line async for line in json_lines(rows(), TITLES)] == []
