"""Know the copies of aicost that run on one database, and notice a bot that is none of them.

Two bots with the same tokens and different databases work halfway: Slack gives each command to one
of them, and alerts come twice. Slack counts the connections of an app; copies on one database know
each other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.config.intervals import PRODUCTION, Intervals
from bot.db.database import Database
from bot.db.errors import DatabaseUnavailable
from bot.ledger.data_quality import OTHER_BOT_REMEDY
from bot.logs import DATABASE, REQUESTS, LogStates


class Copies:
    """This copy among the others. `count_again` connects again, so that Slack counts again."""

    def __init__(
        self,
        database: Database,
        worker_id: str,
        states: LogStates,
        count_again: Callable[[], Awaitable[None]],
        intervals: Intervals = PRODUCTION,
    ) -> None:
        self._database = database
        self._worker_id = worker_id
        self._states = states
        self._count_again = count_again
        self._intervals = intervals
        self._is_doubtful = False
        self._is_stopped = False
        self._turn = asyncio.Lock()
        self._counting: asyncio.Task[None] | None = None
        self.strangers = 0
        """Connections with this app's tokens that no copy on this database has."""

    async def stay(self) -> None:
        """Give a sign of life. Raises `DatabaseUnavailable`."""
        await self._database.leases.report_alive(self._worker_id, self._intervals.heartbeat_lasts)
        self._states.working(DATABASE, source=REQUESTS)  # it takes changes again

    async def stop(self) -> None:
        """This copy is none any more."""
        self._is_stopped = True
        if self._counting is not None:
            self._counting.cancel()
        async with self._turn:  # a count under way ends before the database is closed
            pass
        with suppress(DatabaseUnavailable):  # it runs out by itself
            await self._database.leases.report_gone(self._worker_id)

    async def counted(self, connections: int) -> None:
        """Slack says, as this copy connects, how many connections the app has."""
        try:
            async with self._turn:
                if self._is_stopped:
                    return
                strangers = connections - await self._database.leases.count_alive()
        except DatabaseUnavailable:
            return  # the database's own checks report it
        if strangers <= 0:
            self._is_doubtful, self.strangers = False, 0
            self._states.working("other_bot")
            return
        wait = self._intervals.recount.first
        if self._is_doubtful:
            self.strangers, wait = strangers, self._intervals.recount.longest
            self._states.failing(
                "other_bot", "slack.other_bot", connections=strangers, remedy=OTHER_BOT_REMEDY
            )
        self._is_doubtful = True
        if self._is_stopped:
            return
        self._counting = asyncio.create_task(self._later(wait))

    async def _later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._count_again()
