"""The meaning of DeepSeek's refusals, by status (api-docs.deepseek.com, error codes)."""

from providers.errors import AccountBlocked, CredentialRejected
from providers.refusal import Meanings

_KEYS_PAGE = "platform.deepseek.com/api_keys"
MEANINGS: Meanings = {
    401: (CredentialRejected, f"Create an API key at {_KEYS_PAGE} and use it here."),
    # Insufficient balance; not established whether this endpoint answers so.
    402: (AccountBlocked, "Add credit at platform.deepseek.com/top_up."),
}
