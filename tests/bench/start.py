"""How soon the bot is ready and what memory it holds, beside a bare Bolt app with its imports."""

import asyncio
import os

from simulators.slack.office import COSTS, MEMBER
from tests.bench.processes import Running, the_bare_app, the_bot, until_synced
from tests.bench.row import Row, at_most, shown

STARTS = int(os.environ.get("BENCH_STARTS", "3"))
ASKED = 20


def report() -> list[Row]:
    """The best of some starts each, in turn."""
    return asyncio.run(_measure())


async def _measure() -> list[Row]:
    ready: list[float] = []
    imported: list[float] = []
    bare_ready: list[float] = []
    for _ in range(STARTS):
        async with the_bot("socket") as bot:
            ready.append(bot.ready_after)
        async with the_bare_app("socket") as app:
            imported.append(app.imported_after or 0)
            bare_ready.append(app.ready_after)
    async with the_bot("socket") as bot, the_bare_app("socket") as app:
        await until_synced(bot)
        await asyncio.gather(_ask(bot), _ask(app))
        mine, bare = bot.megabytes, app.megabytes
    return [
        at_most(1.5, "ready, s, beside its imports", min(ready), min(imported)),
        shown("ready, s, beside the bare app's", min(ready), min(bare_ready)),
        at_most(1.3, "memory after a year's sync and 20 answers, MiB", mine, bare),
    ]


async def _ask(running: Running) -> None:
    for _ in range(ASKED):
        answer = await running.slack.workspace.say(MEMBER, COSTS, "/aicost by model")
        assert answer.answered_after is not None
