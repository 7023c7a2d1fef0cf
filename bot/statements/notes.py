"""The sentences of a statement, the same in Slack and in its files: plain text, with names from
outside."""

from decimal import Decimal

from bot.currency.models import reporting_text
from bot.language.statement import month_words
from bot.statements.compute import moved
from bot.statements.models import AccountStatement, MonthStatement
from bot.wording import (
    ROUNDED,
    UNKNOWN,
    day,
    day_list,
    listed,
    money,
    plural,
    signed,
    utc_moment,
)
from providers.money import cents, difference, total
from providers.period import utc_day

TAXES = "Taxes, seats and fees outside the API aren't known."


def spent_text(account: AccountStatement) -> str:
    """``$12.30``, ``at least $12.30``, ``unknown``, ``not reported``."""
    if not account.reports_spend:
        return "not reported"
    if account.used_total is None or account.is_complete:
        return money(account.used_total)
    return f"at least {money(account.used_total)}"


def due(account: AccountStatement) -> Decimal | None:
    """Return the expected invoice of the month: postpaid spend, or credit bought and its fee. None
    if that isn't known."""
    if account.billing == "postpaid":
        return account.used_total if account.is_complete else None
    if account.prepaid is None or account.prepaid.opening.amount is None:
        return None
    if account.prepaid.closing.amount is None:
        return None
    bought = [row.amount for row in account.prepaid.credit if row.amount > 0]
    return total((*bought, account.fee or Decimal(0)))


def invoice_notes(account: AccountStatement) -> list[str]:
    """Return how the invoice differs from the known figures, and what would explain it to the
    cent."""
    if account.invoice is None:
        return []
    invoiced, known, currency = account.invoice.amount, due(account), account.currency
    credit = "the credit bought and its fee" if account.fee else "the credit bought"
    what = "spend" if account.billing == "postpaid" else credit
    if known is None:
        return [f"Invoice {money(invoiced, currency)}. The difference is unknown, as is {what}."]
    apart = difference(invoiced, known)
    if not apart:
        return [f"Invoice {money(invoiced, currency)}: matches {what}."]
    more = "more" if apart > 0 else "less"
    amounts = [money(each, currency) for each in (invoiced, abs(apart), known)]
    lines = ["Invoice {}: {} {more} than {what} ({}).".format(*amounts, more=more, what=what)]
    if account.billing == "postpaid":
        corrected = moved(account.corrections)
        if corrected and cents(known - corrected) == cents(invoiced):
            lines.append("It matches spend before the corrections.")
        if account.credits_given and cents(known - account.credits_given) == cents(invoiced):
            given = money(-account.credits_given)
            lines.append(f"It matches spend without the {given} of credits.")
    return lines


def correction_notes(account: AccountStatement) -> list[str]:
    """What was corrected after the month closed: how much, which days."""
    if not cents(moved(account.corrections)):
        return []
    days = sorted({each.day for each in account.corrections})
    last = max(each.found_at for each in account.corrections)
    which = day_list(days, utc_day(last))
    amount = signed(moved(account.corrections))
    return [f"Corrected since the month closed: {amount} ({which}), included in spend."]


def balance_notes(account: AccountStatement) -> list[str]:
    """Return when balances were read, and the rest that no line explains."""
    prepaid = account.prepaid
    if prepaid is None:
        return []
    unknown = [each for each in (prepaid.opening.reason, prepaid.closing.reason) if each]
    lines = unknown[-1:] if prepaid.closing.read_at is None else list(unknown)
    if prepaid.is_estimated and not unknown:
        lines.append("Balances are estimated from an entered balance.")
    read = [each.read_at for each in (prepaid.opening, prepaid.closing) if each.amount is not None]
    if known := [utc_moment(each) for each in read if each]:
        were = "was" if len(known) == 1 else "were"
        lines.append(f"{'Balance' if len(known) == 1 else 'Balances'} {were} read {listed(known)}.")
    if prepaid.unexplained and cents(prepaid.unexplained):
        amount = signed(prepaid.unexplained, account.currency)
        if not account.reports_spend:
            why = f"{account.title} reports no spend: it was used, or granted credit expired."
        elif prepaid.is_estimated:
            why = "A balance entered in the month differs from the computed one."
        else:
            why = "It includes use between the readings and midnight."
        lines.append(f"Not explained: {amount}. {why}")
    elif prepaid.unexplained is None and not unknown:
        lines.append("Not explained: unknown, as spend is incomplete.")
    return lines


