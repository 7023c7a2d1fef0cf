"""What can be wrong with the database, in words for the person who runs it."""

from bot.ledger.ports import LedgerUnavailable


class StoreError(LedgerUnavailable):
    """The database cannot be used: `str()` says why, `remedy` what to do about it.

    Neither holds a password, a row or a statement.
    """

    may_recover = False
    """It may become right though nobody changes the settings: a start waits for that."""

    def __init__(
        self, message: str, remedy: str, state: str = "can't be used", *, is_passing: bool = False
    ) -> None:
        super().__init__(message, state, is_passing)
        self.remedy = remedy


class SchemaTooNew(StoreError):
    """A newer version of aicost has written this database."""


class LeaseLost(StoreError):
    """Another process took over a lease that was not renewed in time."""
