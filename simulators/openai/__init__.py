"""OpenAI's administration API, simulated."""

from simulators.openai.server import MANAGEMENT, USAGE, OpenAIServer

__all__ = ["MANAGEMENT", "USAGE", "OpenAIServer"]
