"""The database: sessions for reading and for writing, and leases."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col

from bot.access.models import EVERYTHING, VisibilityScope
from bot.config.intervals import PRODUCTION, Intervals
from bot.db.address import (
    POSTS,
    describe,
    explain,
    full,
    gone,
    held,
    is_out_of_room,
    parse,
    path_of,
    too_busy,
)
from bot.db.engine import (
    Timeouts,
    for_jobs,
    for_people,
    for_reading,
    for_writing,
    make_engine,
    make_watch,
)
from bot.db.errors import DatabaseUnavailable
from bot.db.lease import Leases
from bot.db.models import StoredConnection, Visibility
from bot.db.schema import SchemaChange, head_revision, upgrade
from bot.db.session import Session, upsert_rows
from bot.ledger.models import ConfiguredConnection
from bot.teams.models import NO_TEAMS, PersonCosts, Teams


async def open_database(
    url: str,
    connections: Sequence[ConfiguredConnection],
    now: datetime,
    intervals: Intervals = PRODUCTION,
) -> "Database":
    """Migrate the database, and open it for these connections.

    Raises `DatabaseUnavailable`. The caller closes it.
    """
    change = await asyncio.to_thread(upgrade, url)
    store = Database(url, intervals=intervals)
    store.schema_change = change
    try:
        await store.configure(connections, now)
    except BaseException:
        await store.close()
        raise
    return store


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """Equal to an earlier one exactly as long as nothing in the database has changed."""

    version: object
    visibility: object
    """Equal as long as the visibility rules haven't changed."""


class _WritersTurn(asyncio.Lock):
    """Lets the writers of one process take turns. The database's own lock does so between
    processes, but SQLite's sleeps and retries, which is neither fast nor fair."""

    waits_outside = False
    """The current writer waits for another process."""


