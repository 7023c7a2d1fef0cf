"""A statement as one page of Markdown. Pure."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.language.statement import month_words
from bot.statements.compute import moved
from bot.statements.models import AccountStatement, MonthStatement, UsedRow
from bot.statements.notes import (
    account_notes,
    closing_note,
    due,
    outside_notes,
    reporting_note,
    rounding_notes,
    spent_text,
    total_text,
)
from bot.wording import UNKNOWN, day, money, signed, tidy
from providers.money import cents, difference, total
from providers.period import utc_day

ROWS_ON_THE_PAGE = 15
_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
NUMERIC = frozenset({"Amount", "Balance change", "Spent"})
"""Columns that are aligned right."""


def markdown(statement: MonthStatement) -> str:
    """Return the statement as one page."""
    as_of = f"{day(utc_day(statement.now))} {statement.now:%Y %H:%M} UTC"
    spent = f"**{total_text(statement)} spent.** UTC days, US dollars, as of {as_of}."
    parts = [
        f"# Statement {month_words(statement.month)}",
        " ".join([spent, closing_note(statement), *reporting_note(statement)]),
    ]
    for account in statement.accounts:
        parts += [
            f"## {_md(account.title)}{f' ({account.billing})' if account.is_whole else ''}",
            _summary_table(account),
        ]
        if account.used:
            parts.append(_md_table(("Project", "Model", "Spent"), _used_table(account.used)))
        notes = account_notes(account)
        parts += ["\n".join(f"- {_md(note)}" for note in notes)] if notes else []
    parts += ["## Not included", "\n".join(f"- {_md(note)}" for note in outside_notes(statement))]
    parts += rounding_notes(statement, ROWS_ON_THE_PAGE)
    return "\n\n".join(parts) + "\n"


def _summary_table(account: AccountStatement) -> str:
    """Return the amounts of one connection; of a prepaid one also by how much each changes the
    balance, from the opening to the closing one."""
    rows = [*_summary(account), *_invoice_rows(account)]
    if account.prepaid is None:
        return _md_table(("", "Amount"), [(line, amount) for line, amount, _ in rows])
    return _md_table(("", "Amount", "Balance change"), rows)


def _summary(account: AccountStatement) -> list[tuple[str, str, str]]:
    """Return the lines from the opening balance on, without what is nothing. The balance changes
    add up to the closing balance."""
    prepaid, currency, spent = account.prepaid, account.currency, account.used_total
    whole = spent if account.is_complete else None
    if prepaid is None:
        rows = [("Spent", spent_text(account), "")]
        if account.corrections:
            rows.append(("of it corrected later", signed(moved(account.corrections)), ""))
        return rows

    def row(line: str, amount: Decimal | None, change: Decimal | None) -> tuple[str, str, str]:
        return line, money(amount, currency), _signed(change, currency)

    bought = total(each.amount for each in prepaid.credit if each.amount > 0)
    back = total(each.amount for each in prepaid.credit if each.amount < 0)
    known_bought = bought if bought or prepaid.opening.amount is not None else None
    rows = [row("Opening balance", prepaid.opening.amount, prepaid.opening.amount)]
    rows.append(row("Credit bought", known_bought, known_bought))
    rows += [row("Credit taken back", back, back)] if back else []
    rows += [row("Credit expired", prepaid.expired, -prepaid.expired)] if prepaid.expired else []
    change = None if whole is None else -whole
    rows.append(("Spent", spent_text(account), _signed(change, currency)))
    if account.corrections:
        by = moved(account.corrections)
        later = Decimal(0) if prepaid.is_estimated else by
        rows.append(("of it corrected later", signed(by), _signed(later, currency)))
    if earlier := prepaid.earlier_corrections:
        change_now = _signed(-earlier, currency)
        rows.append(("Corrections of earlier months", signed(earlier), change_now))
    if prepaid.unexplained is None or cents(prepaid.unexplained):
        unexplained = _signed(prepaid.unexplained, currency)
        rows.append(("Not explained", unexplained, unexplained))
    return [*rows, ("Closing balance", money(prepaid.closing.amount, currency), "")]


def _invoice_rows(account: AccountStatement) -> Iterator[tuple[str, str, str]]:
    """Yield the fee, and the invoice with its difference. They change no balance."""
    if account.fee:
        yield "Fee on credit bought, as configured", money(account.fee, account.currency), ""
    if account.invoice is not None:
        known = due(account)
        apart = None if known is None else difference(account.invoice.amount, known)
        yield "Invoice, as entered", money(account.invoice.amount, account.currency), ""
        yield "Invoice difference", _signed(apart, account.currency), ""


def _signed(amount: Decimal | None, currency: str) -> str:
    return UNKNOWN if amount is None else signed(amount, currency)


def _used_table(used: Sequence[UsedRow]) -> list[tuple[str, str, str]]:
    rows = [
        (
            _md(each.project or each.project_id or "(unattributed)"),
            _md(each.model or "(unattributed)"),
            money(each.amount),
        )
        for each in used[:ROWS_ON_THE_PAGE]
    ]
    if rest := used[ROWS_ON_THE_PAGE:]:
        rows.append((f"{len(rest)} more, in the CSV", "", money(total(r.amount for r in rest))))
    return rows


def _md_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = "|".join("---:" if each in NUMERIC else "---" for each in heads)
    lines = [f"| {' | '.join(heads)} |", f"|{rule}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _md(text: str) -> str:
    """Return text with names from outside on one line, escaped for Markdown and HTML."""
    plain_text = tidy(text, 600).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", plain_text)
