"""OpenRouter: what an account used and has left, read with a management key."""

from providers.openrouter.provider import OpenRouter, connect

__all__ = ["OpenRouter", "connect"]
