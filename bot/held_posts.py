"""Hold posts after a start on a database that may have been put back to an earlier state.

A copy of a database doesn't know what was posted after it was made. Three things show that this may
be one. The file next to a SQLite file says that its outbox once held more. A PostgreSQL database
was loaded from a dump, or recovered to a point in time. And a copy of the database of a running bot
(a snapshot of a volume or a machine) still has that bot's heartbeat: a bot that stops removes it. A
bot that was killed leaves it too, so this may be its own database. What was found in the gap is
posted as one message for each channel, once everything was read again.
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
"""A provider that can't be read holds posts no longer than that, also if the bot is started again
meanwhile."""
RELEASE = "release of posts"
"""Name of the lease of the one process that does it."""

log = structlog.get_logger(__name__)


class HeldPosts:
    """Whether this process posts yet."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._since: datetime | None = None
        self._started = self._began = services.clock()
        self._has_tried = False
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
        if newest < self._read_mark() or await leases.were_put_back():
            read_at = [at for each in connections if (at := each.charges_read_at)]
            since = max(read_at, default=services.clock()).timestamp() + lasts
        found = await leases.hold_posts(GAP_SECONDS, services.worker_id, since)
        if found is not None:
            self._since = datetime.fromtimestamp(found - lasts, UTC)
            held_for = int(await leases.posts_held_for() or 0)
            self._began = services.clock() - timedelta(seconds=held_for)
            log.warning("bot.posts_held", since=self._since.isoformat())

    async def record(self) -> None:
        """Write next to a SQLite file how far its outbox got. A failure changes nothing else. With
        PostgreSQL, accept that a standby took over."""
        if self.is_on:
            return
        if self._mark is None:
            await self._services.database.leases.follow_timeline()
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
        """Release posts if every connection was read."""
        self._has_tried = True
        is_read = report.is_synced and not report.has_faults and report.unevaluated is None
        await self._check(must_wait=not is_read)

    async def _check(self, *, must_wait: bool = True) -> None:
        """Release posts, if nothing must be waited for or that took too long. Another process may
        have released them.

        After a start, the first sync may take some of the time: the hold may have begun long ago,
        and nothing of the gap would be known."""
        if not self.is_on:
            return
        services, leases = self._services, self._services.database.leases
        held_for = await leases.posts_held_for()
        if held_for is not None and must_wait:
            has_tried = self._has_tried or services.clock() - self._started >= LONGEST
            if not has_tried or held_for < LONGEST.total_seconds():
                return
        async with leases.hold(RELEASE, services.worker_id, services.settings.intervals.lease):
            is_held = await leases.posts_held_for() is not None
            if is_held and self._since is not None:
                skipped = await services.skip_posts(self._since, self._began)
                log.warning("bot.posts_released", skipped=skipped)
            self._since = None

    def unless(self, job: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """Return the job, which does nothing while posts are held, but checks how long."""

        async def run() -> None:
            await self._check()
            if not self.is_on:
                await job()

        return run
