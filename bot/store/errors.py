"""What can be wrong with the database, in words for the person who runs it."""


class StoreError(Exception):
    """The database cannot be used: `str()` says why, `remedy` what to do about it.

    Neither holds a password, a row or a statement.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class SchemaTooNew(StoreError):
    """A newer version of aicost has written this database."""


class LeaseLost(StoreError):
    """Another process took over a lease that was not renewed in time."""
