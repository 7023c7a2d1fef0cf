"""One unit of work: what all repositories of one transaction share."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.access.models import EVERYTHING, VisibilityScope
from bot.budgets.models import Scope
from bot.db.address import explain
from bot.ledger.models import ConfiguredConnection


class Session(AsyncSession):
    """A session over one open transaction, as `bot.db.database.Database` opens it.

    Where no connection in particular is asked for, repositories answer for the `configured` ones:
    another process on the same database may be set up for others. What `visibility` holds back is
    not there. What a query returns is what the database holds now, also where the same row was
    read before.
    """

    def __init__(
        self,
        transaction: AsyncConnection,
        configured: Sequence[ConfiguredConnection],
        visibility: VisibilityScope = EVERYTHING,
        about: Scope | None = None,
    ) -> None:
        super().__init__(
            transaction,
            join_transaction_mode="rollback_only",  # never by a savepoint that nobody releases
            execution_options={"populate_existing": True},
        )
        self.transaction = transaction
        """The same transaction for statements over many rows, which make no entities."""
        self.configured = configured
        self.visibility = visibility
        self.about = about
        """One project, key or model that a question is about; None: everything that is visible."""
        self.after_commit: list[Callable[[], None]] = []
        """What is done once all changes are kept, such as to log them; where they aren't, not."""

    def names(self, connections: Sequence[str] | None = None) -> Sequence[str]:
        """These connections; None: the configured ones."""
        return [each.name for each in self.configured] if connections is None else connections

    def seen_whole(self, connections: Sequence[str] | None = None) -> Sequence[str]:
        """Those of these connections (None: the configured ones) that are seen whole."""
        return [each for each in self.names(connections) if self.sees_whole(each)]

    def sees_whole(self, connection: str) -> bool:
        """Whether every project of the connection is seen, and the question is about all of it."""
        return self.about is None and self.visibility.of(connection) is None

    def seen_in_part(
        self, connections: Sequence[str] | None = None
    ) -> Sequence[tuple[str, frozenset[str] | None]]:
        """Those of which a part is seen, and the names or ids of the projects in it, case-folded;
        None: any."""
        names = [each for each in self.names(connections) if not self.sees_whole(each)]
        seen = ((name, self.visibility.of(name)) for name in names)
        return [(name, projects) for name, projects in seen if projects != frozenset()]

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What is written in this block is kept as a whole, or, where it raises, not at all; what
        the transaction wrote before stays either way.

        Raises `DatabaseUnavailable` where the database itself fails, which ends the transaction:
        SQLite without room has already undone all of it.
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
        """The same transaction, of which only what is visible is there."""
        return Session(self.transaction, self.configured, visibility)

    def narrowed(self, about: Scope | None) -> "Session":
        """The same transaction, of which only what belongs to a project, key or model is there."""
        return Session(self.transaction, self.configured, self.visibility, about)
