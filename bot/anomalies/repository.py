"""The channels that get anomaly alerts, in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select

from bot.db.models import SpikeWatch
from bot.db.session import Session


class AnomalyRepository:
    """The channels that get anomaly alerts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def channels(self) -> Sequence[str]:
        """Return the channels that get anomaly alerts."""
        rows = await self._session.exec(
            select(col(SpikeWatch.channel)).order_by(col(SpikeWatch.channel))
        )
        return rows.all()

    async def managed(self) -> frozenset[str]:
        """Return those of them that `aicost.toml` manages."""
        rows = await self._session.exec(
            select(col(SpikeWatch.channel)).where(col(SpikeWatch.is_managed))
        )
        return frozenset(rows.all())

    async def turn_on(self, channel: str, by: str, now: datetime) -> bool:
        """Turn anomaly alerts on for the channel; return False if they were on already."""
        if channel in await self.channels():
            return False
        self._session.add(SpikeWatch(channel=channel, made_by=by, made_at=now))
        return True

    async def manage(self, channel: str) -> None:
        """Have `aicost.toml` manage those of this channel."""
        await self._session.exec(
            update(SpikeWatch).where(col(SpikeWatch.channel) == channel).values(is_managed=True)
        )

    async def move(self, channel: str, to: str) -> None:
        """Slack gave a channel another id: its alerts follow."""
        if to in await self.channels():
            await self.turn_off(channel)
        await self._session.exec(
            update(SpikeWatch).where(col(SpikeWatch.channel) == channel).values(channel=to)
        )

    async def turn_off(self, channel: str) -> bool:
        """Turn anomaly alerts off for the channel; return False if they were off already."""
        done = await self._session.exec(
            delete(SpikeWatch).where(col(SpikeWatch.channel) == channel)
        )
        return done.rowcount > 0
