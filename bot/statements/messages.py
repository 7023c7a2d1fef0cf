"""A month's statement in Slack, and messages about invoices."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.language.names import whole_text
from bot.language.statement import Statement, month_text, month_words
from bot.language.text import text_of
from bot.reports.messages.suggestions import CSV, ask, share
from bot.scope import Scope
from bot.slack import openers
from bot.slack.blocks import (
    actions,
    button,
    context,
    escape,
    header,
    message_of,
    name,
    paragraphs,
    section,
)
from bot.slack.charts import Amount, Cell, data_table
from bot.slack.message import Block, Message
from bot.statements.models import AccountStatement, InvoiceEntered, MonthStatement
from bot.statements.notes import (
    TAXES,
    account_notes,
    closing_note,
    correction_notes,
    invoice_notes,
    outside_notes,
    reporting_note,
    rounding_notes,
    spent_text,
    total_text,
)
from bot.wording import UNKNOWN, money, signed, tidy
from providers.money import cents, total

ROWS = 50
NOTED = 8
"""Most notes under a table; the files have all."""
_NONE = "–"


def statement_message(statement: MonthStatement) -> Message:
    """Render a row for each connection, and what the figures leave open."""
    month = month_text(statement.month)
    title = f"Statement {month_words(statement.month)}: {total_text(statement)} spent"
    several = len(statement.accounts) > 1
    notes = [
        f"{name(each.title)}: {escape(note)}" if several else escape(note)
        for each in statement.accounts
        for note in account_notes(each)
    ]
    file = text_of(replace(statement.query, is_file=True))
    if len(notes) > NOTED:
        rest = f"In the files: {len(notes) - NOTED} more (`/aicost {escape(file)}`)."
        notes = [*notes[:NOTED], rest]
    outside = " ".join(escape(each) for each in outside_notes(statement))
    about = statement.query.scope
    scope = f"{whole_text(about)} " if about else ""
    buttons = [
        button("Get files", CSV, file, spoken="Get the statement as CSV and Markdown files"),
        openers.invoice(month, about.name if about else None),
        ask("By model", f"{scope}{month} by model"),
        ask("By project", f"{scope}{month} by project"),
        share(text_of(statement.query)),
    ]
    accounts = statement.accounts[:ROWS]
    tables = [_table(accounts, month_words(statement.month))] if accounts else []
    blocks = [
        header(title),
        section("\n".join([closing_note(statement), *map(escape, reporting_note(statement))])),
        *tables,
        *_balances(accounts),
        context([*notes, f"Not included: {outside}", *rounding_notes(statement)]),
    ]
    return message_of(blocks, [actions(buttons)])


def _balances(accounts: Sequence[AccountStatement]) -> list[Block]:
    """Return ``*OpenRouter*: $120.00 at the start, $100.00 bought, not explained −$2.00.`` Without
    what is nothing. The balance at the end is in the table; more columns don't fit a phone."""
    lines = []
    for each in accounts:
        if (prepaid := each.prepaid) is None:
            continue
        currency, left = each.currency, prepaid.unexplained
        bought = total(one.amount for one in prepaid.credit if one.amount > 0)
        is_known = prepaid.opening.amount is not None or bool(bought)
        if not is_known and left is None:
            continue  # the notes say why
        parts = [f"{money(prepaid.opening.amount, currency)} at the start"]
        if bought or not is_known:
            parts.append(f"{money(bought, currency) if is_known else UNKNOWN} bought")
        if left is None or cents(left):
            parts.append(f"not explained {UNKNOWN if left is None else signed(left, currency)}")
        lines.append(f"*{name(each.title)}*: {', '.join(parts)}.")
    return paragraphs(lines)


def _table(accounts: Sequence[AccountStatement], month: str) -> Block:
    """Return the connections; with what is left at the end only if one is prepaid, and invoices
    only if there are any."""
    is_prepaid = any(each.prepaid for each in accounts)
    has_invoice = any(each.invoice for each in accounts)
    heads = ["Connection", "Spent", *(["Invoice"] if has_invoice else [])]
    heads += ["Left at the end"] if is_prepaid else []
    rows = []
    for each in accounts:
        row: list[Cell] = [tidy(each.title), _spent(each)]
        if has_invoice:
            row.append(_amount(each.invoice.amount, each.currency) if each.invoice else _NONE)
        if is_prepaid:
            closing = each.prepaid.closing.amount if each.prepaid else None
            row.append(_amount(closing, each.currency) if each.prepaid else _NONE)
        rows.append(row)
    return data_table(f"Statement {month}", heads, rows)


def _amount(amount: Decimal | None, currency: str) -> Cell:
    return UNKNOWN if amount is None else Amount(amount, money(amount, currency))


def _spent(account: AccountStatement) -> Cell:
    if account.used_total is None:
        return UNKNOWN if account.reports_spend else spent_text(account)
    return Amount(account.used_total, spent_text(account))


def invoice_message(entered: InvoiceEntered) -> Message:
    """Return what was saved or deleted, and how it compares with the known figures."""
    title, month = name(entered.account.title), month_words(entered.command.month)
    invoice, currency = entered.account.invoice, entered.account.currency
    if invoice is None:
        what = f"Removed the invoice of {title} for {month}."
        if entered.did == "nothing":
            what = f"No invoice of {title} is entered for {month}."
        lines = [what]
    else:
        lead = "Nothing changed: this was already saved" if entered.did == "nothing" else "Saved"
        was = (
            f" Before: {money(entered.before, currency)}."
            if entered.did == "set" and entered.before
            else ""
        )
        lines = [
            f"{lead}: *{money(invoice.amount, currency)}* invoiced by {title} for {month}.{was}"
        ]
        notes = [*invoice_notes(entered.account), *correction_notes(entered.account)]
        lines += [escape(note) for note in notes]
        lines.append(TAXES)
    query = Statement(Scope("connection", entered.account.name), entered.command.month)
    return message_of([section("\n".join(lines)), actions([ask("Statement", text_of(query))])])
