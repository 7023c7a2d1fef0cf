"""Declare prepaid credit that the provider's API doesn't report. The caller has checked the
permission."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from bot.access.models import Requester
from bot.access.repository import AuditRepository
from bot.db.database import Database
from bot.db.models import AuditEntry, DeclaredBalance, DeclaredKind
from bot.db.session import Session
from bot.language.commands import BalanceAdd, BalanceForget, BalanceSet, CommandRejected
from bot.language.tokens import name_text
from bot.ledger.balances import basis
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import Connection, in_scope
from bot.ledger.repository import LedgerRepository
from bot.reports.models import CreditDeclared
from bot.reports.repository import read_balances
from bot.scope import Scope
from providers.money import total
from providers.period import Period, midnight, utc_day

Evaluate = Callable[[Session, datetime], Awaitable[object]]
"""Evaluates budgets and low-balance rules again, in the transaction of the change."""


class DeclaredBalances:
    """`/aicost balance set`, `add` and `forget`."""

    def __init__(self, database: Database, evaluate: Evaluate) -> None:
        self._database = database
        self._evaluate = evaluate

    async def accounts(self) -> Sequence[Connection]:
        """Return the connections whose balance can be declared."""
        async with self._database.reading() as session:
            found = await LedgerRepository(session).connections()
            return [each for each in found if await _can_be_declared(session, each)]

    async def declare(
        self, command: BalanceSet, requester: Requester, now: datetime
    ) -> CreditDeclared:
        """Declare a balance. Earlier declarations no longer count."""
        async with self._database.writing() as session:
            found = await _account(session, command.scope)
            known = await LedgerRepository(session).declared(found.name)
            if known and _is_same(known[-1], command):
                _, estimates = await read_balances(
                    session, [replace(found, billing="prepaid")], now
                )
                estimate = estimates.get(found.name)
                return CreditDeclared("set", found.title, known[-1], estimate, is_changed=False)
            return await self._keep(
                session, found, "balance", command, command.expires, requester, now
            )

    async def add(self, command: BalanceAdd, requester: Requester, now: datetime) -> CreditDeclared:
        """So much was bought at that moment."""
        async with self._database.writing() as session:
            found = await _account(session, command.scope)
            start = basis(await LedgerRepository(session).declared(found.name))
            name = name_text(found.name)
            if start is None:
                raise CommandRejected(
                    f"First enter {found.title}'s balance (balance set {name} AMOUNT at DAY), then "
                    "purchases."
                )
            if command.at is not None and command.at < utc_day(start.at):
                raise CommandRejected(
                    f"The balance entered for {utc_day(start.at)} includes earlier purchases."
                )
            expires = command.expires or utc_day(_moment(command.at, now) + found.credit_lasts)
            return await self._keep(session, found, "purchase", command, expires, requester, now)

    async def forget(
        self, command: BalanceForget, requester: Requester, now: datetime
    ) -> CreditDeclared:
        """Take back all that was declared: the account is as it is configured again."""
        async with self._database.writing() as session:
            found = await _account(session, command.scope)
            before = await LedgerRepository(session).declared(found.name)
            if not before:
                raise CommandRejected(f"No balance is entered for {found.title}.")
            entry = _entry(requester, "balance.forgotten", before[-1], None, now)
            await LedgerRepository(session).forget_declared(found.name)
            await AuditRepository(session).add(entry)
            await self._evaluate(session, now)
            return CreditDeclared("forgotten", found.title, None, None)

    async def _keep(
        self,
        session: Session,
        connection: Connection,
        kind: DeclaredKind,
        command: BalanceSet | BalanceAdd,
        expires: date | None,
        requester: Requester,
        now: datetime,
    ) -> CreditDeclared:
        if command.at is not None and command.at > utc_day(now):
            raise CommandRejected(f"{command.at} is in the future. Today is {utc_day(now)} (UTC).")
        declared = DeclaredBalance(
            connection=connection.name,
            kind=kind,
            at=_moment(command.at, now),
            amount=command.amount,
            used_before=await _used_before(session, connection, command.at, now),
            expires_on=expires,
            made_by=requester.person.id,
            made_at=now,
        )
        await LedgerRepository(session).declare(declared)
        await AuditRepository(session).add(
            _entry(requester, f"balance.{kind}", None, declared, now)
        )
        _, estimates = await read_balances(session, [replace(connection, billing="prepaid")], now)
        await self._evaluate(session, now)
        did: Literal["set", "added"] = "set" if kind == "balance" else "added"
        return CreditDeclared(did, connection.title, declared, estimates.get(connection.name))


def _is_same(last: DeclaredBalance, command: BalanceSet) -> bool:
    """Return True if the last declaration is the same. A balance as of now is always new."""
    return (
        last.kind == "balance"
        and command.at is not None
        and (last.at, last.amount, last.expires_on)
        == (midnight(command.at), command.amount, command.expires)
    )


async def _account(session: Session, scope: Scope) -> Connection:
    """Return the one connection that is meant, if its balance can be declared."""
    found = in_scope(scope, await LedgerRepository(session).connections())
    if len(found) != 1:
        names = [each.name for each in found or await LedgerRepository(session).connections()]
        raise CommandRejected(f"Name one connection: {', '.join(map(name_text, names))}.")
    if not await _can_be_declared(session, found[0]):
        raise CommandRejected(
            f"{found[0].title} reports its own balance, so none can be entered.", ("balance",)
        )
    return found[0]


async def _can_be_declared(session: Session, connection: Connection) -> bool:
    """Return False where the provider reports the balance, or reports no spend: what is left of a
    declared balance is estimated from the spend since."""
    balance = await LedgerRepository(session).latest_balance(connection.name)
    return connection.reports_spend and balance is None


async def _used_before(
    session: Session, connection: Connection, at: date | None, now: datetime
) -> Decimal:
    """Return the spend before that moment of its day: 0 at the start of a day, for now what is
    published."""
    if at is not None:
        return Decimal(0)
    days = await ChargeRepository(session).days(Period.of_day(utc_day(now)), [connection.name])
    return total(day.used for day in days)


def _moment(at: date | None, now: datetime) -> datetime:
    return now if at is None else midnight(at)


def _entry(
    requester: Requester,
    action: str,
    before: DeclaredBalance | None,
    after: DeclaredBalance | None,
    now: datetime,
) -> AuditEntry:
    about = after or before
    return AuditEntry(
        at=now,
        actor=requester.person.id,
        action=action,
        target=about.connection if about else "",
        before=_values(before),
        after=_values(after),
    )


def _values(declared: DeclaredBalance | None) -> dict[str, Any] | None:
    return None if declared is None else declared.model_dump(mode="json")
