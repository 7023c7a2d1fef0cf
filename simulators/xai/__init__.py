"""xAI's management API, simulated."""

from simulators.xai.server import XAIServer

__all__ = ["XAIServer"]
