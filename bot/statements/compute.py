"""Compute a connection's month from the ledger: exact sums, and what they leave open. Pure.

A month closes once each of its days has settled. A later change is a correction of the month: it
counts in the month's spend, and in the balance of the month in which it was found.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.db.models import DeclaredBalance, Restatement
from bot.language.statement import Statement
from bot.ledger import reasons
from bot.ledger.balances import basis
from bot.ledger.models import BalanceReading, Connection
from bot.statements.models import (
    AccountFacts,
    AccountStatement,
    BalanceAt,
    CreditRow,
    MonthStatement,
    PrepaidMonth,
    UsedRow,
)
from bot.wording import day as day_text
from bot.wording import utc_moment
from providers.money import from_nano, to_nano, total
from providers.period import Period, midnight, settles_at, utc_day

READING_AGE = timedelta(days=1)
"""A balance that was read longer before the month's start or end doesn't count for that moment."""


def month_statement(
    query: Statement, accounts: Sequence[AccountFacts], now: datetime
) -> MonthStatement:
    """Sum up a month of these connections."""
    found = tuple(account_statement(query.month, each) for each in accounts)
    used = [each.used_total for each in found if each.used_total is not None]
    settling = max((each.connection.settling_days for each in accounts), default=0)
    return MonthStatement(
        query, now, settles_at(query.month, settling), found, total(used) if used else None
    )


def account_statement(month: Period, facts: AccountFacts) -> AccountStatement:
    """Sum up one connection's month."""
    connection = facts.connection
    covered = {figure.day for figure in facts.days}
    used = total(figure.used for figure in facts.days) if facts.days else None
    closes = settles_at(month, connection.settling_days)
    corrections = tuple(
        each
        for each in facts.restatements
        if each.day in month and each.found_at >= closes and not each.was_kept
    )
    is_whole = len(covered) == len(month) or not connection.reports_spend
    prepaid = _prepaid(month, facts, used, corrections, is_complete=is_whole)
    bought = total(row.amount for row in prepaid.credit if row.amount > 0) if prepaid else Decimal()
    fee = connection.purchase_fee if connection.billing == "prepaid" else None
    suspect = [each for each in facts.suspect_days if each.day in month]
    return AccountStatement(
        name=connection.name,
        provider=connection.provider,
        title=connection.title,
        billing=connection.billing,
        is_whole=facts.is_whole,
        used=_used_rows(facts, used),
        used_total=used,
        credits_given=total(line.used for line in facts.lines if line.used < 0),
        missing_days=tuple(day for day in month if day not in covered)
        if connection.reports_spend
        else (),
        corrections=corrections,
        doubt=reasons.kept_though_empty(connection.title, suspect) if suspect else None,
        prepaid=prepaid,
        byok=total(figure.byok_estimate for figure in facts.days),
        fee=None if fee is None or prepaid is None else from_nano(to_nano(bought * fee)),
        invoice=facts.invoice,
        reports_spend=connection.reports_spend,
        billed_elsewhere=connection.billed_elsewhere,
        currency=_currency(facts),
    )


def _currency(facts: AccountFacts) -> str:
    found = facts.closing or facts.opening
    return found.currency if found else "USD"


def moved(changes: Iterable[Restatement]) -> Decimal:
    """Return what these corrections added to spend, exactly."""
    return total(part for each in changes for part in (each.after, -each.before))


def _used_rows(facts: AccountFacts, used: Decimal | None) -> tuple[UsedRow, ...]:
    """Return a row for each project and model; what no line accounts for is a row without
    either."""
    sums: dict[tuple[str | None, str | None], list[Decimal]] = defaultdict(list)
    for line in facts.lines:
        sums[line.project_id, line.model].append(line.used)
    rows = [
        UsedRow(project, facts.project_names.get(project or ""), model, total(amounts))
        for (project, model), amounts in sums.items()
    ]
    rest = total((used or Decimal(), *(-row.amount for row in rows)))
    rows += [UsedRow(None, None, None, rest)] if rest else []
    shown = [row for row in rows if row.amount]
    return tuple(sorted(shown, key=lambda r: (-r.amount, r.project_id or "", r.model or "")))


