"""The meaning of xAI's refusals. Their bodies aren't documented, so only the status counts."""

from providers.errors import CredentialRejected, WrongKeyKind
from providers.refusal import Meanings

KEY_REMEDY = "Create a management key with Billing Read at console.x.ai and use it here."
MEANINGS: Meanings = {
    401: (CredentialRejected, KEY_REMEDY),
    # An inference key, or a management key that may not read billing.
    403: (WrongKeyKind, KEY_REMEDY),
}
