"""The meaning of OpenRouter's refusals: its 403 has several meanings, which its text
distinguishes."""

from providers.errors import (
    AccountBlocked,
    AddressNotAllowed,
    CredentialRejected,
    PermissionMissing,
    ProviderError,
    WrongKeyKind,
)
from providers.http import Http
from providers.refusal import Meanings, Refusal, listed

KEY_REMEDY = "Create a management key at openrouter.ai/settings/management-keys and use it here."
_CREDIT = "Credit is used up. Buy credit at openrouter.ai/settings/credits."
_MEANINGS: Meanings = {
    "authentication": (CredentialRejected, KEY_REMEDY),
    "payment_required": (AccountBlocked, _CREDIT),
    402: (AccountBlocked, _CREDIT),
    401: (CredentialRejected, KEY_REMEDY),
}


def with_own_errors(http: Http) -> Http:
    """Return the same client with OpenRouter's meaning of refusals."""
    return http.with_error_mapper(_explain)


def needs_management_key(what: str) -> WrongKeyKind:
    """Return the error for an ordinary key, which sees only itself. Its figures are never used as
    the account's."""
    return WrongKeyKind(
        f"OpenRouter shows the account's {what} only to management keys. This is an inference key",
        remedy=KEY_REMEDY,
    )


def _explain(refusal: Refusal) -> ProviderError | None:
    words = refusal.words
    if refusal.is_page:
        return None
    if (known := listed(refusal, _MEANINGS)) is not None:
        return known
    if refusal.status != 403:
        return None
    if "management key" in words or "provisioning key" in words:
        return WrongKeyKind(str(refusal), remedy=KEY_REMEDY)
    if "allowlist" in words or "ip address" in words:
        return AddressNotAllowed(str(refusal))
    if "limit exceeded" in words or "budget" in words:
        return PermissionMissing(
            str(refusal),
            remedy="Raise that limit at openrouter.ai/settings, or wait until it resets.",
        )
    return None
