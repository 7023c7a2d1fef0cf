"""What can go wrong between us and a provider.

::

    ProviderError
    ├── permanent: the same request will fail again until someone fixes the cause
    │   ├── CredentialRejected     the provider does not know this key (401)
    │   ├── PermissionMissing      it knows the key, which may not read this (403)
    │   │   ├── WrongKeyKind       a key of another kind is needed
    │   │   └── AddressNotAllowed  the account or the provider doesn't serve our network address
    │   ├── AccountBlocked         the account is inactive, or its credit or limit is used up
    │   ├── HistoryNotServed       the provider no longer serves days that far back
    │   └── RequestRefused         any other refusal: a change at the provider, or a bug here
    └── temporary: worth another try
        ├── RateLimited            429, with the wait the provider asks for
        ├── Unavailable            5xx, no connection, time-out
        │   ├── Blocked            a gateway in between answered with a page of its own
        │   └── NotFound           404: an outage where there must be something, else "none set"
        └── UnexpectedResponse     200 with a body that breaks the provider's own contract
            └── CurrencyNotSupported   200 with an amount that isn't in US dollars

Messages never hold a key, a fragment of one, an e-mail address or a raw body.
"""

from datetime import date


class ProviderError(Exception):
    """A figure is missing: `str()` says what failed and why, `remedy` what to do about it."""

    is_permanent = False
    default_remedy = "aicost tries again at the next sync."
    url: str | None = None
    """The requested URL, without its query and credentials."""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy or self.default_remedy

    @property
    def kind(self) -> str:
        """Return a stable name for logs, metrics and the ledger."""
        return type(self).__name__


class CredentialRejected(ProviderError):
    """The provider does not accept the key."""

    is_permanent = True
    default_remedy = "Set a valid key and restart aicost."


class PermissionMissing(ProviderError):
    """The key is known but may not read this."""

    is_permanent = True
    default_remedy = "The cause is unknown. See the provider's message."


class WrongKeyKind(PermissionMissing):
    """Another kind of key is needed; no permission of this one is enough."""


class AddressNotAllowed(PermissionMissing):
    """The account has an allowlist of network addresses, and ours is not on it."""

    default_remedy = "Add this machine's public address to the account's allowlist."


class AccountBlocked(ProviderError):
    """The account itself is refused, for every key: it is inactive, or its credit or limit is used
    up."""

    is_permanent = True
    default_remedy = "Check the account's billing and limits."


class HistoryNotServed(ProviderError):
    """The provider serves only days from `earliest` on."""

    is_permanent = True
    default_remedy = "The provider no longer has earlier days."

    def __init__(self, message: str, *, earliest: date | None) -> None:
        super().__init__(message)
        self.earliest = earliest


class RequestRefused(ProviderError):
    """The provider refused a request that it used to accept."""

    is_permanent = True
    default_remedy = "The cause is unknown. See the provider's message."


class RateLimited(ProviderError):
    """Too many requests. `retry_after` is in seconds; None if the provider gave no time."""

    default_remedy = "aicost tries again later. If this persists, sync less often."

    def __init__(
        self, message: str, *, retry_after: float | None, remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class Unavailable(ProviderError):
    """The provider did not answer, or reported that it is unavailable."""


class Blocked(Unavailable):
    """A gateway, a firewall or a sign-in page answered instead of the provider."""

    default_remedy = (
        "A gateway blocks this machine, not the key. aicost tries again at the next sync. If this "
        "persists, check the proxy and this machine's network address."
    )


class NotFound(Unavailable):
    """The provider answered 404. OpenAI and OpenRouter have done so for existing figures during
    outages, so it never means "nothing was used"."""

    default_remedy = (
        "Check the path of the base URL. An outage ends by itself: aicost tries again at the next "
        "sync."
    )


class UnexpectedResponse(ProviderError):
    """The answer breaks the provider's own contract, so nothing in it is used."""


class CurrencyNotSupported(UnexpectedResponse):
    """An amount is in another currency than US dollars, so it can't be added."""

    default_remedy = "aicost supports only accounts billed in US dollars."

    @classmethod
    def of(cls, what: str, currency: str) -> "CurrencyNotSupported":
        """Return the error about a figure in that currency."""
        return cls(f"{what}{_CURRENCY}{currency}{_NOT_SUPPORTED}")


_CURRENCY = ": the currency "
_NOT_SUPPORTED = " isn't supported"


def of_unreadable(reason: str) -> UnexpectedResponse:
    """Return the error about an unreadable row, of which only the reason was kept."""
    is_currency = _CURRENCY in reason and _NOT_SUPPORTED in reason
    return CurrencyNotSupported(reason) if is_currency else UnexpectedResponse(reason)
