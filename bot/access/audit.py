"""Who changed or pressed what: told from the ledger, kept for more than a year."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from bot.language.audit_words import change_words
from bot.ledger.models import AuditEntry

KEPT_FOR = timedelta(days=400)


class AuditReading(Protocol):
    """Questions about changes."""

    async def audit(self, since: datetime, limit: int | None = None) -> Sequence[AuditEntry]:
        """Changes of settings since then, newest first."""


class AuditWriting(Protocol):
    """Keeping and letting go of them."""

    async def add_audit(self, entry: AuditEntry) -> None:
        """Who did what, when; before and after."""

    async def drop_audit(self, before: datetime) -> int:
        """Let go of those older than this; how many."""


class AuditBook(Protocol):
    """The store, seen by the audit trail."""

    def reading(self) -> AbstractAsyncContextManager[AuditReading]:
        """A consistent look."""

    def writing(self) -> AbstractAsyncContextManager[AuditWriting]:
        """A transaction."""


class Trail(Protocol):
    """The audit trail, seen by those who add to it."""

    async def keep(self, entry: AuditEntry) -> None:
        """Put one on record that no other transaction holds."""
        ...


class Audit:
    """The use case behind `aicost audit` and the managers' list of changes."""

    def __init__(self, book: AuditBook) -> None:
        self._book = book

    async def entries(self, since: datetime, limit: int | None = None) -> tuple[AuditEntry, ...]:
        """Changes since then, newest first."""
        async with self._book.reading() as reading:
            return tuple(await reading.audit(since, limit))

    async def keep(self, entry: AuditEntry) -> None:
        """Put one on record that no other transaction holds."""
        async with self._book.writing() as tx:
            await tx.add_audit(entry)

    async def drop_old(self, now: datetime) -> None:
        """Let go of what is older than 400 days."""
        async with self._book.writing() as tx:
            await tx.drop_audit(now - KEPT_FOR)


def audit_lines(entries: Sequence[AuditEntry]) -> list[str]:
    """A line for each, for terminals."""
    return [
        f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.actor}  {change_words(entry)}"
        for entry in entries
    ]


def audit_json(entries: Sequence[AuditEntry]) -> list[dict[str, object]]:
    """The same for programs."""
    return [
        {
            "at": entry.at.isoformat().replace("+00:00", "Z"),
            "actor": entry.actor,
            "action": entry.action,
            "target": entry.target,
            "before": entry.before,
            "after": entry.after,
        }
        for entry in entries
    ]
