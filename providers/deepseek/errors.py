"""The meaning of DeepSeek's refusals."""

from providers.errors import AccountBlocked, CredentialRejected, ProviderError
from providers.http import Http
from providers.refusal import Refusal

_KEYS = "Create an API key at platform.deepseek.com/api_keys and use it here."
_CREDIT = "Add credit at platform.deepseek.com/top_up."


def with_own_errors(http: Http) -> Http:
    """Return the same client with DeepSeek's meaning of refusals."""
    return http.with_error_mapper(_explain)


def _explain(refusal: Refusal) -> ProviderError | None:
    if refusal.is_page:
        return None
    match refusal.status:
        case 401:
            return CredentialRejected(str(refusal), remedy=_KEYS)
        case 402:  # insufficient balance; not established whether this endpoint answers so
            return AccountBlocked(str(refusal), remedy=_CREDIT)
        case _:
            return None