class Database:
    """SQLite or PostgreSQL.

    Every method raises `DatabaseUnavailable` if the database doesn't answer or can't be used.
    """

    def __init__(
        self,
        url: str,
        timeouts: Timeouts | None = None,
        intervals: Intervals = PRODUCTION,
    ) -> None:
        timeouts = timeouts or for_jobs(intervals.job_database)
        self._intervals = intervals
        self._url = parse(url)
        self._engine = make_engine(self._url, timeouts)
        self._watch = make_watch(self._url, timeouts)
        self._state: DatabaseState | None = None
        self._timeouts = timeouts
        self._turn = _WritersTurn()
        self.leases = Leases(self._read, self._change, intervals)
        self.configured: Sequence[ConfiguredConnection] = ()
        """The connections that repositories use by default."""
        self._head = head_revision()
        self._path = path_of(self._url)
        self._identity = self._path and _identity(self._path)
        self.teams = NO_TEAMS
        """Whose charges are whose."""
        self.people = PersonCosts()
        """Whose provider users are whose, by Slack id."""
        self.has_webhook = False
        """Events for the webhook are written too."""
        self.schema_change: SchemaChange | None = None
        """What was done to its tables when it was opened."""

    def for_people(self) -> "Database":
        """Return the same database for requests of users. It has its own connections, so that
        nothing else waits for them, and fails instead of waiting long. The caller closes it."""
        url = self._url.render_as_string(hide_password=False)
        other = Database(url, for_people(self._intervals.database), self._intervals)
        other.configured, other._turn = self.configured, self._turn
        other.has_webhook = self.has_webhook
        other.teams, other.people = self.teams, self.people
        return other

    @property
    def person_costs(self) -> Teams:
        """Return whose provider users are whose now."""
        return self.people.all

    @person_costs.setter
    def person_costs(self, people: Teams) -> None:
        """Use these people, and none that were matched."""
        self.people.named = self.people.all = people

    async def configure(self, connections: Sequence[ConfiguredConnection], now: datetime) -> None:
        """Use these connections from now on. Others stay in the ledger, but are hidden."""
        table = StoredConnection
        wanted = {row.name: row for row in connections}
        async with self._read() as connection:
            rows = await connection.execute(select(table).where(col(table.name).in_(list(wanted))))
            known = {
                row.name: ConfiguredConnection(
                    row.name, row.provider, row.title, row.billing, row.settling_days
                )
                for row in rows
            }
        if known != wanted:
            async with self._write() as connection:
                await _put_connections(connection, connections, now)
        self.configured = tuple(connections)

    @asynccontextmanager
    async def reading(self, visibility: VisibilityScope = EVERYTHING) -> AsyncIterator[Session]:
        """Yield a session that reads one consistent state, and waits for no writer."""
        async with (
            self._read() as connection,
            Session(
                connection,
                self.configured,
                visibility,
                has_webhook=self.has_webhook,
                teams=self.teams,
                person_costs=self.person_costs,
                reads={},
            ) as session,
        ):
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        """Yield a session whose changes are committed together, or rolled back if the block raises.
        There is one at a time over all processes."""
        async with (
            self._write() as connection,
            Session(
                connection,
                self.configured,
                has_webhook=self.has_webhook,
                teams=self.teams,
                person_costs=self.person_costs,
            ) as session,
        ):
            yield session
            await session.flush()
        for do in session.after_commit:
            do()

    @property
    def posts_mark(self) -> Path | None:
        """Return the file next to a SQLite file that says how far its outbox got; None without
        one."""
        return self._path and self._path.with_name(self._path.name + POSTS)

    @property
    def description(self) -> str:
        """Return a description without user and password."""
        return describe(self._url)

    async def state(self) -> DatabaseState:
        """Return the state at some moment after the call. It is read outside any transaction and
        always by the same connection, because SQLite counts changes per connection."""
        query = "PRAGMA data_version"
        if self._engine.dialect.name == "postgresql":
            query = "SELECT pg_current_snapshot()::text"
        async with self._transaction(self._watch) as connection:
            opened = connection.info.setdefault("aicost_opened", object())
            version = opened, await connection.scalar(text(query))
            if self._state is None or self._state.version != version:
                rules = await connection.execute(select(Visibility))
                self._state = DatabaseState(version, tuple(rules))
            return self._state

    async def check_writable(self) -> None:
        """Write a row and undo it, so that nothing changes. Raises `DatabaseUnavailable` if that
        fails, or would fail soon."""
        if self._path is not None and is_out_of_room(self._path):
            raise full(self._url)
        row = {"name": f"check:{uuid4().hex}", "at": 0.0}
        async with self._change() as connection:
            statement = "INSERT INTO lease (name, holder, token, expires_at)"
            values = " VALUES (:name, 'doctor', :name, :at)"
            await connection.execute(text(statement + values), row)
            await connection.rollback()

    async def is_current(self) -> bool:
        """Return True if the database answers and its schema is current."""
        async with self._read() as connection:
            found = await connection.execute(text("SELECT version_num FROM alembic_version"))
            return found.scalar() == self._head

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        await self._watch.dispose()

    def _read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._transaction(for_reading(self._engine))

    @asynccontextmanager
    async def _change(self) -> AsyncIterator[AsyncConnection]:
        """Yield a transaction for one statement, which waits for writers only if it must."""
        if self._engine.dialect.name == "sqlite":
            async with self._write() as connection:
                yield connection
        else:
            async with self._transaction(self._engine) as connection:
                yield connection

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncConnection]:
        """Yield a transaction while no other process or task writes."""
        turn = self._turn
        try:
            async with asyncio.timeout(self._timeouts.turn):
                await turn.acquire()
        except TimeoutError:
            waits_for = held(self._url) if turn.waits_outside else None
            raise _failed(waits_for or too_busy(self._url, writing=True), True) from None
        try:
            turn.waits_outside = True
            async with self._transaction(for_writing(self._engine)) as connection:
                turn.waits_outside = False
                yield connection
        finally:
            turn.waits_outside = False
            turn.release()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        writes = engine.get_execution_options().get("aicost_writes", False)
        if self._path is not None and _identity(self._path) != self._identity:
            raise _failed(gone(self._url), writes)
        is_ending = False
        try:
            async with engine.begin() as connection:
                yield connection
                is_ending = True
        except PoolTimeoutError as error:
            raise _failed(too_busy(self._url, writing=False), writes) from error
        except DBAPIError as error:
            if (explained := explain(self._url, error)) is None:
                raise
            in_doubt = is_ending and error.connection_invalidated  # the server may have kept it
            raise _failed(explained, writes and not in_doubt) from error


def _failed(error: DatabaseUnavailable, is_nothing_saved: bool) -> DatabaseUnavailable:
    error.is_nothing_saved = is_nothing_saved
    return error


async def _put_connections(
    connection: AsyncConnection, connections: Sequence[ConfiguredConnection], now: datetime
) -> None:
    table = StoredConnection
    known = await connection.execute(select(col(table.name), col(table.added_at)))
    added_at = {row.name: row.added_at for row in known}
    rows = (
        {
            "name": each.name,
            "provider": each.provider,
            "title": each.title,
            "billing": each.billing,
            "settling_days": each.settling_days,
            "added_at": added_at.get(each.name, now),
        }
        for each in connections
    )
    await upsert_rows(connection, table, rows)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what distinguishes a file from another with the same name; None if there is no
    file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
