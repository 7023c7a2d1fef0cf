"""Hold posts after a start on a database that may have been put back to an earlier state.

A copy of the database of a running bot (a snapshot of a volume or a machine, a dump of PostgreSQL)
doesn't know what was posted after it was made. It still has that bot's heartbeat: a bot that stops
removes it. A bot that was killed leaves it too, so this may be its own database. What was found in
the gap is posted as one message for each channel, once everything was read again.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot.app import Services
from bot.ledger.sync_report import RoundReport

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

    @property
    def is_on(self) -> bool:
        """Return True while nothing is posted."""
        return self._since is not None

    async def begin(self) -> None:
        """Hold posts if the database's records end long ago without a stop. Call it before the
        first heartbeat. Raises `DatabaseUnavailable`."""
        services, lasts = self._services, self._services.settings.intervals.heartbeat_lasts
        found = await services.database.leases.hold_posts(GAP_SECONDS, services.worker_id)
        if found is not None:
            self._since = datetime.fromtimestamp(found - lasts, UTC)
            log.warning("bot.posts_held", since=self._since.isoformat())

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
