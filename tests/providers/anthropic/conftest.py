"""A simulated organization of Anthropic, and the provider that reads it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime

import pytest

from providers import anthropic
from providers.base import Provider
from providers.http import Pool
from providers.period import DAY, Period
from simulators.anthropic import AnthropicServer
from simulators.clock import DemoClock
from simulators.provider_server import serve_provider
from simulators.quirks import Quirks
from simulators.world import World

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
EXPORT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = date(2026, 11, 24)
LATELY = Period(date(2026, 10, 12), date(2026, 11, 25))
WHOLE = Period(LATELY.start, TODAY)
LAST_WEEK = Period(TODAY - DAY * 7, TODAY)


@pytest.fixture
async def server() -> AsyncIterator[AnthropicServer]:
    """A simulated organization with nothing odd about it."""
    world = World("providers", DemoClock(NOW))
    async with serve_provider(AnthropicServer(world, Quirks())) as running:
        yield running


@pytest.fixture
def connected(server: AnthropicServer, pool: Pool) -> Callable[..., Provider]:
    """The provider, connected to it."""

    def connect(key: str | None = None) -> Provider:
        kind = anthropic.KIND
        return kind.connect(pool.http(server.base_url, key or server.keys.admin, kind.title))

    return connect
