"""Keeping hours: which are read, what they cost, for how long they are kept."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.analysis.hours import HOURS_BACK
from bot.analysis.pricing import Rates, priced, rates, unknown_meters, unknown_models
from bot.db.database import Database
from bot.db.session import Session
from bot.ledger.charges import ChargeRepository
from bot.ledger.hour_repository import HourRepository
from providers.hours import HOUR, HoursRead, whole_hour
from providers.period import DAY, Period, utc_day

KEPT_FOR = timedelta(days=35)
_MAY_CHANGE = HOUR * 3
"""Known hours that are read again: what happened in them may have been told late."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_LATELY = DAY * 7
_LONG = DAY * 35
"""For models of which the last week holds no price: some run once a month."""


def first_hour(latest: datetime | None, now: datetime) -> datetime:
    """The first hour to read, where `latest` is the last that is known."""
    oldest = whole_hour(now) - HOURS_BACK
    return oldest if latest is None else max(oldest, latest + HOUR - _MAY_CHANGE)


async def keep_hours(
    session: Session, connection: str, read: HoursRead, now: datetime
) -> Sequence[str]:
    """Put the read's hours in place of what was known of them, tokens at what they cost recently;
    what of them could not be read or priced for its words. Later hours go: the clock was ahead
    when they were read."""
    known, unknown = await _rates(session, connection, read, now)
    kept = priced(connection, read, known)
    await HourRepository(session).replace_hours(
        connection, read.start, _NEVER, kept.figures, kept.items
    )
    return [*(f"{hour:%Y-%m-%d %H:%M}: {why}" for hour, why in read.unreadable.items()), *unknown]


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
    """Let go of what no usual is read from any more."""
    async with database.writing() as session:
        await HourRepository(session).drop_hours(now - KEPT_FOR)
