"""DeepSeek's balance endpoint, simulated."""

from simulators.deepseek.server import OTHER_LEFT, DeepSeekServer

__all__ = ["OTHER_LEFT", "DeepSeekServer"]
