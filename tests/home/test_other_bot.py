"""Two bots with the same tokens: on one database they are copies, on two somebody has to know."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.service import Bot, serving
from bot.settings.intervals import Backoff, Intervals
from bot.settings.settings import settings_of
from simulators.slack.office import COSTS, MANAGER
from tests.home.conftest import Stage
from tests.quick import QUICK

SAYS = "that no copy of aicost on this database has"


SOON = replace(QUICK, recount=Backoff(0.05, 0.05))


@pytest.fixture
def intervals() -> Intervals:
    """Counts that don't fit are made again at once."""
    return SOON


@asynccontextmanager
async def another_bot(stage: Stage, database: Path) -> AsyncIterator[Bot]:
    """A second bot in the same Slack."""
    variables = {
        "OPENAI_ADMIN_KEY": "sk-admin-simulated-0000000000",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "SLACK_BOT_TOKEN": stage.slack.bot_token,
        "SLACK_APP_TOKEN": stage.slack.app_token,
        "SLACK_API_URL": stage.slack.api_url,
        "DATABASE_URL": f"sqlite:///{database}",
        "PORT": "0",
    }
    settings = settings_of(variables, database.parent, SOON)
    async with serving(settings, stage.clock, "127.0.0.1") as bot:
        yield bot


async def status(stage: Stage) -> str:
    """What `/aicost status` says, of whichever bot it reaches."""
    answer = await stage.office.say(MANAGER, COSTS, "/aicost status")
    return answer.plain


async def until_status_says(stage: Stage, *, warns: bool) -> None:
    """One of the bots says, or says no more, that there is another one."""
    async with asyncio.timeout(10):
        while (SAYS in await status(stage)) != warns:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_two_databases(stage: Stage, tmp_path: Path) -> None:
    """The one that comes second says so, in its log and in /aicost status."""
    shutil.copy(tmp_path / "ledger.db", tmp_path / "other.db")
    with capture_logs() as lines:
        async with another_bot(stage, tmp_path / "other.db"):
            await until_status_says(stage, warns=True)
    told = [line for line in lines if line["event"] == "slack.other_bot"]
    assert [(line["log_level"], line["connections"]) for line in told] == [("warning", 1)]
    assert "DATABASE_URL" in told[0]["remedy"]


async def test_copies_on_one_database(stage: Stage, tmp_path: Path) -> None:
    """Copies know each other, and are no news; one that has ended is known no more."""
    with capture_logs() as lines:
        async with another_bot(stage, tmp_path / "ledger.db") as second:
            assert await stage.store.count_alive() == 2
            await second.slack.count_again()
            for _ in range(2):
                assert SAYS not in await status(stage)
    assert await stage.store.count_alive() == 1
    assert not [line for line in lines if line["event"] == "slack.other_bot"]


async def test_once_the_other_bot_has_ended(stage: Stage) -> None:
    """The warning ends with it."""
    link = stage.slack.api_url.replace("http", "ws").replace("/api/", stage.office.sockets.issue())
    with capture_logs() as lines:
        async with aiohttp.ClientSession() as session, session.ws_connect(link) as other:
            await other.receive_json()
            await stage.bot.slack.count_again()
            async with asyncio.timeout(10):
                while not [line for line in lines if line["event"] == "slack.other_bot"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        async with asyncio.timeout(10):
            while "ended" not in [line.get("phase") for line in lines]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    await stage.slack.connected()
    assert SAYS not in await status(stage)
