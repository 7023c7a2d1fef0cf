"""Hours in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from bot.db.models.connections import ConnectionPart
from bot.db.models.hours import Hour, HourModel
from bot.db.session import Session
from bot.db.statements import insert_rows
from bot.ledger.models import HourFigure, HourItem


class HourRepository:
    """What was used hour by hour, of the last weeks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def hours(self, since: datetime, connections: Sequence[str]) -> Sequence[HourFigure]:
        """The known hours from `since` on, by connection, then hour; of connections that are seen
        whole, since hours know no projects."""
        seen = [name for name in connections if self._session.visibility.of(name) is None]
        rows = await self._session.transaction.execute(
            select(Hour)
            .where(col(Hour.connection).in_(seen), col(Hour.hour) >= since)
            .order_by(col(Hour.connection), col(Hour.hour))
        )
        return [
            HourFigure(row.connection, row.hour, row.used, row.is_estimated, tuple(row.unpriced))
            for row in rows.all()
        ]

    async def hour_items(self, connection: str, hours: Sequence[datetime]) -> Sequence[HourItem]:
        """Each model's part of these hours, in no order."""
        if self._session.visibility.of(connection) is not None:
            return ()
        rows = await self._session.transaction.execute(
            select(HourModel).where(
                col(HourModel.connection) == connection, col(HourModel.hour).in_(hours)
            )
        )
        return [
            HourItem(row.connection, row.hour, row.model or None, row.used) for row in rows.all()
        ]

    async def replace_hours(
        self,
        connection: str,
        start: datetime,
        end: datetime,
        figures: Sequence[HourFigure],
        items: Sequence[HourItem],
    ) -> None:
        """Put these in place of what was known of the hours from `start` up to `end`."""
        tables: tuple[type[Any], ...] = (Hour, HourModel)
        for table in tables:
            await self._session.transaction.execute(
                delete(table)
                .where(col(table.connection) == connection)
                .where(col(table.hour) >= start, col(table.hour) < end)
            )
        hours = (
            {
                "connection": connection,
                "hour": each.hour,
                "used": each.used,
                "is_estimated": each.is_estimated,
                "unpriced": list(each.unpriced),
            }
            for each in figures
        )
        models = (
            {
                "connection": connection,
                "hour": each.hour,
                "model": each.model or "",
                "used": each.used,
            }
            for each in items
        )
        await insert_rows(self._session.transaction, Hour, hours)
        await insert_rows(self._session.transaction, HourModel, models)

    async def drop_hours(self, before: datetime) -> None:
        """Let go of hours older than this."""
        tables: tuple[type[Any], ...] = (Hour, HourModel)
        for table in tables:
            await self._session.transaction.execute(delete(table).where(col(table.hour) < before))

    async def forget_hours_read(self) -> None:
        """As if hours had never been read of any connection, nor failed to be; what is known of
        them stays."""
        await self._session.transaction.execute(
            delete(ConnectionPart).where(col(ConnectionPart.part) == "hours")
        )
