"""Amounts in the reporting currency, in words."""

from decimal import Decimal

from bot.currency.models import ReportingCurrency, reporting_text
from bot.slack.blocks import escape


def reporting_lines(
    reporting: ReportingCurrency | None, *dollars: Decimal | None, is_complete: bool
) -> list[str]:
    """Return `reporting_text` in mrkdwn; empty if there is none."""
    text = reporting_text(reporting, *dollars, is_complete=is_complete)
    return [] if text is None else [escape(text)]
