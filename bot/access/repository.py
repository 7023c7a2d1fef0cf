"""Visibility rules, and the audit log of who changed which setting, in the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from bot.access.models import ScopeFilter, VisibilityRule
from bot.db.database import Database
from bot.db.models import AuditEntry, Visibility
from bot.db.session import Session


class VisibilityRepository:
    """The visibility rules."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def rules(self) -> Sequence[VisibilityRule]:
        """Return the rules, by place."""
        rows = await self._session.exec(select(Visibility).order_by(col(Visibility.place)))
        return [
            VisibilityRule(
                row.place,
                ScopeFilter(_set(row.connections), _set(row.projects)),
                row.is_managed,
            )
            for row in rows.all()
        ]

    async def put(self, rule: VisibilityRule, by: str, now: datetime) -> None:
        """Create or change the rule of a place."""
        await self._session.merge(
            Visibility(
                place=rule.place,
                connections=_list(rule.part.connections),
                projects=_list(rule.part.projects),
                made_by=by,
                made_at=now,
                is_managed=rule.is_managed,
            )
        )

    async def remove(self, place: str) -> None:
        """Delete the rule of a place, so that it sees everything again."""
        await self._session.exec(delete(Visibility).where(col(Visibility.place) == place))


def _set(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _list(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)


AUDIT_KEPT_FOR = timedelta(days=400)
"""How long the audit log keeps a change."""


class AuditRepository:
    """The audit log, in the transaction of what changes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def since(self, since: datetime, limit: int | None = None) -> Sequence[AuditEntry]:
        """Return changes of settings since `since`, newest first."""
        query = select(AuditEntry).where(col(AuditEntry.at) >= since)
        rows = await self._session.exec(query.order_by(col(AuditEntry.id).desc()).limit(limit))
        return rows.all()

    async def add(self, entry: AuditEntry) -> None:
        """Add a change of a setting to the audit log."""
        self._session.add(entry)

    async def drop(self, before: datetime) -> int:
        """Delete changes older than `before`; return how many."""
        done = await self._session.exec(delete(AuditEntry).where(col(AuditEntry.at) < before))
        return done.rowcount


class Audit:
    """The audit log, each call in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, since: datetime, limit: int | None = None) -> tuple[AuditEntry, ...]:
        """Return changes since `since`, newest first."""
        async with self._database.reading() as session:
            return tuple(await AuditRepository(session).since(since, limit))

    async def record(self, entry: AuditEntry) -> None:
        """Add an entry."""
        async with self._database.writing() as session:
            await AuditRepository(session).add(entry)

    async def drop_old(self, now: datetime) -> None:
        """Delete entries older than 400 days."""
        async with self._database.writing() as session:
            await AuditRepository(session).drop(now - AUDIT_KEPT_FOR)
