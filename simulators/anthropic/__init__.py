"""Anthropic's Admin API, simulated."""

from simulators.anthropic.server import AnthropicServer

__all__ = ["AnthropicServer"]
