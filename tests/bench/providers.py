"""Both simulated providers as a process of its own: `python -m tests.bench.providers`.

It prints the variables that connect to them, and answers each request after a tenth of a second, as
soon as real ones ever do. For each line it reads, it prints the requests since the last one.
"""

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from aiohttp import web

from simulators.clock import DemoClock
from simulators.provider_server import ProviderServer
from simulators.providers import simulated_providers
from simulators.world import World
from tests.bench.ledger import NOW


async def main() -> None:
    """Serve until standard input ends."""
    async with simulated_providers(World("bench", DemoClock(NOW))) as providers:
        for server in (providers.openai, providers.openrouter):
            server.faults.add(_far_away)
        _print(providers.environment)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            _print([*_taken(providers.openai), *_taken(providers.openrouter)])


async def _far_away(_: web.Request) -> None:
    await asyncio.sleep(0.1)


def _taken(server: ProviderServer) -> list[dict[str, Any]]:
    rows = [{**asdict(seen), "at": None} for seen in server.requests]
    server.requests.clear()
    return rows


def _print(content: object) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
