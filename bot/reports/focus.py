"""Charges as rows with FOCUS 1.2 column names, for spreadsheets and cost tools.

`EffectiveCost` is consumption at the provider's price. Its sum is the spend that every other answer
shows. `BilledCost` is what is invoiced: the same for a postpaid connection, nothing for a prepaid
one, whose invoice was the purchase of the balance. A known purchase is a row of its own, and so is
its fee. `ContractedCost` is what providers charge. `ListCost` is the same before discounts; it is
empty where charges are after discounts and list prices aren't known. Times are UTC, the end
exclusive.
Columns that FOCUS does not define begin with ``x_``.
"""

import csv
import io
import json
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.ledger.models import ChargeRow
from providers.money import plain
from providers.period import DAY, Period
from providers.redaction import visible

Record = Mapping[str, str | None]
Titles = Mapping[str, str]
"""The title of each provider."""
_NOTHING = "0.000000000"
_SIGNS = ("=", "+", "-", "@")
_CONTROLS = ("\t", "\r", "\n")
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
        return {**_usage(row, titles), **_purchase(row.purchase, is_fee=row.is_fee)}
    return _usage(row, titles)


def _purchase(amount: Decimal, *, is_fee: bool) -> Record:
    """Return the columns of a purchase of credit: billed when bought, consumed later."""
    what = "Fee on prepaid credit, as configured" if is_fee else "Prepaid credit"
    return {
        "BilledCost": plain(amount),
        "ChargeCategory": "Purchase",
        "ChargeDescription": f"{what}, without taxes",
        "ChargeFrequency": "One-Time",
        "ContractedCost": plain(amount),
        "ListCost": plain(amount),
        "PricingQuantity": "1" if is_fee else plain(amount),
        "PricingUnit": "fees" if is_fee else "USD",
        "SkuId": "fee" if is_fee else "credit",
        "SkuPriceId": "fee" if is_fee else "credit",
        "x_ByokEstimate": None,
    }


def _usage(row: ChargeRow, titles: Titles) -> Record:
    cost = plain(row.effective_cost)
    title = titles.get(row.provider, row.provider)
    month = Period.of_month(row.day)
    return {
        "BilledCost": cost if row.billing == "postpaid" else _NOTHING,
        "EffectiveCost": cost,
        "BillingCurrency": "USD",
        "BillingPeriodStart": _moment(month.start),
        "BillingPeriodEnd": _moment(month.end),
        "ChargePeriodStart": _moment(row.day),
        "ChargePeriodEnd": _moment(row.day + DAY),
        "ChargeCategory": "Credit" if _is_credit(row) else "Usage",
        "ChargeDescription": row.sku_id,
        "ServiceProviderName": title,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": f"{title} API",
        "SubAccountId": row.sub_account_id,
        "SubAccountName": row.sub_account_name,
        "SkuId": row.sku_id,
        "SkuMeter": row.meter,
        "ConsumedQuantity": _quantity(row),
        "ConsumedUnit": row.unit,
        "ServiceSubcategory": "Generative AI",
        "BillingAccountId": row.connection,
        "BillingAccountName": row.title,
        "InvoiceId": None,
        "ChargeClass": None,
        "ChargeFrequency": "One-Time" if _is_credit(row) else "Usage-Based",
        "ContractedCost": cost,
        "ListCost": _list_cost(row),
        "PricingQuantity": _quantity(row),
        "PricingUnit": row.unit,
        "PricingCategory": None if _is_credit(row) else "Standard",
        "ProviderName": title,
        "PublisherName": title,
        "InvoiceIssuerName": title,
        "SkuPriceId": row.sku_id,
        "x_Connection": row.connection,
        "x_Billing": row.billing,
        "x_Model": row.model,
        "x_ByokEstimate": plain(row.byok_estimate),
    }


def _list_cost(row: ChargeRow) -> str | None:
    """Return the cost at list prices; None if discounts were taken off and it isn't known."""
    if row.list_cost is None:
        return None if row.has_discounts else plain(row.effective_cost)
    return plain(row.list_cost)


def _is_credit(row: ChargeRow) -> bool:
    """Return True if money was given back without any consumption."""
    return row.effective_cost < 0 and not row.quantity


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


def csv_line(cells: Sequence[str]) -> str:
    """One line of CSV, which ends with a line feed."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def _cell(column: str, value: str | None) -> str:
    if value is None:
        return ""
    return safe_cell(value) if column in TEXT_COLUMNS else value


def safe_cell(value: str) -> str:
    """Return text from outside on one line, with a leading apostrophe if a spreadsheet would run
    it."""
    line = value.replace("\r", " ").replace("\n", " ")  # not every reader minds quotes
    return f"'{line}" if _is_formula(value) else line


def _is_formula(value: str) -> bool:
    """Return True if a spreadsheet may run it as a formula. Programs skip blanks and invisible
    characters, and accept full-width signs."""
    if value.startswith(_CONTROLS):
        return True
    return visible(unicodedata.normalize("NFKC", value)).lstrip().startswith(_SIGNS)


def _quantity(row: ChargeRow) -> str | None:
    return None if row.quantity is None else f"{row.quantity:f}"


def _moment(day: date) -> str:
    return f"{day}T00:00:00Z"
