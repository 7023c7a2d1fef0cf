"""Credit that was bought in a period: rises between balance readings, and what was declared."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.db.configured import ConfiguredConnection
from bot.db.models.credit import Balance, DeclaredCredit
from bot.ledger.ports import ChargeRow
from providers.period import Period, midnight, utc_day


async def purchases(
    connection: AsyncConnection, configured: Sequence[ConfiguredConnection], period: Period
) -> list[ChargeRow]:
    """By connection, then day. A fall of what was ever bought is no purchase; nor is what the
    first reading found there."""
    known = {each.name: each for each in configured}
    found = [*await _read(connection, known, period), *await _declared(connection, known, period)]
    return sorted(found, key=lambda row: (row.connection, row.day))


async def _read(
    connection: AsyncConnection, known: Mapping[str, ConfiguredConnection], period: Period
) -> list[ChargeRow]:
    """The first reading at each level of what was ever bought tells when that was reached."""
    rows = await connection.execute(
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
    connection: AsyncConnection, known: Mapping[str, ConfiguredConnection], period: Period
) -> list[ChargeRow]:
    rows: Any = await connection.execute(
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
