"""The causes of a change, from one consistent state of the ledger."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.analysis.anomalies import ExpectedRange, usual
from bot.analysis.drivers import Change, skus_with_price_difference, why
from bot.analysis.price_volume import CostItem
from bot.analysis.seasonality import HABIT_DAYS
from bot.db.session import Session
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import Connection, DayFigure, ItemFigure, LineFigure
from bot.ledger.reasons import not_published
from bot.ledger.repository import LedgerRepository
from bot.reports.history import combined
from bot.reports.summarize import compared_days
from providers.period import DAY, Like, Period, utc_day


async def change(
    session: Session, connections: Sequence[Connection], period: Period, like: Like, now: datetime
) -> Change | str:
    """Return the change over the period's complete days, or why there is nothing to compare, in
    words."""
    today = utc_day(now)
    names = [connection.name for connection in connections]
    days = await ChargeRepository(session).days(period, names)
    compared = compared_days(period, connections, days, today)
    if compared is None or compared.end > today:
        if period.start >= today:
            return "Today isn't over yet. Ask about yesterday instead."
        past = Period(period.start, min(period.end, today))
        for connection in connections:
            if awaited := [day for day in past if connection.awaits(day)]:
                return not_published(connection, awaited)
        return "This period has no complete day with data, so there is nothing to compare."
    before = compared.before(like)
    known = [*days, *await ChargeRepository(session).days(before, names)]
    whole = [c for c in connections if _covers(c, compared, known) and _covers(c, before, known)]
    if not whole:
        return "Some days before this period have no data, so there is nothing to compare with."
    return await _taken_apart(session, connections, whole, compared, before, now)


async def _taken_apart(
    session: Session,
    connections: Sequence[Connection],
    whole: Sequence[Connection],
    compared: Period,
    before: Period,
    now: datetime,
) -> Change:
    names = [connection.name for connection in whole]
    now_lines = [_item(line) for line in await ChargeRepository(session).lines(compared, names)]
    lines_before = [_item(line) for line in await ChargeRepository(session).lines(before, names)]
    skus = skus_with_price_difference(now_lines, lines_before)
    both = (before, compared) if skus else ()
    keys, keys_before = [
        await ChargeRepository(session).items(each, "key", names) for each in (compared, before)
    ]
    if not all(item.is_read for item in (*keys, *keys_before)):
        keys, keys_before = (), ()
    found = why(
        now_lines,
        lines_before,
        [_key(item) for item in keys],
        [_key(item) for item in keys_before],
        [
            day
            for each in both
            for day in await ChargeRepository(session).sku_days(each, names, skus)
        ],
    )
    titles = {
        (name, item_id): text
        for (name, _, item_id), text in (await LedgerRepository(session).names()).items()
    }
    left_out = tuple(c.title for c in connections if c not in whole)
    expected = await _usual(session, whole, compared.start, now) if len(compared) == 1 else None
    return Change(compared, before, found, titles, expected, left_out)


async def _usual(
    session: Session, connections: Sequence[Connection], day: date, now: datetime
) -> ExpectedRange | None:
    names = [connection.name for connection in connections]
    days = await ChargeRepository(session).days(Period(day - DAY * HABIT_DAYS, day), names)
    taken, history = combined(connections, days, now)
    return usual(history, day) if len(taken) == len(connections) else None


def _covers(connection: Connection, period: Period, days: Sequence[DayFigure]) -> bool:
    covered = {day.day for day in days if day.connection == connection.name and day.day in period}
    return len(covered) == len(period)


def _item(line: LineFigure) -> CostItem:
    return CostItem(
        connection=line.connection,
        project=line.project_id,
        model=line.model,
        cost=line.used,
        sku=line.sku_id,
        meter=line.meter,
        quantity=line.quantity,
        unit=line.unit,
    )


def _key(item: ItemFigure) -> CostItem:
    return CostItem(item.connection, None, None, item.used, key=item.item_id)
