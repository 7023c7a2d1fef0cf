"""Charges as rows with FOCUS 1.2 column names, for spreadsheets and cost tools.

`EffectiveCost` is consumption at the provider's price. Its sum is the spend that every other answer
shows. `BilledCost` is what is invoiced: the same for a postpaid connection, nothing for a prepaid
one, whose invoice was the purchase of the balance. A known purchase is a row of its own, and so is
its fee. Credit taken back is a purchase below zero: FOCUS counts refunds in the category of what
they give back. `ContractedCost` is what providers charge. `ListCost` is the same before discounts;
it is empty where charges are after discounts and list prices aren't known. Providers report no unit
prices of use. One is filled in where it is certain: a price in hundredths of a cent that gives the
cost again to the nano-dollar. What changed after a month had closed is a row with `ChargeClass`
Correction. Times are UTC, the end exclusive.

Columns that FOCUS does not define begin with ``x_``.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from datetime import date
from decimal import Decimal

from bot.ledger.models import ChargeRow
from bot.reports.csv_text import csv_line, safe_cell
from providers.catalog import publisher_of
from providers.money import plain, to_nano
from providers.period import DAY, Period, utc_day

Record = Mapping[str, str | None]
Titles = Mapping[str, str]
"""The title of each provider."""
_NOTHING = "0.000000000"
_PRICE_STEP = Decimal("0.0001")
"""Prices of lists, in dollars for a pricing unit, have no more decimals."""
_LEAST_PRICED = Decimal("0.01")
"""Pricing units. With fewer, many prices give the same cost in nano-dollars."""
_UNITS = {
    "tokens": ("Tokens", "1000000 Tokens", 6),
    "1000_tokens": ("1000 Tokens", "1000000 Tokens", 3),
    "characters": ("Characters", "1000000 Characters", 6),
    "requests": ("Requests", "1000 Requests", 3),
    "calls": ("Calls", "1000 Calls", 3),
    "duration_seconds": ("Seconds", "Seconds", 0),
    "duration_minutes": ("Minutes", "Minutes", 0),
    "duration_hours": ("Hours", "Hours", 0),
    "gibibyte_hours": ("GiB-Hours", "GiB-Hours", 0),
}
"""By a provider's unit: FOCUS's name of it, the unit that price lists name, and how many digits
that is larger. Requests are Anthropic's web searches, calls are OpenAI's."""
_TOKENS = ("tokens", "1000_tokens")
COLUMNS = (
    "BilledCost",
    "EffectiveCost",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeDescription",
    "ServiceProviderName",
    "ServiceCategory",
    "ServiceName",
    "SubAccountId",
    "SubAccountName",
    "SkuId",
    "SkuMeter",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ServiceSubcategory",
    "BillingAccountId",
    "BillingAccountName",
    "InvoiceId",
    "ChargeClass",
    "ChargeFrequency",
    "ContractedCost",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "PricingCategory",
    "ProviderName",
    "PublisherName",
    "InvoiceIssuerName",
    "SkuPriceId",
    "SkuPriceDetails",
    "ListUnitPrice",
    "ContractedUnitPrice",
    "x_Connection",
    "x_Billing",
    "x_Model",
    "x_ByokEstimate",
)
TEXT_COLUMNS = frozenset(
    {
        "ChargeDescription",
        "ServiceProviderName",
        "ServiceName",
        "SubAccountId",
        "SubAccountName",
        "SkuId",
        "SkuMeter",
        "ConsumedUnit",
        "BillingAccountId",
        "BillingAccountName",
        "PricingUnit",
        "ProviderName",
        "PublisherName",
        "InvoiceIssuerName",
        "SkuPriceId",
        "x_Connection",
        "x_Model",
    }
)


def focus_record(row: ChargeRow, titles: Titles) -> Record:
    """Return one charge under FOCUS names; amounts in plain notation with nine decimals."""
    if row.purchase is not None:
        return {**_usage(row, titles), **_purchase(row.purchase, row.currency, is_fee=row.is_fee)}
    return _usage(row, titles)


def _purchase(amount: Decimal, currency: str, *, is_fee: bool) -> Record:
    """Return the columns of a purchase of credit: billed when bought, consumed later. Below zero,
    it is taken back."""
    what = "Fee on prepaid credit, as configured" if is_fee else "Prepaid credit"
    if amount < 0:
        what = "Prepaid credit taken back"
    unit_price = plain(amount if is_fee else Decimal(1))
    return {
        "BilledCost": plain(amount),
        "BillingCurrency": currency,
        "ChargeCategory": "Purchase",
        "ChargeDescription": f"{what}, without taxes",
        "ChargeFrequency": "One-Time",
        "ContractedCost": plain(amount),
        "ListCost": plain(amount),
        "ListUnitPrice": unit_price,
        "ContractedUnitPrice": unit_price,
        "PricingQuantity": "1.0" if is_fee else plain(amount),
        "PricingUnit": "fees" if is_fee else currency,
        "SkuId": "fee" if is_fee else "credit",
        "SkuMeter": "fee" if is_fee else "credit",
        "SkuPriceId": "fee" if is_fee else "credit",
        "x_ByokEstimate": None,
    }


def _usage(row: ChargeRow, titles: Titles) -> Record:
    cost = plain(row.effective_cost)
    title = titles.get(row.provider, row.provider)
    found = row.corrected_at
    month = Period.of_month(utc_day(found) if found else row.day)
    is_counted = row.unit is not None and not row.is_credit  # a number of nothing says nothing
    quantity = row.quantity if is_counted else None
    consumed_in, priced_in, digits = _units(None if quantity is None else row.unit)
    priced = None if quantity is None else quantity.scaleb(-digits)
    list_cost = _list_cost(row)
    return {
        "BilledCost": cost if row.billing == "postpaid" else _NOTHING,
        "EffectiveCost": cost,
        "BillingCurrency": "USD",
        "BillingPeriodStart": _moment(month.start),
        "BillingPeriodEnd": _moment(month.end),
        "ChargePeriodStart": _moment(row.day),
        "ChargePeriodEnd": _moment(row.day + DAY),
        "ChargeCategory": "Credit" if row.is_credit else "Usage",
        "ChargeDescription": _description(row),
        "ServiceProviderName": title,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": f"{title} API",
        "SubAccountId": row.sub_account_id,
        # OpenRouter names workspaces and gives no id: the ledger has their name as the id.
        "SubAccountName": row.sub_account_name or row.sub_account_id,
        "SkuId": row.sku_id,
        "SkuMeter": row.meter,
        "ConsumedQuantity": None if quantity is None else _number(quantity),
        "ConsumedUnit": consumed_in,
        "ServiceSubcategory": "Generative AI",
        "BillingAccountId": row.connection,
        "BillingAccountName": row.title,
        "InvoiceId": None,
        "ChargeClass": "Correction" if found else None,
        "ChargeFrequency": "One-Time" if row.is_credit else "Usage-Based",
        "ContractedCost": cost,
        "ListCost": None if list_cost is None else plain(list_cost),
        "PricingQuantity": None if priced is None else _number(priced),
        "PricingUnit": priced_in,
        "PricingCategory": None if row.is_credit else "Standard",
        "ProviderName": title,
        "PublisherName": publisher_of(row.provider, row.model) or title,
        "InvoiceIssuerName": title,
        "SkuPriceId": row.sku_id,
        "SkuPriceDetails": None,
        "ListUnitPrice": _unit_price(row, list_cost, priced),
        "ContractedUnitPrice": _unit_price(row, row.effective_cost, priced),
        "x_Connection": row.connection,
        "x_Billing": row.billing,
        "x_Model": row.model,
        "x_ByokEstimate": plain(row.byok_estimate),
    }


def _list_cost(row: ChargeRow) -> Decimal | None:
    """Return the cost at list prices; None if discounts were taken off and it isn't known."""
    if row.list_cost is None:
        return None if row.has_discounts else row.effective_cost
    return row.list_cost


