"""Visibility rules in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from bot.access.models import ScopeFilter, VisibilityRule
from bot.db.models import Visibility
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
