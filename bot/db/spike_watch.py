"""The channels that hear of unusual days and hours, in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from bot.db.models.credit import SpikeWatch
from bot.db.statements import insert_rows


class SpikeWatchQueries:
    """The part of `bot.budgets.ports.RulesReading` that is about who hears of them."""

    _connection: AsyncConnection

    async def spike_watches(self) -> Sequence[str]:
        rows = await self._connection.execute(
            select(col(SpikeWatch.channel)).order_by(col(SpikeWatch.channel))
        )
        return [row.channel for row in rows.all()]


class SpikeWatchChanges(SpikeWatchQueries):
    """The part of `bot.anomalies.service.SpikeWriting` that is about who hears of them."""

    async def watch_spikes(self, channel: str, by: str, now: datetime) -> bool:
        """The channel is told from now on; False where it was already."""
        if channel in await self.spike_watches():
            return False
        row = {"channel": channel, "made_by": by, "made_at": now}
        await insert_rows(self._connection, SpikeWatch, [row])
        return True

    async def unwatch_spikes(self, channel: str) -> bool:
        """The channel is told no longer; False where it was not."""
        done = await self._connection.execute(
            delete(SpikeWatch).where(col(SpikeWatch.channel) == channel)
        )
        return done.rowcount > 0
