"""Start the demo: simulated providers, a simulated Slack, and the app on top of them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from simulators.clock import DemoClock
from simulators.demo.app import App
from simulators.demo.folder import temporary_folder
from simulators.demo.stage import Stage
from simulators.providers import simulated_providers
from simulators.slack import serve_slack, small_office
from simulators.slack.office import MANAGER
from simulators.world import World

SEED = "a small team"
DATABASE = "aicost.db"
CONFIG = Path(__file__).with_name("teams.toml")
"""The demo's teams and people."""
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy")


@asynccontextmanager
async def demo_stage(app: App, now: datetime) -> AsyncIterator[Stage]:
    """Open a workspace with the app, which has read a year of both providers. The clock starts at
    `now`. Nothing is kept."""
    with temporary_folder() as folder:
        async with stage_in(folder, app, now) as stage:
            yield stage


@asynccontextmanager
async def stage_in(folder: Path, app: App, now: datetime) -> AsyncIterator[Stage]:
    """Open the same with the database in that folder. The app reads only what it lacks."""
    for name in list(os.environ):
        if name.lower() in _PROXIES:  # Slack's client would ask a proxy for this machine
            del os.environ[name]
    clock = DemoClock(now)
    clock.run()
    async with (
        simulated_providers(World(SEED, clock)) as providers,
        serve_slack(small_office(clock, render=app.render)) as slack,
    ):
        environment = {
            **providers.environment,
            **providers.anthropic.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "AICOST_MANAGERS": MANAGER,
            "AICOST_CONFIG": str(CONFIG),
            "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
            "PORT": "0",
        }
        async with app.start(environment, folder, clock) as running:
            await slack.connected()
            yield Stage(slack.workspace, providers, clock, running, app.commands)
