"""Exported charges: FOCUS columns, what was billed, and no formula from outside."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.ledger.models import ChargeRow
from bot.reports.focus import COLUMNS, csv_lines, focus_record, json_lines

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
    assert record["ConsumedQuantity"] == "1000"
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
    bare = replace(ROW, sub_account_name=None, quantity=None, unit=None)
    text = "".join([line async for line in csv_lines(rows(bare), TITLES)])
    [row] = csv.DictReader(io.StringIO(text))
    assert row["ConsumedQuantity"] == row["SubAccountName"] == ""
    [line] = [line async for line in json_lines(rows(bare), TITLES)]
    assert json.loads(line)["ConsumedQuantity"] is None


async def test_an_empty_period_is_a_header_alone() -> None:
    """CSV keeps its columns, JSON lines are none."""
    assert [line async for line in csv_lines(rows(), TITLES)] == [",".join(COLUMNS) + "\n"]
    assert [line async for line in json_lines(rows(), TITLES)] == []
