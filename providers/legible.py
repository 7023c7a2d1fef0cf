"""The old name of `providers.redaction.visible`."""

from providers.redaction import visible as legible

__all__ = ["legible"]
