"""OpenAI: what an organization's costs say, read with an admin key."""

from providers.openai.costs import WINDOW_DAYS
from providers.openai.provider import OpenAI, connect

__all__ = ["WINDOW_DAYS", "OpenAI", "connect"]
