"""OpenAI: what an organization's costs say, read with an admin key."""

from providers.openai.provider import OpenAI, connect

__all__ = ["OpenAI", "connect"]
