"""OpenRouter: what an account used and has left, read with a management key."""

from providers.openrouter.provider import HISTORY_DAYS, OpenRouter, connect
from providers.openrouter.usage import WINDOW_DAYS

__all__ = ["HISTORY_DAYS", "WINDOW_DAYS", "OpenRouter", "connect"]
