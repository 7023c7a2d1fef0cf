"""Hours: which are read, how they are priced and stored, and for how long."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from bot.analysis.hour_costs import Rates, priced, rates, unknown_meters, unknown_models
from bot.analysis.hours import HOURS_BACK
from bot.db.database import Database
from bot.db.models import Hour, HourModel
from bot.db.session import Session, insert_rows
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import HourFigure, HourItem
from providers.hours import HOUR, HoursRead, whole_hour
from providers.period import DAY, Period, utc_day

HOURS_KEPT_FOR = timedelta(days=35)
_MAY_CHANGE = HOUR * 3
"""Known hours that are read again, because the provider may report some of their use late."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_LATELY = DAY * 7
_LONG = DAY * 35
"""For models without a price in the last week: some run once a month."""


class HourRepository:
    """Spend by hour, of the last weeks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def hours(self, since: datetime, connections: Sequence[str]) -> Sequence[HourFigure]:
        """Return the known hours from `since` on, by connection, then hour. Only fully visible
        connections count, because hours have no projects."""
        seen = [name for name in connections if self._session.sees_whole(name)]
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
        """Return each model's share of these hours, in no order."""
        if not self._session.sees_whole(connection):
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
        """Replace the known hours from `start` up to `end`."""
        for table in (Hour, HourModel):
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
        """Delete hours older than this."""
        for table in (Hour, HourModel):
            await self._session.transaction.execute(delete(table).where(col(table.hour) < before))


def first_hour(latest: datetime | None, now: datetime) -> datetime:
    """Return the first hour to read; `latest` is the last known one."""
    oldest = whole_hour(now) - HOURS_BACK
    return oldest if latest is None else max(oldest, latest + HOUR - _MAY_CHANGE)


async def store_hours(
    session: Session, connection: str, read: HoursRead, now: datetime
) -> Sequence[str]:
    """Store the hours of a read, with tokens at recent prices; return what could not be read or
    priced, in words. Later hours are deleted: they were read while the clock was ahead."""
    known, unknown = await _rates(session, connection, read, now)
    kept = priced(connection, read, known)
    await HourRepository(session).replace_hours(
        connection, read.start, _NEVER, kept.figures, kept.items
    )
    return [
        *read.left_out,
        *(f"{hour:%Y-%m-%d %H:%M}: {why}" for hour, why in read.unreadable.items()),
        *unknown,
    ]


async def _rates(
    session: Session, connection: str, read: HoursRead, now: datetime
) -> tuple[Rates, Sequence[str]]:
    if not unknown_models(read, {}):
        return {}, ()
    today = utc_day(now)
    lines = await ChargeRepository(session).lines(Period(today - _LATELY, today), [connection])
    known, unknown = rates(lines), unknown_meters(lines, read)
    if not unknown_models(read, known):
        return known, unknown
    longer = await ChargeRepository(session).lines(Period(today - _LONG, today), [connection])
    return {**rates(longer), **known}, unknown_meters(longer, read)


async def drop_old_hours(database: Database, now: datetime) -> None:
    """Delete hours that no expected range is computed from any more."""
    async with database.writing() as session:
        await HourRepository(session).drop_hours(now - HOURS_KEPT_FOR)
