"""Hold posts after a start on a database that may have been put back to an earlier state.

A copy of a database doesn't know what was posted after it was made. Two things show that this may
be one. The file next to a SQLite file says that its outbox once held more. And a copy of the
database of a running bot (a snapshot of a volume or a machine, a dump of PostgreSQL) still has that
bot's heartbeat: a bot that stops removes it. A bot that was killed leaves it too, so this may be
its own database. What was found in the gap is posted as one message for each channel, once
everything was read again.
"""

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from bot.app import Services
from bot.db.address import make_private
from bot.ledger.repository import LedgerRepository
from bot.ledger.sync_report import RoundReport
from bot.notifications.repository import OutboxRepository

GAP_SECONDS = 1800.0
"""A killed bot is usually started again sooner."""
LONGEST = timedelta(hours=1)
"""A provider that can't be read holds posts no longer than that."""

log = structlog.get_logger(__name__)


class HeldPosts:
    """Whether this process posts yet."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._since: datetime | None = None
        self._begun = services.clock()
        self._mark = services.database.posts_mark
        self._marked = 0

    @property
    def is_on(self) -> bool:
        """Return True while nothing is posted."""
        return self._since is not None

    async def begin(self) -> None:
        """Hold posts if the database may have been put back. Call it before the first heartbeat.
        Raises `DatabaseUnavailable`."""
        services, lasts = self._services, self._services.settings.intervals.heartbeat_lasts
        leases, since = services.database.leases, None
        async with services.database.reading() as session:
            newest = await OutboxRepository(session).newest()
            connections = await LedgerRepository(session).connections()
        if newest < self._read_mark():
            read_at = [at for each in connections if (at := each.charges_read_at)]
            since = max(read_at, default=services.clock()).timestamp() + lasts
        found = await leases.hold_posts(GAP_SECONDS, services.worker_id, since)
        if found is not None:
            self._since = datetime.fromtimestamp(found - lasts, UTC)
            log.warning("bot.posts_held", since=self._since.isoformat())

    async def record(self) -> None:
        """Write next to a SQLite file how far its outbox got. A failure changes nothing else."""
        if self._mark is None or self.is_on:
            return
        async with self._services.database.reading() as session:
            newest = await OutboxRepository(session).newest()
        if newest == self._marked:
            return
        partial = self._mark.with_name(f"{self._mark.name}.{os.getpid()}.partial")
        with suppress(OSError):  # a full disk, which the database reports
            make_private(partial)
            partial.write_text(f"{newest}\n", encoding="ascii")
            partial.replace(self._mark)
            self._marked = newest

    def _read_mark(self) -> int:
        try:
            return int(self._mark.read_text(encoding="ascii")) if self._mark else 0
        except (OSError, ValueError):
            return 0

    async def synced(self, report: RoundReport) -> None:
        """Release posts if every connection was read, or another process has released them."""
        if self._since is None:
            return
        if await self._services.database.leases.are_posts_held():
            is_read = report.is_synced and not report.has_faults and report.unevaluated is None
            if not is_read and self._services.clock() - self._begun < LONGEST:
                return
            skipped = await self._services.skip_posts(self._since)
            log.warning("bot.posts_released", skipped=skipped)
        self._since = None

    def unless(self, job: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """Return the job, which does nothing while posts are held."""

        async def run() -> None:
            if not self.is_on:
                await job()

        return run
