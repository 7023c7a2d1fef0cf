"""One unit of work: what all repositories of a transaction share, and statements for many rows."""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.access.models import EVERYTHING, VisibilityScope
from bot.db.address import explain
from bot.db.models import Table
from bot.ledger.models import ConfiguredConnection
from bot.scope import Scope
from bot.teams.models import NO_TEAMS, Teams

T = TypeVar("T")


class Session(AsyncSession):
    """A session over one open transaction; `bot.db.database.Database` opens it.

    By default, repositories return data of the `configured` connections: another process on the
    same database may have others. What `visibility` hides is left out. Queries return the current
    state of the database, also for rows that were read before.
    """

    def __init__(
        self,
        transaction: AsyncConnection,
        configured: Sequence[ConfiguredConnection],
        visibility: VisibilityScope = EVERYTHING,
        about: Scope | None = None,
        *,
        has_webhook: bool = False,
        reads: dict[Hashable, Any] | None = None,
        teams: Teams = NO_TEAMS,
        person_costs: Teams = NO_TEAMS,
    ) -> None:
        super().__init__(
            transaction,
            join_transaction_mode="rollback_only",  # never by a savepoint that nobody releases
            execution_options={"populate_existing": True},
        )
        self.transaction = transaction
        """The same transaction for statements over many rows, without entities."""
        self.configured = configured
        self.visibility = visibility
        self.about = about
        """One project, key, model, team or person that a question is about; None: everything
        visible."""
        self.teams = teams
        """Whose charges are whose."""
        self.person_costs = person_costs
        """Whose provider users are whose: each person's Slack id, with rules as a team has them."""
        self.has_webhook = has_webhook
        """Events of alerts and digests are written for the webhook too."""
        self._reads = reads
        """What was read once, by key, in a transaction that only reads; None: it may write."""
        self.after_commit: list[Callable[[], None]] = []
        """Called once all changes are committed, for example to log them; never if they are rolled
        back."""

    async def cached(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return what `read` returns. A transaction that only reads has one state, so there it is
        called once for each key."""
        if self._reads is None:
            return await read()
        if key not in self._reads:
            self._reads[key] = await read()
        return cast("T", self._reads[key])

    @property
    def payer(self) -> tuple[Teams, str] | None:
        """Return the team or person that the question is about, with the rules of all; None: it is
        about something else. Who is unknown pays for nothing."""
        if self.about is None or self.about.kind not in ("team", "person"):
            return None
        every = self.teams if self.about.kind == "team" else self.person_costs
        name = self.about.name or ""
        return every, every.called(name) or name

    def names(self, connections: Sequence[str] | None = None) -> Sequence[str]:
        """Return these connections; the configured ones for None."""
        return [each.name for each in self.configured] if connections is None else connections

    def seen_whole(self, connections: Sequence[str] | None = None) -> Sequence[str]:
        """Return those of these connections (None: the configured ones) that are fully visible."""
        return [each for each in self.names(connections) if self.sees_whole(each)]

    def sees_whole(self, connection: str) -> bool:
        """Return True if every project of the connection is visible, and the question is about all
        of it."""
        return self.about is None and self.visibility.projects_of(connection) is None

    def seen_in_part(
        self, connections: Sequence[str] | None = None
    ) -> Sequence[tuple[str, frozenset[str] | None]]:
        """Return the partly visible connections, each with the names or ids of its visible
        projects, case-folded. None: any project."""
        names = [each for each in self.names(connections) if not self.sees_whole(each)]
        seen = ((name, self.visibility.projects_of(name)) for name in names)
        return [(name, projects) for name, projects in seen if projects != frozenset()]

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Commit or roll back what the block writes, together; earlier changes of the transaction
        stay.

        Raises `DatabaseUnavailable` if the database itself fails, which ends the transaction:
        SQLite without disk space has already undone all of it.
        """
        failure: DBAPIError | None = None
        before = len(self.after_commit)
        try:
            async with self.begin_nested():
                try:
                    yield
                except BaseException as error:
                    del self.after_commit[before:]
                    failure = error if isinstance(error, DBAPIError) else None
                    raise
        except DBAPIError as error:
            # Going back to the savepoint fails too where SQLite has undone the transaction.
            explained = explain(self.transaction.engine.url, failure or error)
            raise explained or failure or error from error

    def seen_by(self, visibility: VisibilityScope) -> "Session":
        """Return the same transaction, limited to what is visible."""
        return self._limited(visibility)

    def narrowed(self, about: Scope | None) -> "Session":
        """Return the same transaction, limited to one project, key, model, team or
        person."""
        return self._limited(self.visibility, about)

    def _limited(self, visibility: VisibilityScope, about: Scope | None = None) -> "Session":
        return Session(
            self.transaction,
            self.configured,
            visibility,
            about,
            has_webhook=self.has_webhook,
            reads=self._reads,
            teams=self.teams,
            person_costs=self.person_costs,
        )


Values = Mapping[str, Any]

ROWS_AT_ONCE = 1000
"""Enough for speed. More would block the event loop noticeably."""


async def insert_rows(
    connection: AsyncConnection, table: type[Table], rows: Iterable[Values]
) -> None:
    """Insert new rows."""
    for chunk in chunks(rows):
        await connection.execute(insert(table), chunk)


async def upsert_rows(
    connection: AsyncConnection, table: type[Table], rows: Iterable[Values]
) -> None:
    """Insert rows, or update those with the same key. Columns that aren't given stay."""
    for chunk in chunks(rows):
        statement = insert_or(connection, table)
        key = statement.table.primary_key.columns
        new = {name: statement.excluded[name] for name in chunk[0] if name not in key}
        await connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=new), chunk
        )


def insert_or(connection: AsyncConnection, table: type[Table]) -> Any:
    """Return an insert in the database's own dialect, which has `on_conflict_do_update`."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # 30 ms and 2 MiB that SQLite does without

    return postgresql.insert(table)


def chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    """Yield the rows in chunks of the size of one statement."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, ROWS_AT_ONCE)):
        yield chunk
