"""Declared credit in the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.access.models import VisibilityScope
from bot.db.configured import ConfiguredConnection
from bot.db.models.credit import DeclaredCredit
from bot.ledger.declared_credit import Declared


class CreditQueries:
    """The part of `bot.ledger.ports.Reading` that is about declared credit."""

    _connection: AsyncConnection
    _configured: Sequence[ConfiguredConnection]
    _visibility: VisibilityScope

    async def declared(self) -> Sequence[Declared]:
        configured = [each.name for each in self._configured]
        names = [name for name in configured if self._visibility.of(name) is None]
        rows = await self._connection.execute(
            select(DeclaredCredit)
            .where(col(DeclaredCredit.connection).in_(names))
            .order_by(col(DeclaredCredit.at), col(DeclaredCredit.id))
        )
        return [_declared(row) for row in rows.all()]


class CreditChanges(CreditQueries):
    """The part of `bot.reports.declared_balance.CreditWriting` that is about declared credit."""

    async def declare(self, declared: Declared) -> Declared:
        """Keep a declaration under an id of its own; the one given is of no account."""
        rows = await self._connection.execute(
            insert(DeclaredCredit)
            .values(
                connection=declared.connection,
                kind=declared.kind,
                at=declared.at,
                amount=declared.amount,
                used_before=declared.used_before,
                expires_on=declared.expires_on,
                made_by=declared.made_by,
                made_at=declared.made_at,
            )
            .returning(*DeclaredCredit.__table__.columns)  # type: ignore[attr-defined]
        )
        return _declared(rows.one())

    async def forget_declared(self, connection: str) -> None:
        """Take back all that was declared of a connection."""
        await self._connection.execute(
            delete(DeclaredCredit).where(col(DeclaredCredit.connection) == connection)
        )


def _declared(row: Row[*tuple[Any, ...]]) -> Declared:
    return Declared(
        id=row.id,
        connection=row.connection,
        kind=row.kind,
        at=row.at,
        amount=row.amount,
        used_before=row.used_before,
        expires_on=row.expires_on,
        made_by=row.made_by,
        made_at=row.made_at,
    )
