"""OpenAI: what an organization's costs say, read with an admin key."""

from providers.openai.provider import OpenAI, connect
from providers.openai.walk import WINDOW_DAYS

__all__ = ["WINDOW_DAYS", "OpenAI", "connect"]
