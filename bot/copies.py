"""Find other bots with the same Slack tokens.

Two bots with the same tokens and different databases seem to work: Slack sends each command to one
of them, and alerts are posted twice. Slack counts the app's connections, and the processes on one
database know each other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.config.intervals import PRODUCTION, Intervals
from bot.db.database import Database
from bot.db.errors import DatabaseUnavailable
from bot.logs import DATABASE, REQUESTS, LogStates
from bot.process_health import OTHER_BOT_REMEDY


class Copies:
    """This process among the others. `count_again` reconnects, so that Slack counts again."""

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
        self.unknown_connections: int | None = None
        """Connections with this app's tokens that belong to no process on this database. None until
        Slack has counted them: in HTTP mode it never does."""

    async def heartbeat(self) -> None:
        """Renew this process's heartbeat. Raises `DatabaseUnavailable`."""
        await self._database.leases.report_alive(self._worker_id, self._intervals.heartbeat_lasts)
        self._states.working(DATABASE, source=REQUESTS)  # it takes changes again

    async def stop(self) -> None:
        """Record that this process ends."""
        self._is_stopped = True
        if self._counting is not None:
            self._counting.cancel()
        async with self._turn:  # a count under way ends before the database is closed
            pass
        with suppress(DatabaseUnavailable):  # it runs out by itself
            await self._database.leases.report_gone(self._worker_id)

    async def counted(self, connections: int) -> None:
        """Record how many connections the app has, as Slack reports when connecting."""
        try:
            async with self._turn:
                if self._is_stopped:
                    return
                unknown_connections = connections - await self._database.leases.count_alive()
        except DatabaseUnavailable:
            return  # the database's own checks report it
        if unknown_connections <= 0:
            self._is_doubtful, self.unknown_connections = False, 0
            self._states.working("other_bot")
            return
        wait = self._intervals.recount.first
        if self._is_doubtful:
            self.unknown_connections, wait = unknown_connections, self._intervals.recount.longest
            self._states.failing(
                "other_bot",
                "slack.other_bot",
                connections=unknown_connections,
                remedy=OTHER_BOT_REMEDY,
            )
        self._is_doubtful = True
        if self._is_stopped:
            return
        self._counting = asyncio.create_task(self._later(wait))

    async def _later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._count_again()
