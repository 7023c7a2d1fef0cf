"""The rows of an export: charges, corrections of closed months, and purchases of credit. Purchases
are seen from balance readings and declarations."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_
from sqlalchemy import select as select_columns
from sqlmodel import col

from bot.db.database import Database
from bot.db.models import (
    Coverage,
    DeclaredBalance,
    StoredCharge,
    StoredConnection,
    StoredCorrection,
    StoredName,
)
from bot.db.session import ROWS_AT_ONCE, Session
from bot.ledger.corrections import Corrections
from bot.ledger.models import ChargeRow, ConfiguredConnection
from bot.ledger.repository import LedgerRepository
from providers.period import Period, midnight, utc_day

_Configured = Mapping[str, ConfiguredConnection]


async def stream_charges(database: Database, period: Period) -> AsyncGenerator[ChargeRow, None]:
    """Yield every charge of the period by connection, then day, then the corrected lines that are
    no longer charged, then every purchase. A correction follows its charge; their sum is the charge
    as it is now. Rows are streamed from one consistent state."""
    async with database.reading() as session:
        declarations = await LedgerRepository(session).declared()
        declared = {each.connection for each in declarations}
        known = {each.name: each for each in session.configured}
        discounted = {name for name, each in known.items() if each.has_discounts}

        def charge_of(row: Sequence[Any]) -> ChargeRow:
            found = ChargeRow(*row)
            if found.connection in discounted:
                found = replace(found, has_discounts=True)
            is_prepaid = found.connection in declared
            return replace(found, billing="prepaid") if is_prepaid else found

        names = session.names()
        corrections = Corrections(
            [
                replace(charge_of(row), corrected_at=found_at, corrects_credit=is_credit)
                for *row, found_at, is_credit in await session.transaction.execute(
                    _corrections(names, period)
                )
            ]
        )
        query = _charges(names, period).execution_options(yield_per=ROWS_AT_ONCE)
        async for rows in (await session.transaction.stream(query)).partitions():
            for row in rows:
                for each in corrections.split(charge_of(row)):
                    yield each
        for each in corrections.rest():
            yield each
        purchases = [
            *await _read_purchases(session, known, period),
            *_declared_purchases(declarations, known, period),
        ]
        for purchase in sorted(purchases, key=lambda row: (row.connection, row.day)):
            yield purchase


def _charges(connections: Sequence[str], period: Period) -> Select[*tuple[Any, ...]]:
    return _rows(StoredCharge, connections, period).order_by(
        col(StoredCharge.connection), col(StoredCharge.day), col(StoredCharge.position)
    )


def _corrections(connections: Sequence[str], period: Period) -> Select[*tuple[Any, ...]]:
    """Return the corrections of covered days. Another day is missing, and so are they."""
    correction = StoredCorrection
    is_covered = and_(
        col(Coverage.connection) == col(correction.connection),
        col(Coverage.day) == col(correction.day),
    )
    return (
        _rows(correction, connections, period, correction.found_at, correction.is_credit)
        .join(Coverage, is_covered)
        .order_by(
            col(correction.connection),
            col(correction.day),
            col(correction.found_at),
            col(correction.position),
        )
    )


def _rows(
    charge: type[StoredCharge | StoredCorrection],
    connections: Sequence[str],
    period: Period,
    *further: Any,
) -> Select[*tuple[Any, ...]]:
    """Select the fields of `ChargeRow` in their order, and further columns."""
    connection, name = StoredConnection, StoredName
    return (
        select_columns(
            col(charge.connection),
            col(connection.provider),
            col(connection.title),
            col(connection.billing),
            col(charge.day),
            col(charge.sub_account_id),
            col(name.name),
            col(charge.sku_id),
            col(charge.model),
            col(charge.meter),
            col(charge.effective_cost),
            col(charge.byok_estimate),
            col(charge.quantity),
            col(charge.unit),
            col(charge.list_cost),
            *further,
        )
        .join(connection, col(connection.name) == col(charge.connection))
        .outerjoin(
            name,
            and_(
                col(name.connection) == col(charge.connection),
                col(name.kind) == "project",
                col(name.item_id) == col(charge.sub_account_id),
            ),
        )
        .where(col(charge.connection).in_(connections))
        .where(col(charge.day) >= period.start, col(charge.day) < period.end)
    )


def _declared_purchases(
    declared: Iterable[DeclaredBalance], known: _Configured, period: Period
) -> Iterator[ChargeRow]:
    for each in declared:
        if each.kind == "purchase" and utc_day(each.at) in period:
            yield from _purchase(known[each.connection], each.at, each.amount)


async def _read_purchases(session: Session, known: _Configured, period: Period) -> list[ChargeRow]:
    """Return purchases of credit, dated by the first reading that shows them. If the total ever
    bought decreased, credit was taken back: a purchase below zero, as in the statement."""
    since, before = midnight(period.start), midnight(period.end)
    return [
        row
        for change in await LedgerRepository(session).credit_changes(since, before)
        for row in _purchase(
            known[change.connection], change.read_at, change.amount, change.currency
        )
    ]


def _purchase(
    configured: ConfiguredConnection, at: datetime, amount: Decimal, currency: str = "USD"
) -> Iterator[ChargeRow]:
    """Yield the credit, and the configured fee for buying it. Whether a provider gives the fee back
    with the credit isn't known, so there is no row of that."""
    bought = ChargeRow(
        connection=configured.name,
        provider=configured.provider,
        title=configured.title,
        billing="prepaid",
        day=utc_day(at),
        purchase=amount,
        currency=currency,
    )
    yield bought
    if configured.purchase_fee and amount > 0:
        yield replace(bought, purchase=amount * configured.purchase_fee, is_fee=True)
