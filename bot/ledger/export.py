"""The rows of an export: charges and purchases of credit. Purchases are seen from balance readings
and declarations."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_
from sqlalchemy import select as select_columns
from sqlmodel import col

from bot.db.database import Database
from bot.db.models import DeclaredBalance, StoredCharge, StoredConnection, StoredName
from bot.db.session import Session
from bot.db.statements import ROWS_AT_ONCE
from bot.ledger.models import ChargeRow, ConfiguredConnection
from bot.ledger.repository import LedgerRepository
from providers.period import Period, midnight, utc_day

_Configured = Mapping[str, ConfiguredConnection]


async def stream_charges(database: Database, period: Period) -> AsyncGenerator[ChargeRow, None]:
    """Yield every charge of the period by connection, then day, and then every purchase. Rows are
    streamed from one consistent state."""
    async with database.reading() as session:
        declarations = await LedgerRepository(session).declared()
        declared = {each.connection for each in declarations}
        known = {each.name: each for each in session.configured}
        discounted = {name for name, each in known.items() if each.has_discounts}
        query = _charges(session.names(), period).execution_options(yield_per=ROWS_AT_ONCE)
        async for rows in (await session.transaction.stream(query)).partitions():
            for row in rows:
                found = ChargeRow(*row)
                if row[0] in discounted:
                    found = replace(found, has_discounts=True)
                yield replace(found, billing="prepaid") if row[0] in declared else found
        purchases = [
            *await _read_purchases(session, known, period),
            *_declared_purchases(declarations, known, period),
        ]
        for purchase in sorted(purchases, key=lambda row: (row.connection, row.day)):
            yield purchase


def _charges(connections: Sequence[str], period: Period) -> Select[*tuple[Any, ...]]:
    charge, connection, name = StoredCharge, StoredConnection, StoredName
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
        .order_by(col(charge.connection), col(charge.day), col(charge.position))
    )


def _declared_purchases(
    declared: Iterable[DeclaredBalance], known: _Configured, period: Period
) -> Iterator[ChargeRow]:
    for each in declared:
        if each.kind == "purchase" and utc_day(each.at) in period:
            yield from _purchase(known[each.connection], each.at, each.amount)


async def _read_purchases(session: Session, known: _Configured, period: Period) -> list[ChargeRow]:
    """Return purchases of credit, dated by the first reading that shows them. A decrease of the
    total isn't a purchase."""
    since, before = midnight(period.start), midnight(period.end)
    return [
        row
        for change in await LedgerRepository(session).credit_changes(since, before)
        if change.amount > 0
        for row in _purchase(known[change.connection], change.read_at, change.amount)
    ]


def _purchase(
    configured: ConfiguredConnection, at: datetime, amount: Decimal
) -> Iterator[ChargeRow]:
    """Yield the credit, and the configured fee for buying it."""
    bought = ChargeRow(
        connection=configured.name,
        provider=configured.provider,
        title=configured.title,
        billing="prepaid",
        day=utc_day(at),
        purchase=amount,
    )
    yield bought
    if configured.purchase_fee:
        yield replace(bought, purchase=amount * configured.purchase_fee, is_fee=True)
