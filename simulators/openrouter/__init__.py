"""OpenRouter's management API, simulated."""

from simulators.openrouter.server import OpenRouterServer

__all__ = ["OpenRouterServer"]
