"""A week of the demo as Prometheus would have scraped it, in the format that `promtool` takes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.cli.demo import BOT
from simulators.clock import DemoClock
from simulators.demo.app import RunningApp
from simulators.demo.moving import Mover
from simulators.demo.start import demo_stage
from simulators.demo.steps import Expect, Happen, Say
from tests.e2e.test_clock_steps import free_port
from tests.webhook.receiver import SECRET, receiving

START = datetime(2026, 11, 16, 8, tzinfo=UTC)
"""A Monday."""
EVERY = timedelta(hours=6)
SCRAPES = 7 * 4
SETTING = {
    "/aicost budget set openai 6000 monthly at 50,80,100": "Budget created",
    "/aicost budget set project search 900 weekly": "Budget created",
    "/aicost budget set each team 2500 monthly": "Budget created",
    "/aicost budget set openrouter left 14d": "Low-balance alert created",
    "/aicost digest on 09:00 daily": "Digest 1 is on",
}
"""What is typed, and what the answer has."""
HAPPENS = {
    8: Happen("spike"),
    14: Happen("outage"),
    15: Happen("outage", is_over=True),
    20: Happen("top-up"),
}
"""After so many scrapes."""


async def record(file: Path) -> tuple[datetime, datetime]:
    """Play the week; write all samples to the file, and return the first and last moment."""
    port = free_port()

    @asynccontextmanager
    async def watched(
        environment: Mapping[str, str], folder: Path, clock: DemoClock
    ) -> AsyncIterator[RunningApp]:
        # One that answers: the clock stops, and all is read again, before each new try of an event.
        async with receiving() as receiver:
            webhook = {"AICOST_WEBHOOK_URL": receiver.url, "AICOST_WEBHOOK_SECRET": SECRET}
            more = {"AICOST_METRICS_AMOUNTS": "on", "PORT": str(port), **webhook}
            async with BOT.start({**environment, **more}, folder, clock) as running:
                yield running

    async with (
        demo_stage(replace(BOT, start=watched), START) as stage,
        aiohttp.ClientSession() as session,
    ):
        stage.clock.stop()
        mover = Mover(stage.app, stage.clock)
        await mover.to(stage.clock())  # the first sync is over: settings wait for it only briefly
        for text, answer in SETTING.items():
            await stage.do(Say(text))
            await stage.do(Expect(answer))
        with file.open("w", encoding="utf-8") as out:
            for number in range(SCRAPES):
                if number in HAPPENS:
                    await stage.do(HAPPENS[number])
                await mover.to(stage.clock() + EVERY)
                text = ""
                while "aicost_database_up 1.0" not in text:  # it was too busy to read its figures
                    await asyncio.sleep(1.1)  # faster scrapes get the same figures
                    async with session.get(f"http://127.0.0.1:{port}/metrics") as found:
                        text = await found.text()
                out.write("".join(_lines(text, stage.clock().timestamp())))
            out.write("# EOF\n")
        return START + EVERY, stage.clock()


def _lines(text: str, at: float) -> list[str]:
    lines = []
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = {**sample.labels, "job": "aicost", "instance": "127.0.0.1:3000"}
            inside = ",".join(f'{name}="{value}"' for name, value in labels.items())
            lines.append(f"{sample.name}{{{inside}}} {sample.value} {at}\n")
    return lines
