"""Match the providers' users to Slack users by e-mail address, where the app has the scope for it.

Addresses come from the provider and go to Slack, inside this process. Only ids are stored.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, and_, delete, select
from sqlmodel import col

from bot.access.people import People
from bot.db.database import Database
from bot.db.models import StoredBreakdown, StoredName, UserMatch
from bot.db.session import Session, upsert_rows
from bot.ledger.queries import within
from bot.ledger.sync_plan import ConnectedProvider
from bot.slack.errors import PersonUnknown
from bot.teams.models import Match
from providers.errors import ProviderError
from providers.period import DAY, Period, utc_day

SCOPE = "users:read.email"
MOST_AT_ONCE = 20
"""Addresses looked up after one sync. Slack allows 50 a minute (Tier 3)."""
FOUND_LASTS = timedelta(days=30)
NOT_FOUND_LASTS = timedelta(days=7)
"""Until the same user is looked up again."""
SEEN_DAYS = 70
"""Only users with spend in these days are looked up."""
UserKey = tuple[str, str]
"""A connection and a provider's user id."""

log = structlog.get_logger(__name__)


class UserMatching:
    """Keeps whose provider users are whose. Runs after each sync."""

    def __init__(
        self,
        database: Database,
        sources: Sequence[ConnectedProvider],
        people: People,
        clock: Callable[[], datetime],
    ) -> None:
        scopes = people.workspace.scopes
        self._database = database
        self._sources = [each for each in sources if "user" in each.kind.breakdowns]
        self._people = people
        self._clock = clock
        self._may_look = not scopes or SCOPE in scopes
        """Until Slack says otherwise, if it lists no scopes."""

    async def run(self) -> None:
        """Look up users who are due, and use what is known by now, also what another process found.
        Without the scope, forget what was found while the app had it."""
        if self._may_look:
            await self._look()
        if not self._may_look and self._database.people.all != self._database.people.named:
            async with self._database.writing() as session:
                await session.transaction.execute(delete(UserMatch))
        await load_matches(self._database)

    async def _look(self) -> None:
        now = self._clock()
        found: dict[UserKey, str | None] = {}
        for key, address in (await self._due(now))[:MOST_AT_ONCE]:
            try:
                found[key] = await self._people.with_address(address)
            except PersonUnknown as unknown:
                self._may_look = unknown.needed is None
                log.info("people.not_matched", reason=str(unknown))
                break
        if found:
            rows = [
                {"connection": name, "user_id": user, "slack_id": slack_id, "checked_at": now}
                for (name, user), slack_id in found.items()
            ]
            async with self._database.writing() as session:
                await upsert_rows(session.transaction, UserMatch, rows)

    async def _due(self, now: datetime) -> Sequence[tuple[UserKey, str]]:
        """Return users to look up with their addresses, those never looked up first."""
        async with self._database.reading() as session:
            seen = await _users_with_spend(session, now)
            known = await _known(session)
        due = []
        for source in self._sources:
            wanted = [
                user
                for name, user in seen
                if name == source.name and _is_due(known.get((name, user)), now)
            ]
            if not wanted:
                continue
            try:
                addresses = await source.provider.user_addresses(now)
            except ProviderError:  # the next sync asks again
                continue
            due += [((source.name, user), addresses[user]) for user in wanted if user in addresses]
        return sorted(due, key=lambda each: each[0] in known)


async def load_matches(database: Database) -> None:
    """Use the matches that are stored."""
    if not database.configured:
        return
    match, name = UserMatch, StoredName
    is_name = and_(
        col(name.connection) == col(match.connection),
        col(name.kind) == "user",
        col(name.item_id) == col(match.user_id),
    )
    async with database.reading() as session:
        rows = await session.transaction.execute(
            select(col(match.connection), col(match.user_id), col(name.name), col(match.slack_id))
            .join(name, is_name, isouter=True)
            .where(col(match.slack_id).is_not(None))
            .where(col(match.connection).in_(session.names()))
            .order_by(col(match.slack_id), col(match.connection), col(match.user_id))
        )
        database.people.match([Match(*row[:3], str(row.slack_id)) for row in rows])


async def _users_with_spend(session: Session, now: datetime) -> Sequence[UserKey]:
    row, today = StoredBreakdown, utc_day(now)
    rows = await session.transaction.execute(
        select(col(row.connection), col(row.item_id))
        .where(col(row.dimension) == "user", col(row.item_id).is_not(None))
        .where(col(row.connection).in_(session.names()))
        .where(within(col(row.day), Period(today - DAY * SEEN_DAYS, today + DAY)))
        .distinct()
    )
    return sorted((each.connection, str(each.item_id)) for each in rows)


async def _known(session: Session) -> Mapping[UserKey, Row[*tuple[Any, ...]]]:
    """Return who was looked up, with the result and when it was."""
    match = UserMatch
    rows = await session.transaction.execute(
        select(
            col(match.connection), col(match.user_id), col(match.slack_id), col(match.checked_at)
        )
    )
    return {(row.connection, row.user_id): row for row in rows}


def _is_due(known: Row[*tuple[Any, ...]] | None, now: datetime) -> bool:
    """Return True if a user was never looked up, or long ago. A clock that was set back makes users
    due."""
    if known is None:
        return True
    lasts = NOT_FOUND_LASTS if known.slack_id is None else FOUND_LASTS
    return not timedelta(0) <= now - known.checked_at < lasts