def _unit_price(row: ChargeRow, cost: Decimal | None, quantity: Decimal | None) -> str | None:
    """Return the price of one pricing unit if it is certain. A cost divided by a quantity is no
    price if a part was free, or if the row has several meters or prices: then it hardly ever is a
    whole number of hundredths of a cent. A correction is a difference of two charges."""
    if cost is None or quantity is None or quantity < _LEAST_PRICED:
        return None
    is_mixed = row.meter is None and row.unit in _TOKENS
    if is_mixed or row.corrected_at is not None:
        return None
    price = (cost / quantity).quantize(_PRICE_STEP)
    is_exact = price > 0 and to_nano(price * quantity) == to_nano(cost)
    return plain(price) if is_exact else None


def _description(row: ChargeRow) -> str | None:
    if row.corrected_at is None:
        return row.sku_id
    of_what = f" of {row.sku_id}" if row.sku_id else ""
    return f"Correction{of_what}, found on {utc_day(row.corrected_at)}"


async def csv_lines(rows: AsyncIterable[ChargeRow], titles: Titles) -> AsyncGenerator[str, None]:
    """Yield CSV, the header first; lines end with a line feed.

    Text from outside that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    yield csv_line(COLUMNS)
    async for row in rows:
        record = focus_record(row, titles)
        yield csv_line([_cell(column, record[column]) for column in COLUMNS])


async def json_lines(rows: AsyncIterable[ChargeRow], titles: Titles) -> AsyncGenerator[str, None]:
    """Yield one JSON object per line; unknown values are null."""
    async for row in rows:
        yield json.dumps(focus_record(row, titles), ensure_ascii=False) + "\n"


def _cell(column: str, value: str | None) -> str:
    if value is None:
        return ""
    return safe_cell(value) if column in TEXT_COLUMNS else value


def _units(unit: str | None) -> tuple[str | None, str | None, int]:
    """Return the units of consumption and of price, and how many digits the latter is larger.
    FOCUS writes units with a capital. An unknown one is priced as it is counted."""
    if unit is None:
        return None, None, 0
    named = unit[:1].upper() + unit[1:]
    return _UNITS.get(unit, (named, named, 0))


def _number(value: Decimal) -> str:
    """Return all digits of a quantity, without exponent or needless zeros. FOCUS's quantities are
    decimals: a whole one ends in ``.0``, since its validator takes others for integers."""
    whole, _, rest = f"{value:f}".partition(".")
    return f"{whole}.{rest.rstrip('0') or '0'}"


def _moment(day: date) -> str:
    return f"{day}T00:00:00Z"
