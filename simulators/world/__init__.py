"""A made-up team's spending: exact, seeded, and open to events."""

from simulators.clock import DemoClock
from simulators.world.anthropic import AnthropicAccount
from simulators.world.openai import OpenAIAccount
from simulators.world.openrouter import OpenRouterAccount
from simulators.world.truth import Truth

__all__ = ["AnthropicAccount", "OpenAIAccount", "OpenRouterAccount", "Truth", "World"]


class World:
    """One team at all providers. Its past is made from `seed`, seen from the clock's present when
    the world is made; days are made when they are asked for."""

    def __init__(self, seed: str, clock: DemoClock) -> None:
        self.clock = clock
        self.openai = OpenAIAccount(seed, clock)
        self.openrouter = OpenRouterAccount(seed, clock)
        self.anthropic = AnthropicAccount(seed, clock)
        self.truth = Truth(clock, self.openai, self.openrouter, self.anthropic)
