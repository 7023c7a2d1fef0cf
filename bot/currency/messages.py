"""Amounts in the reporting currency, in words."""

from decimal import Decimal

from bot.currency.models import ReportingCurrency
from bot.slack.blocks import escape
from bot.wording import day, money


def reporting_lines(
    reporting: ReportingCurrency | None, dollars: Decimal | None, *, is_complete: bool
) -> list[str]:
    """``About 5,202.79 EUR, at the reference rate of 27 Nov (1 USD = 0.9123 EUR).`` in mrkdwn;
    empty without a reporting currency, or if the amount is unknown."""
    if reporting is None or dollars is None:
        return []
    rate, code = reporting.rate, reporting.currency
    if rate is None:
        return [f"No amount in {code}: {escape(reporting.reason or '')}"]
    about = "About" if is_complete else "At least about"
    at = f"1 USD = {rate.per_dollar.normalize():f} {code}"
    amount = money(reporting.amount_of(dollars), code)
    return [f"{about} {amount}, at the reference rate of {day(rate.day)} ({at})."]
