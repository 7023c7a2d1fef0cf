"""What an export holds: the charges of a period, and the credit that was bought in it, which shows
in rises between balance readings and in what was declared."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlmodel import col

from bot.db import models as tables
from bot.db.configured import ConfiguredConnection
from bot.db.database import Database
from bot.db.models.credit import Balance, DeclaredCredit
from bot.db.session import Session
from bot.db.statements import ROWS_AT_ONCE
from bot.ledger.models import ChargeRow
from bot.ledger.repository import LedgerRepository
from providers.period import Period, midnight, utc_day


async def stream_charges(database: Database, period: Period) -> AsyncGenerator[ChargeRow, None]:
    """Every charge of the period, by connection, then day, and then every purchase of credit:
    read as it is asked for, however many there are, from one consistent state."""
    async with database.reading() as session:
        declared = {each.connection for each in await LedgerRepository(session).declared()}
        query = _charges(session.names(), period).execution_options(yield_per=ROWS_AT_ONCE)
        async for rows in (await session.transaction.stream(query)).partitions():
            for row in rows:
                found = ChargeRow(*row)
                yield replace(found, billing="prepaid") if row[0] in declared else found
        for purchase in await _purchases(session, period):
            yield purchase


def _charges(connections: Sequence[str], period: Period) -> Select[*tuple[Any, ...]]:
    charge, connection, name = tables.Charge, tables.Connection, tables.Name
    return (
        select(
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


async def _purchases(session: Session, period: Period) -> list[ChargeRow]:
    """By connection, then day. A fall of what was ever bought is no purchase; nor is what the
    first reading found there."""
    known = {each.name: each for each in session.configured}
    found = [*await _read(session, known, period), *await _declared(session, known, period)]
    return sorted(found, key=lambda row: (row.connection, row.day))


async def _read(
    session: Session, known: Mapping[str, ConfiguredConnection], period: Period
) -> list[ChargeRow]:
    """The first reading at each level of what was ever bought tells when that was reached."""
    rows = await session.transaction.execute(
        select(
            col(Balance.connection),
            col(Balance.total_credits),
            func.min(col(Balance.read_at)).label("read_at"),
        )
        .where(col(Balance.connection).in_(list(known)))
        .where(col(Balance.read_at) < midnight(period.end))
        .group_by(col(Balance.connection), col(Balance.total_credits))
        .order_by(col(Balance.connection), func.min(col(Balance.read_at)))
    )
    return [
        _purchase(known[now.connection], now, now.total_credits - before.total_credits)
        for before, now in _pairs(rows.all())
        if now.connection == before.connection
        and now.total_credits > before.total_credits
        and utc_day(now.read_at) in period
    ]


async def _declared(
    session: Session, known: Mapping[str, ConfiguredConnection], period: Period
) -> list[ChargeRow]:
    rows: Any = await session.transaction.execute(
        select(
            col(DeclaredCredit.connection),
            col(DeclaredCredit.amount),
            col(DeclaredCredit.at).label("read_at"),
        )
        .where(col(DeclaredCredit.connection).in_(list(known)))
        .where(col(DeclaredCredit.kind) == "purchase")
        .where(col(DeclaredCredit.at) >= midnight(period.start))
        .where(col(DeclaredCredit.at) < midnight(period.end))
        .order_by(col(DeclaredCredit.at))
    )
    return [_purchase(known[row.connection], row, row.amount) for row in rows.all()]


def _pairs(rows: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    return pairwise(rows)


def _purchase(configured: ConfiguredConnection, row: Any, amount: Decimal) -> ChargeRow:
    return ChargeRow(
        connection=configured.name,
        provider=configured.provider,
        title=configured.title,
        billing="prepaid",
        day=utc_day(row.read_at),
        sub_account_id=None,
        sub_account_name=None,
        sku_id=None,
        model=None,
        meter=None,
        effective_cost=Decimal(0),
        byok_estimate=Decimal(0),
        quantity=None,
        unit=None,
        purchase=amount,
    )
