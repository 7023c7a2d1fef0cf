"""Starts the demo's simulated providers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from simulators.anthropic import AnthropicServer
from simulators.openai import OpenAIServer
from simulators.openrouter import OpenRouterServer
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from simulators.world import World

TITLES = "OpenAI, OpenRouter and Anthropic"
"""Those that `simulated_providers` simulates, as people write them."""


@dataclass(frozen=True, slots=True)
class SimulatedProviders:
    """The running providers of one world."""

    world: World
    quirks: Quirks
    openai: OpenAIServer
    openrouter: OpenRouterServer
    anthropic: AnthropicServer

    @property
    def environment(self) -> dict[str, str]:
        """The variables that connect aicost to OpenAI and OpenRouter, with keys that may read
        everything; `anthropic.environment` adds Anthropic."""
        return {
            "OPENAI_ADMIN_KEY": self.openai.keys.admin,
            "OPENAI_BASE_URL": self.openai.base_url,
            "OPENROUTER_MANAGEMENT_KEY": self.openrouter.keys.management,
            "OPENROUTER_BASE_URL": self.openrouter.base_url,
        }


@asynccontextmanager
async def simulated_providers(
    world: World, quirks: Quirks | None = None
) -> AsyncIterator[SimulatedProviders]:
    """Serve OpenAI, OpenRouter and Anthropic on free ports of 127.0.0.1."""
    switches = quirks or Quirks()
    async with (
        serve_provider(OpenAIServer(world, switches)) as openai,
        serve_provider(OpenRouterServer(world, switches)) as openrouter,
        serve_provider(AnthropicServer(world, switches)) as anthropic,
    ):
        yield SimulatedProviders(world, switches, openai, openrouter, anthropic)
