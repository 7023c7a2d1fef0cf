"""Read the facts of a statement, and store the invoices that people enter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from bot.db.models import DeclaredBalance, StoredInvoice
from bot.db.session import Session
from bot.ledger.balances import Estimate, basis, contradiction, estimate
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import BalanceReading, Connection
from bot.ledger.repository import LedgerRepository
from bot.statements.models import AccountFacts
from providers.period import Period, midnight, utc_day

BACK = timedelta(days=7)
"""How many earlier readings are used to check the last one."""


class InvoiceRepository:
    """Invoices that people entered, of fully visible connections only."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of_month(self, month: Period) -> Sequence[StoredInvoice]:
        """Return the invoices of a month."""
        found = await self._session.exec(
            select(StoredInvoice)
            .where(col(StoredInvoice.month) == month.start)
            .where(col(StoredInvoice.connection).in_(self._session.seen_whole()))
        )
        return found.all()

    async def put(self, invoice: StoredInvoice) -> None:
        """Save an invoice, and replace the one of that connection and month."""
        await self._session.merge(invoice)
        await self._session.flush()

    async def remove(self, connection: str, month: Period) -> None:
        """Delete an invoice."""
        found = await self._session.get(StoredInvoice, (connection, month.start))
        if found is not None:
            await self._session.delete(found)
            await self._session.flush()


async def read_accounts(
    session: Session, connections: Sequence[Connection], month: Period
) -> Sequence[AccountFacts]:
    """Return what the ledger holds of these connections and that month."""
    ledger = LedgerRepository(session)
    found_since = midnight(month.start)
    restatements = (await ledger.restatements(found_since))[::-1]
    suspect = await ledger.suspect_days()
    names = await ledger.names()
    invoices = {each.connection: each for each in await InvoiceRepository(session).of_month(month)}
    accounts = []
    for each in connections:
        projects = {
            key[2]: text for key, text in names.items() if key[:2] == (each.name, "project")
        }
        facts = AccountFacts(
            connection=each,
            is_whole=session.sees_whole(each.name),
            days=await ChargeRepository(session).days(month, [each.name]),
            lines=await ChargeRepository(session).lines(month, [each.name]),
            project_names=projects,
            restatements=[
                change
                for change in restatements
                if change.connection == each.name and change.day < month.end
            ],
            suspect_days=[change for change in suspect if change.connection == each.name],
            invoice=invoices.get(each.name),
        )
        accounts.append(await _with_balances(session, facts, month))
    return accounts


async def _with_balances(session: Session, facts: AccountFacts, month: Period) -> AccountFacts:
    """Return the facts with the balances at the month's start and end."""
    ledger, name = LedgerRepository(session), facts.connection.name
    start, end = midnight(month.start), midnight(month.end)
    opening, opening_doubt = await _reading(session, facts.connection, start)
    closing, closing_doubt = await _reading(session, facts.connection, end)
    if opening or closing:
        since = opening.read_at if opening else start
        changes = await ledger.credit_changes(since, end, name)
        return replace(
            facts,
            opening=opening,
            closing=closing,
            opening_doubt=opening_doubt,
            closing_doubt=closing_doubt,
            credit_changes=[each for each in changes if each.read_at > since],
        )
    declared = await ledger.declared(name)
    return replace(
        facts,
        declared=declared,
        opening_estimate=await _estimate(session, declared, month.start),
        closing_estimate=await _estimate(session, declared, month.end),
    )


async def _reading(
    session: Session, connection: Connection, moment: datetime
) -> tuple[BalanceReading | None, str | None]:
    """Return the last reading before a moment, and why it can't be right if it can't."""
    known = await LedgerRepository(session).balances(connection.name, moment - BACK, moment)
    if not known:
        return None, None
    days = Period(utc_day(moment - BACK), utc_day(moment))
    used = await ChargeRepository(session).days(days, [connection.name])
    return known[-1], contradiction(connection, known, used)


async def _estimate(
    session: Session, declared: Sequence[DeclaredBalance], day: date
) -> Estimate | None:
    """Return the computed balance at a day's first moment: a balance entered for that moment
    counts, a purchase does not."""
    moment = midnight(day)
    known = [each for each in declared if each.kind == "balance" or each.at < moment]
    start = basis([each for each in known if each.at <= moment])
    if start is None:
        return None
    period = Period(min(utc_day(start.at), day), day)
    days = await ChargeRepository(session).days(period, [start.connection])
    return estimate(known, days, moment)
