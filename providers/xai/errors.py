"""The meaning of xAI's refusals. Their bodies aren't documented, so only the status counts."""

from providers.errors import CredentialRejected, ProviderError, WrongKeyKind
from providers.http import Http
from providers.refusal import Refusal

KEY_REMEDY = "Create a management key with Billing Read at console.x.ai and use it here."


def with_own_errors(http: Http) -> Http:
    """Return the same client with xAI's meaning of refusals."""
    return http.with_error_mapper(_explain)


def _explain(refusal: Refusal) -> ProviderError | None:
    if refusal.is_page:
        return None
    match refusal.status:
        case 401:
            return CredentialRejected(str(refusal), remedy=KEY_REMEDY)
        case 403:  # an inference key, or a management key that may not read billing
            return WrongKeyKind(str(refusal), remedy=KEY_REMEDY)
        case _:
            return None