def coverage_notes(account: AccountStatement) -> list[str]:
    """Return what of the month is not known, or not visible."""
    lines = []
    if account.missing_days:
        days = day_list(account.missing_days, account.missing_days[-1])
        count = plural(len(account.missing_days), "day")
        lines.append(f"No data for {count}: {days}. Spend is incomplete.")
    if account.doubt:
        lines.append(account.doubt)
    if not account.is_whole:
        lines.append("Only a part is visible here: balance, corrections and invoice are left out.")
    return lines


def outside_notes(statement: MonthStatement) -> list[str]:
    """Return what no figure of the statement includes."""
    lines = []
    for account in statement.accounts:
        if account.byok:
            byok = money(account.byok)
            lines.append(f"{account.title}: {byok} billed by other providers (your own keys).")
        if account.billed_elsewhere:
            lines.append(f"{account.title}: {account.billed_elsewhere}.")
        if account.fee:
            fee = money(account.fee, account.currency)
            lines.append(f"{account.title}: {fee} of fees for buying credit.")
    return [*lines, TAXES]


def account_notes(account: AccountStatement) -> list[str]:
    """Return all sentences about one connection."""
    return [
        *coverage_notes(account),
        *invoice_notes(account),
        *correction_notes(account),
        *balance_notes(account),
    ]


def closing_note(statement: MonthStatement) -> str:
    """Return whether the month's figures may still change."""
    month = month_words(statement.month)
    closes = day(utc_day(statement.closes_at))
    if statement.is_closed:
        return f"{month} closed on {closes} (UTC): its days are settled."
    return f"{month} isn't settled yet: figures may change until {closes} (UTC)."


def reporting_note(statement: MonthStatement) -> list[str]:
    """Return the total in the reporting currency; empty if there is none."""
    complete = statement.is_complete
    text = reporting_text(statement.reporting, statement.used_total, is_complete=complete)
    return [] if text is None else [text]


def rounding_notes(statement: MonthStatement, most_rows: int = 0) -> list[str]:
    """Return a footnote if figures as shown don't add up to others as shown. `most_rows`: so many
    projects and models of a connection have a row of their own, and the rest have one."""
    sums = [([each.used_total or Decimal(0) for each in statement.accounts], statement.used_total)]
    for account in statement.accounts:
        used = [row.amount for row in account.used]
        sums.append(([*used[:most_rows], total(used[most_rows:])], account.used_total))
        prepaid = account.prepaid
        if prepaid and prepaid.unexplained is not None and prepaid.opening.amount is not None:
            bought = total(each.amount for each in prepaid.credit if each.amount > 0)
            back = total(each.amount for each in prepaid.credit if each.amount < 0)
            later = Decimal(0) if prepaid.is_estimated else moved(account.corrections)
            parts = [prepaid.opening.amount, bought, back, prepaid.unexplained, later]
            less = [prepaid.expired, account.used_total or Decimal(0), prepaid.earlier_corrections]
            sums.append(([*parts, *(-each for each in less)], prepaid.closing.amount))
    apart = any(
        total(map(cents, rows)) != cents(whole) for rows, whole in sums if whole is not None
    )
    return [ROUNDED] if apart else []


def total_text(statement: MonthStatement) -> str:
    """``$5,709.12``, ``at least $169.89``, ``unknown``."""
    if statement.used_total is None:
        return UNKNOWN
    at_least = "" if statement.is_complete else "at least "
    return f"{at_least}{money(statement.used_total)}"
