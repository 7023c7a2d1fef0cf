"""What was foretold, in the database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.spend.reading.foretold import Foretold
from bot.store.configured import ConfiguredConnection
from bot.store.statements import upsert_rows
from bot.store.tables.forecasts import Forecast
from bot.store.tables.ledger import Coverage
from providers.period import Period

_BETWEEN = ","
"""No connection has one in its name."""


class ForecastQueries:
    """The part of `bot.ports.Reading` that is about what was foretold."""

    _connection: AsyncConnection
    _configured: Sequence[ConfiguredConnection]

    async def foretold(
        self, as_of: Collection[date], connections: Sequence[str] | None = None
    ) -> Sequence[Foretold]:
        query = select(Forecast).where(col(Forecast.as_of).in_(as_of))
        if connections is not None:
            query = query.where(col(Forecast.connections) == _BETWEEN.join(sorted(connections)))
        rows = await self._connection.execute(query)
        return [_foretold(row) for row in rows.all()]

    async def last_changes(self, period: Period) -> Mapping[str, datetime]:
        names = [configured.name for configured in self._configured]
        rows = await self._connection.execute(
            select(col(Coverage.connection), func.max(col(Coverage.last_changed_at)).label("at"))
            .where(col(Coverage.connection).in_(names))
            .where(col(Coverage.day) >= period.start, col(Coverage.day) < period.end)
            .group_by(col(Coverage.connection))
        )
        return {row.connection: row.at for row in rows.all()}


class ForecastChanges(ForecastQueries):
    """The part of `bot.answers.remembering.ForecastWriting` that keeps what was foretold."""

    async def keep_foretold(self, found: Iterable[Foretold]) -> None:
        """Each in place of what was said of that period earlier that day."""
        await upsert_rows(self._connection, Forecast, map(_row, found))


def _foretold(row: Row[*tuple[Any, ...]]) -> Foretold:
    return Foretold(
        connections=tuple(row.connections.split(_BETWEEN)),
        period=Period(row.period_start, row.period_end),
        as_of=row.as_of,
        expected=row.expected,
        low=row.low,
        high=row.high,
        said_at=row.said_at,
    )


def _row(each: Foretold) -> Mapping[str, Any]:
    return {
        "connections": _BETWEEN.join(each.connections),
        "period_start": each.period.start,
        "period_end": each.period.end,
        "as_of": each.as_of,
        "expected": each.expected,
        "low": each.low,
        "high": each.high,
        "said_at": each.said_at,
    }