def _prepaid(
    month: Period,
    facts: AccountFacts,
    used: Decimal | None,
    corrections: Sequence[Restatement],
    *,
    is_complete: bool,
) -> PrepaidMonth | None:
    if not facts.is_whole:
        return None
    if facts.declared and facts.closing is None and facts.opening is None:
        return _estimated(month, facts, used, is_complete=is_complete)
    if facts.opening is None and facts.closing is None and facts.connection.billing == "postpaid":
        return None
    opening = _at(midnight(month.start), facts.opening, facts.opening_doubt, facts.connection)
    closing = _at(midnight(month.end), facts.closing, facts.closing_doubt, facts.connection)
    currency = _currency(facts)
    if facts.opening is not None and facts.opening.currency != currency:
        opening = BalanceAt(
            None, reason=f"At its start the balance was in {facts.opening.currency}."
        )
    credit = tuple(
        CreditRow(each.read_at, each.amount)
        for each in facts.credit_changes
        if each.currency == currency
    )
    spent = used if facts.connection.reports_spend else Decimal(0)
    earlier = moved(
        each for each in facts.restatements if _is_earlier_correction(each, month, facts)
    )
    return PrepaidMonth(
        opening,
        closing,
        credit,
        Decimal(0),
        earlier,
        _unexplained(
            opening.amount,
            closing.amount,
            spent if is_complete else None,
            (*(row.amount for row in credit), moved(corrections), -earlier),
        ),
        is_estimated=False,
    )


def _is_earlier_correction(change: Restatement, month: Period, facts: AccountFacts) -> bool:
    """Return True if a day of an earlier closed month was corrected between both readings."""
    if facts.opening is None or facts.closing is None or change.was_kept:
        return False
    closes = settles_at(Period.of_month(change.day), facts.connection.settling_days)
    is_between = facts.opening.read_at < change.found_at <= facts.closing.read_at
    return change.day < month.start and is_between and change.found_at >= closes


def _estimated(
    month: Period, facts: AccountFacts, used: Decimal | None, *, is_complete: bool
) -> PrepaidMonth:
    """Compute the month from a declared balance. It follows the ledger, so it includes corrections;
    another balance declared within the month may differ from it."""
    before, after = facts.opening_estimate, facts.closing_estimate
    opening = BalanceAt(before.remaining if before else None)
    closing = BalanceAt(after.remaining if after else None)
    if opening.amount is None:
        opening = BalanceAt(None, reason=_not_entered(month.start, has_basis=before is not None))
    if closing.amount is None:
        closing = BalanceAt(None, reason=_not_entered(month.end, has_basis=after is not None))
    expired = after.expired if after else Decimal(0)
    if before and after and before.balance.id == after.balance.id:
        expired = total((after.expired, -before.expired))
    start = basis([each for each in facts.declared if each.at <= midnight(month.start)])
    credit = tuple(
        CreditRow(each.at, each.amount)
        for each in facts.declared
        if each.kind == "purchase" and utc_day(each.at) in month and _is_after(each, start)
    )
    parts = (*(row.amount for row in credit), -expired)
    spent = used if is_complete else None
    unexplained = _unexplained(opening.amount, closing.amount, spent, parts)
    return PrepaidMonth(
        opening, closing, credit, expired, Decimal(0), unexplained, is_estimated=True
    )


def _is_after(purchase: DeclaredBalance, start: DeclaredBalance | None) -> bool:
    """Return True if the opening balance was declared without that purchase."""
    return start is None or (purchase.at, purchase.id) > (start.at, start.id)


def _not_entered(day: date, *, has_basis: bool) -> str:
    if has_basis:
        return "Days since the entered balance have no data."
    return f"No balance was entered for {day_text(day)} {day.year} or before."


def _at(
    moment: datetime, reading: BalanceReading | None, doubt: str | None, connection: Connection
) -> BalanceAt:
    """Return the balance at a moment, from the last reading before it."""
    at = f"{day_text(utc_day(moment))} {utc_day(moment).year}"
    if reading is None:
        return BalanceAt(None, reason=f"No balance of {connection.title} was read before {at}.")
    if doubt:
        return BalanceAt(None, reading.read_at, doubt)
    if moment - reading.read_at > READING_AGE:
        when = utc_moment(reading.read_at)
        return BalanceAt(
            None,
            reading.read_at,
            f"No balance of {connection.title} was read in the day before {at}. "
            f"The last one was read {when}.",
        )
    return BalanceAt(reading.remaining, reading.read_at)


def _unexplained(
    opening: Decimal | None,
    closing: Decimal | None,
    used: Decimal | None,
    changes: Sequence[Decimal],
) -> Decimal | None:
    if opening is None or closing is None or used is None:
        return None
    return total((closing, -opening, used, *(-each for each in changes)))
