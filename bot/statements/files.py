"""A statement as files: CSV to the nano-dollar, and JSON. Pure.

In the CSV, `BalanceChange` is the effect of a line on a prepaid balance: the column's sum over a
connection is its closing balance. The other totals are the sums of `Amount` over lines of one kind.
Unknown values are ``unknown``, never an empty cell or zero.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.language.statement import Statement, month_text
from bot.reports.as_json import reporting_json
from bot.reports.csv_text import csv_line, safe_cell
from bot.statements.models import AccountStatement, MonthStatement, UsedRow
from bot.statements.notes import (
    account_notes,
    due,
)
from bot.wording import UNKNOWN, utc_moment
from providers.money import plain, total

COLUMNS = (
    *("Month", "Connection", "Provider", "Billing", "Line", "Date", "ProjectId", "Project"),
    *("Model", "Amount", "BalanceChange", "Currency", "Note"),
)
NUMBERS = frozenset({"Amount", "BalanceChange"})
_ALL = "(all)"


def file_name(query: Statement, ending: str) -> str:
    """``statement-2026-10.csv``, ``statement-openai-2026-10.md``."""
    scope = (
        f"{re.sub(r'[^0-9a-zA-Z._-]+', '-', query.scope.name)}-"
        if query.scope and query.scope.name
        else ""
    )
    return f"statement-{scope}{month_text(query.month)}.{ending}"


def csv_text(statement: MonthStatement) -> str:
    """Return every line of the statement, the header first; lines end with a line feed."""
    rows = [row for account in statement.accounts for row in _account_rows(account)]
    used = statement.used_total if statement.is_complete else None
    note = "" if used is not None else _least(statement.used_total)
    rows.append(_row("used total", amount=used, note=note))
    month = month_text(statement.month)
    lines = [csv_line(COLUMNS)]
    for row in rows:
        cells = {"Month": month, "Connection": _ALL, "Currency": "USD", **row}
        lines.append(csv_line([_cell(column, cells.get(column, "")) for column in COLUMNS]))
    return "".join(lines)


def _cell(column: str, value: str) -> str:
    return value if column in NUMBERS else safe_cell(value)


def _row(
    line: str,
    *,
    amount: Decimal | None,
    change: Decimal | None = None,
    note: str = "",
    day: str = "",
) -> dict[str, str]:
    """Return one line; `change` None: it changes no balance."""
    return {
        "Line": line,
        "Amount": UNKNOWN if amount is None else plain(amount),
        "BalanceChange": "" if change is None else plain(change),
        "Note": note,
        "Date": day,
    }


def _account_rows(account: AccountStatement) -> Iterator[dict[str, str]]:
    named = {
        "Connection": account.name,
        "Provider": account.provider,
        "Billing": account.billing if account.is_whole else "",
        "Currency": account.currency,
    }
    for row in (*_balance_rows(account), *_outside_rows(account)):
        yield {**named, **row}


def _balance_rows(account: AccountStatement) -> Iterator[dict[str, str]]:
    """Yield the rows from the opening to the closing balance; for a postpaid connection, the
    spend."""
    prepaid = account.prepaid
    if prepaid is not None:
        opening = prepaid.opening
        note = f"read {utc_moment(opening.read_at)}" if opening.read_at else opening.reason or ""
        note = note if opening.amount is not None else opening.reason or ""
        yield _row("opening balance", amount=opening.amount, change=opening.amount, note=note)
        for each in prepaid.credit:
            line = "credit bought" if each.amount > 0 else "credit taken back"
            yield _row(
                line, amount=each.amount, change=each.amount, day=f"{each.at:%Y-%m-%dT%H:%M:%SZ}"
            )
        if prepaid.expired:
            yield _row("credit expired", amount=prepaid.expired, change=-prepaid.expired)
    for used in account.used:
        change = None if prepaid is None else -used.amount
        yield {**_row("used", amount=used.amount, change=change), **_item(used)}
    whole = account.used_total if account.is_complete else None
    note = "" if whole is not None else _least(account.used_total)
    if not account.reports_spend:
        note = "not reported by the provider"
    yield _row("used total", amount=whole, note=note)
    for found in account.corrections:
        by = total((found.after, -found.before))
        yield _row(
            "correction since the month closed",
            amount=by,
            change=None if prepaid is None or prepaid.is_estimated else by,
            day=f"{found.day}",
            note=f"found {utc_moment(found.found_at)}; in used already",
        )
    if prepaid is None:
        return
    if prepaid.earlier_corrections:
        yield _row(
            "correction of earlier months",
            amount=prepaid.earlier_corrections,
            change=-prepaid.earlier_corrections,
        )
    yield _row("not explained", amount=prepaid.unexplained, change=prepaid.unexplained)
    closing = prepaid.closing
    note = f"read {utc_moment(closing.read_at)}" if closing.read_at else ""
    yield _row(
        "closing balance",
        amount=closing.amount,
        note=note if closing.amount is not None else closing.reason or "",
    )


def _outside_rows(account: AccountStatement) -> Iterator[dict[str, str]]:
    """Yield the invoice, and amounts that no sum includes."""
    if account.fee is not None:
        yield _row("fee on credit bought", amount=account.fee, note="as configured")
    if account.invoice is not None:
        known = due(account)
        apart = None if known is None else total((account.invoice.amount, -known))
        yield _row("invoice", amount=account.invoice.amount, note="as entered")
        yield _row("invoice difference", amount=apart, note="invoice less what is known")
    if account.byok:
        yield _row("billed by others", amount=account.byok, note="own keys (BYOK), an estimate")
    if account.is_whole:
        yield _row("taxes", amount=None, note="not reported by the provider")


def _item(used: UsedRow) -> dict[str, str]:
    return {
        "ProjectId": used.project_id or "",
        "Project": used.project or "",
        "Model": used.model or "",
    }


def _least(known: Decimal | None) -> str:
    return "no day is known" if known is None else f"days are missing; at least {plain(known)}"


def statement_json(statement: MonthStatement) -> dict[str, object]:
    """Return the statement for programs; amounts are decimal strings, unknown ones null."""
    return {
        "statement": {
            "month": month_text(statement.month),
            "is_closed": statement.is_closed,
            "used": _json(statement.used_total),
            "complete": statement.is_complete,
            **reporting_json(statement.reporting, statement.used_total),
            "connections": [_account_json(each) for each in statement.accounts],
        }
    }


def _account_json(account: AccountStatement) -> dict[str, object]:
    prepaid, invoice = account.prepaid, account.invoice
    known = due(account)
    return {
        "name": account.name,
        "provider": account.provider,
        "billing": account.billing,
        "currency": account.currency,
        "reports_spend": account.reports_spend,
        "opening": _json(prepaid.opening.amount if prepaid else None),
        "credit": [
            {"at": f"{each.at:%Y-%m-%dT%H:%M:%SZ}", "amount": plain(each.amount)}
            for each in (prepaid.credit if prepaid else ())
        ],
        "expired": _json(prepaid.expired if prepaid else None),
        "used": _json(account.used_total),
        "complete": account.is_complete,
        "missing_days": [f"{day}" for day in account.missing_days],
        "rows": [
            {
                "project_id": row.project_id,
                "project": row.project,
                "model": row.model,
                "used": plain(row.amount),
            }
            for row in account.used
        ],
        "corrections": [
            {"day": f"{each.day}", "before": plain(each.before), "after": plain(each.after)}
            for each in account.corrections
        ],
        "earlier_corrections": _json(prepaid.earlier_corrections if prepaid else None),
        "unexplained": _json(prepaid.unexplained if prepaid else None),
        "closing": _json(prepaid.closing.amount if prepaid else None),
        "fee": _json(account.fee),
        "invoice": _json(invoice.amount if invoice else None),
        "invoice_difference": _json(
            total((invoice.amount, -known)) if invoice and known is not None else None
        ),
        "byok_excluded": plain(account.byok),
        "notes": account_notes(account),
    }


def _json(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
