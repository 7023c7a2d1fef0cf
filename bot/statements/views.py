"""The modal in which a person enters what a connection was invoiced for a month."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.language.amounts import dollars
from bot.language.statement import Invoice, last_month, month_text, month_words
from bot.ledger.models import Connection
from bot.scope import Scope
from bot.slack.blocks import context
from bot.slack.fields import Option, field, form, number, select
from bot.slack.forms import FormErrors, Submission
from bot.wording import tidy
from providers.period import DAY, Period

INVOICE_FORM = "aicost.invoice.form"
CONNECTION = "connection"
MONTH = "month"
AMOUNT = "amount"
MONTHS = 24
"""Ended months that the menu offers."""


def invoice_view(connections: Sequence[Connection], about: str, today: date) -> dict[str, Any]:
    """Return the modal. `about` is the button's value: the month, and the scope if there is one.

    Raises `ValueError` if there is no connection.
    """
    if not connections:
        raise ValueError("nothing is visible as a whole")
    month, _, scope = about.partition(" ")
    first = sorted(connections, key=lambda each: scope not in (each.name, each.provider))
    names = [Option(tidy(each.title), each.name) for each in first]
    months = [Option(month_words(each), month_text(each)) for each in _months(today)]
    chosen = month if any(each.value == month for each in months) else months[0].value
    return form(
        INVOICE_FORM,
        "Enter invoice",
        "Save",
        [
            field(CONNECTION, "Connection", select(names, names[0].value)),
            field(MONTH, "Month", select(months, chosen)),
            field(
                AMOUNT,
                "Invoice total",
                number(decimals=True),
                hint="As on the invoice, taxes included. In US dollars, or in the currency of the "
                "connection's balance if that is another. Empty: remove what was entered.",
                optional=True,
            ),
            context(["The statement then shows how it differs from the known figures."]),
        ],
    )


def read_invoice(sent: Submission, today: date) -> Invoice | FormErrors:
    """Return the command, or what to fix under each field."""
    offered = {month_text(each): each for each in _months(today)}
    month, text = offered.get(sent.text(MONTH)), sent.text(AMOUNT)
    errors = {}
    if month is None:
        errors[MONTH] = "Choose a month that has ended."
    amount = dollars(text)
    if amount is None and text:
        if text.strip("0.") == "":
            amount = Decimal(0)
        else:
            errors[AMOUNT] = "Enter an amount of $0 or more."
    if errors or month is None:
        return FormErrors(errors)
    return Invoice(Scope("connection", sent.text(CONNECTION)), month, amount)


def _months(today: date) -> list[Period]:
    """Return the last ended months, newest first."""
    months = [last_month(today)]
    while len(months) < MONTHS:
        months.append(Period.of_month(months[-1].start - DAY))
    return months
