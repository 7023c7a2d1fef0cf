"""Errors of the database, in words for the person who runs it."""


class DatabaseUnavailable(Exception):
    """The database can't be used now: `str()` says why, `remedy` how to fix it.

    Neither contains a password, a row or a statement.
    """

    may_recover = False
    """It may recover without a change of settings, so a start waits for it."""
    is_nothing_saved = False
    """It is certain that the failed change was not saved."""

    def __init__(
        self, message: str, remedy: str, state: str = "can't be used", *, is_passing: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.state = state
        """The problem in words that anyone may read: ``has no disk space left``."""
        self.is_passing = is_passing
        """It ends without a fix, within about a minute."""


class SchemaTooNew(DatabaseUnavailable):
    """A newer version of aicost has migrated this database."""


class LeaseLost(DatabaseUnavailable):
    """Another process took over a lease that was not renewed in time."""
