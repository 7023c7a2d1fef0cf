"""What can be wrong with the database, in words for the person who runs it."""


class DatabaseUnavailable(Exception):
    """The database can't be used now: `str()` says why, `remedy` what to do about it.

    Neither holds a password, a row or a statement.
    """

    may_recover = False
    """It may become right though nobody changes the settings: a start waits for that."""
    is_nothing_saved = False
    """It is certain that the change that failed was not kept."""

    def __init__(
        self, message: str, remedy: str, state: str = "can't be used", *, is_passing: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.state = state
        """What is wrong, for everybody to read: ``has no disk space left``."""
        self.is_passing = is_passing
        """It ends by itself, within a minute or so."""


class SchemaTooNew(DatabaseUnavailable):
    """A newer version of aicost has written this database."""


class LeaseLost(DatabaseUnavailable):
    """Another process took over a lease that was not renewed in time."""
