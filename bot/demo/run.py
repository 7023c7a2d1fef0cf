"""`aicost demo`: the real bot on simulated vendors and Slack; nothing leaves the machine.

Of the person's environment and files nothing is read: settings are made here, and the ledger is a
temporary one.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import click

from bot import progress, service
from bot.bootstrap import open_house
from bot.demo.clock import DemoClock
from bot.demo.slack import Workspace, serve_slack, small_office
from bot.demo.slack.office import COSTS, MANAGER
from bot.demo.vendors import simulated_vendors
from bot.demo.world import World
from bot.settings import Settings, settings_of

SEED = "a small team"
TOUR = (
    "/aicost",
    "/aicost openai last month",
    "/aicost by model",
    "/aicost balance",
    "/aicost status",
)
PATIENCE = 30.0
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy")


async def run_demo(texts: Sequence[str], now: datetime) -> int:
    """Say the texts, print the answers, and end; without texts, give a tour, and at a terminal
    answer what is typed until the input ends. Ctrl-C ends it at any point."""
    this = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, this.cancel if this else loop.stop)
    try:
        async with demo_office(now) as office:
            if texts:
                await _say_all(office, texts)
            else:
                await _tour(office)
                if sys.stdin.isatty() and sys.stdout.isatty():
                    await _converse(office)
    except asyncio.CancelledError:
        click.echo("")
    return 0


@asynccontextmanager
async def demo_office(now: datetime) -> AsyncIterator[Workspace]:
    """A workspace with the bot in it, which has read a year of both vendors; the clock runs on
    from `now`."""
    for name in list(os.environ):
        if name.lower() in _PROXIES:  # Slack's client would ask a proxy for this machine
            del os.environ[name]
    clock = DemoClock(now)
    clock.run()
    with tempfile.TemporaryDirectory(prefix="aicost-demo-") as folder:
        async with (
            simulated_vendors(World(SEED, clock)) as vendors,
            serve_slack(small_office(clock)) as slack,
        ):
            environment = {
                **vendors.environment,
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "AICOST_MANAGERS": MANAGER,
                "DATABASE_URL": f"sqlite:///{folder}/aicost.db",
                "PORT": "0",
            }
            settings = settings_of(environment, Path(folder))
            await _read_a_year(settings, clock)
            async with service.serving(settings, clock, "127.0.0.1"):
                await slack.connected()
                yield slack.workspace


async def _read_a_year(settings: Settings, clock: DemoClock) -> None:
    async with open_house(settings, clock) as house:
        with progress.shown() as show:
            await house.sync().round(show)


async def _tour(office: Workspace) -> None:
    click.echo(
        "This is aicost in a simulated Slack, beside a simulated OpenAI and OpenRouter with a "
        "made-up team's\nyear of spending. Nothing leaves this machine."
    )
    for text in TOUR:
        click.echo(f"\n› {text}\n")
        click.echo(_indented(await _answer(office, text)))


async def _converse(office: Workspace) -> None:
    """Answer what is typed, until the input ends."""
    click.echo("\nType /aicost and what you want to know (/aicost help), or Ctrl-D to end.")
    while True:
        click.echo("\n› ", nl=False)
        line = await _typed_line()
        if not line or line.strip() in {"quit", "exit"}:
            click.echo("")
            return
        if line.strip():
            click.echo("\n" + _indented(await _answer(office, line.strip())))


async def _typed_line() -> str:
    """The next line of standard input, empty at its end. No thread waits for it: one could not be
    interrupted."""
    loop = asyncio.get_running_loop()
    is_there = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), is_there.set)
    try:
        await is_there.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline()


async def _say_all(office: Workspace, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts):
        answer = await _answer(office, text)
        click.echo(("\n" if number else "") + answer)


async def _answer(office: Workspace, text: str) -> str:
    """What comes back in Slack, as text; words without a slash are said to `/aicost`."""
    words = text if text.startswith("/") else f"/aicost {text}"
    answer = await office.say(MANAGER, COSTS, words, patience=PATIENCE)
    return answer.plain or f"Slack says: {answer.failure or 'no answer came'}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.splitlines())
