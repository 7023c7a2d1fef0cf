"""Who changed or pressed what: read from the database, kept for more than a year."""

from datetime import datetime, timedelta

from bot.access.repository import AuditRepository
from bot.db.database import Database
from bot.db.models import AuditEntry

KEPT_FOR = timedelta(days=400)


class Audit:
    """The use case behind `aicost audit` and the managers' list of changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, since: datetime, limit: int | None = None) -> tuple[AuditEntry, ...]:
        """Changes since then, newest first."""
        async with self._database.reading() as session:
            return tuple(await AuditRepository(session).audit(since, limit))

    async def keep(self, entry: AuditEntry) -> None:
        """Put one on record that no other transaction holds."""
        async with self._database.writing() as session:
            await AuditRepository(session).add_audit(entry)

    async def drop_old(self, now: datetime) -> None:
        """Let go of what is older than 400 days."""
        async with self._database.writing() as session:
            await AuditRepository(session).drop_audit(now - KEPT_FOR)
