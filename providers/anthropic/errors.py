"""The meaning of Anthropic's refusals: by status, `type` and `error_code`, never by the message, as
its documentation demands."""

from providers.errors import (
    AccountBlocked,
    CredentialRejected,
    PermissionMissing,
    ProviderError,
    RequestRefused,
    WrongKeyKind,
)
from providers.http import Http
from providers.refusal import Meanings, Refusal, listed


class CursorExpired(RequestRefused):
    """A newer export replaced the one that was being read."""


_KEYS_PAGE = "platform.claude.com/settings/admin-keys"
KEY_REMEDY = f"Create an Admin key at {_KEYS_PAGE} and use it here."
_SCOPE_REMEDY = (
    f"Use an Admin key ({_KEYS_PAGE}); in a Claude Enterprise organization, a key with the scope "
    "read:analytics."
)
_LIMITS = "Check the limits at platform.claude.com/settings/limits."
_MEANINGS: Meanings = {
    "organization_on_hold": (
        AccountBlocked,
        "The organization is on hold. Contact Anthropic at support.claude.com.",
    ),
    "billing_error": (AccountBlocked, "Check billing at platform.claude.com/settings/billing."),
    # Spend caps come as 429 without a wait: asking again doesn't help.
    "enforced_spend_limit_reached": (AccountBlocked, _LIMITS),
    "contract_spend_limit_reached": (AccountBlocked, _LIMITS),
    401: (CredentialRejected, KEY_REMEDY),
    403: (PermissionMissing, _SCOPE_REMEDY),
    410: (CursorExpired, "aicost tries again at the next sync."),
}


def with_own_errors(http: Http) -> Http:
    """Return the same client with Anthropic's meaning of refusals."""
    if http.key_starts_with("sk-ant-api03-"):
        return http.with_error_mapper(_explain_to_workspace_key)
    return http.with_meanings(_MEANINGS)


def _explain_to_workspace_key(refusal: Refusal) -> ProviderError | None:
    if refusal.status in (401, 403) and not refusal.is_page:
        return WrongKeyKind(f"{refusal} This key is for requests to models.", remedy=KEY_REMEDY)
    return listed(refusal, _MEANINGS)
