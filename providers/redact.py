"""The old name of `providers.redaction`."""

from providers.redaction import redact as redact
