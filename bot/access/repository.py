"""Who sees what, and who changed what, in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from bot.access.models import ScopeFilter, VisibilityRule
from bot.db.models import AuditEntry, Visibility
from bot.db.session import Session


class VisibilityRepository:
    """The rules set in Slack of who sees what."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def rules(self) -> Sequence[VisibilityRule]:
        """Return the rules set in Slack, by place."""
        rows = await self._session.exec(select(Visibility).order_by(col(Visibility.place)))
        return [
            VisibilityRule(row.place, ScopeFilter(_set(row.connections), _set(row.projects)))
            for row in rows.all()
        ]

    async def put(self, rule: VisibilityRule, by: str, now: datetime) -> None:
        """Make this place's rule, or change it."""
        await self._session.merge(
            Visibility(
                place=rule.place,
                connections=_list(rule.part.connections),
                projects=_list(rule.part.projects),
                made_by=by,
                made_at=now,
            )
        )

    async def remove(self, place: str) -> None:
        """Let this place see everything again."""
        await self._session.exec(delete(Visibility).where(col(Visibility.place) == place))


class AuditRepository:
    """Who changed or pressed what."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def since(self, since: datetime, limit: int | None = None) -> Sequence[AuditEntry]:
        """Changes of settings since then, newest first."""
        query = select(AuditEntry).where(col(AuditEntry.at) >= since)
        rows = await self._session.exec(query.order_by(col(AuditEntry.id).desc()).limit(limit))
        return rows.all()

    async def add_audit(self, entry: AuditEntry) -> None:
        """Put a change of a setting on record."""
        self._session.add(entry)

    async def drop(self, before: datetime) -> int:
        """Let go of changes older than this; how many."""
        done = await self._session.exec(delete(AuditEntry).where(col(AuditEntry.at) < before))
        return done.rowcount


def _set(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _list(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)
