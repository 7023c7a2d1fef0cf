"""Statements of closed months and the invoices entered for them. The caller has checked the
permission."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from bot.access.models import Requester
from bot.access.repository import AuditRepository
from bot.currency.models import ReadRate
from bot.db.database import Database
from bot.db.models import AuditEntry, StoredInvoice
from bot.db.session import Session
from bot.language.commands import CommandRejected
from bot.language.statement import Invoice, Statement, month_text
from bot.language.tokens import name_text
from bot.ledger.models import Connection, in_scope
from bot.ledger.repository import LedgerRepository
from bot.reports.exports import FilesReady
from bot.scope import Scope
from bot.statements.compute import account_statement, month_statement
from bot.statements.files import csv_text, file_name
from bot.statements.models import InvoiceEntered, MonthStatement
from bot.statements.page import markdown
from bot.statements.repository import InvoiceRepository, read_accounts
from providers.money import from_nano, plain, to_nano


class Statements:
    """`/aicost statement`."""

    def __init__(self, database: Database, rates: ReadRate | None = None) -> None:
        """`rates` returns the reporting currency; None: there is none."""
        self._database = database
        self._rates = rates

    async def statement(
        self, query: Statement, requester: Requester, now: datetime
    ) -> MonthStatement | FilesReady:
        """Return the month as far as the requester sees it: as a message, or as files."""
        reporting = None if self._rates is None else await self._rates(now)
        async with self._database.reading(requester.visibility) as session:
            connections = await _connections(session, query.scope)
            accounts = await read_accounts(session, connections, query.month)
        found = replace(month_statement(query, accounts, now), reporting=reporting)
        if not found.accounts:
            raise CommandRejected(
                f"{query.scope.name if query.scope else 'No provider'} isn't connected here.",
                ("status",),
            )
        if not query.is_file:
            return found
        async with self._database.writing() as session:
            entry = AuditEntry(
                at=now,
                actor=requester.person.id,
                action="statement.exported",
                target=f"the statement of {month_text(query.month)}",
                before=None,
                after={"connections": [each.name for each in found.accounts]},
            )
            await AuditRepository(session).add(entry)
        return FilesReady(
            files=(
                (file_name(query, "csv"), csv_text(found).encode()),
                (file_name(query, "md"), markdown(found).encode()),
            ),
            words="The statement as CSV, to the nano-dollar, and as one page in Markdown.",
            command=f"aicost statement --month {month_text(query.month)}",
        )

    async def whole_connections(self, requester: Requester) -> Sequence[Connection]:
        """Return the connections whose invoice the requester may enter: all of their projects are
        visible."""
        async with self._database.reading(requester.visibility) as session:
            connections = await _connections(session, None)
            return [each for each in connections if session.sees_whole(each.name)]

    async def invoice(
        self, command: Invoice, requester: Requester, now: datetime
    ) -> InvoiceEntered:
        """Save the invoiced amount of a connection and month, or delete it."""
        async with self._database.writing() as whole:
            session = whole.seen_by(requester.visibility)
            found = await _connections(session, command.scope)
            if len(found) != 1:
                known = found or await _connections(session, None)
                names = ", ".join(name_text(each.name) for each in known)
                raise CommandRejected(f"Name one connection: {names}.")
            [connection] = found
            if not session.sees_whole(connection.name):
                raise CommandRejected(
                    f"An invoice is of all projects of {connection.title}, and not all are visible "
                    "here. Enter it in a channel where they are."
                )
            invoices = InvoiceRepository(session)
            known_before = {
                each.connection: each.amount for each in await invoices.of_month(command.month)
            }
            before = known_before.get(connection.name)
            after = None if command.amount is None else from_nano(to_nano(command.amount))
            if after is None:
                await invoices.remove(connection.name, command.month)
            elif after != before:
                await invoices.put(
                    StoredInvoice(
                        connection=connection.name,
                        month=command.month.start,
                        amount=after,
                        made_by=requester.person.id,
                        made_at=now,
                    )
                )
            if after != before:
                name = f"invoice of {connection.name} for {month_text(command.month)}"
                await AuditRepository(session).add(
                    AuditEntry(
                        at=now,
                        actor=requester.person.id,
                        action="invoice.removed" if after is None else "invoice.set",
                        target=f"the {name}",
                        before=None if before is None else {"amount": plain(before)},
                        after=None if after is None else {"amount": plain(after)},
                    )
                )
            [facts] = await read_accounts(session, [connection], command.month)
        did: Literal["set", "removed", "nothing"]
        did = "nothing" if after == before else "removed" if after is None else "set"
        return InvoiceEntered(command, did, account_statement(command.month, facts), before)


async def _connections(session: Session, scope: Scope | None) -> Sequence[Connection]:
    return in_scope(scope, await LedgerRepository(session).connections())
