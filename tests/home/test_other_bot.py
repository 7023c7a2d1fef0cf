"""Two bots with the same tokens: on one database they are copies, on two someone has to know."""

import shutil
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.config.intervals import Backoff, Intervals
from simulators.slack.office import COSTS, MANAGER
from tests.harness import Harness
from tests.quick import LONGEST, QUICK

SAYS = "isn't from a copy of aicost on this database"


@pytest.fixture
def intervals() -> Intervals:
    """Counts that don't fit are made again soon, each by a new connection; what Slack sends to the
    old one meanwhile may be lost. Each bot warns once, without a reminder."""
    return replace(QUICK, recount=Backoff(0.05, 1.0), log_reminder=LONGEST)


async def status(harness: Harness) -> str:
    """What `/aicost status` says, of whichever bot it reaches."""
    answer = await harness.slack.say(MANAGER, COSTS, "/aicost status")
    return answer.plain


async def until_status_says(harness: Harness, *, warns: bool) -> None:
    """One of the bots says, or says no more, that there is another one."""

    async def holds() -> bool:
        return (SAYS in await status(harness)) == warns

    await harness.until(holds)


async def test_a_second_bot_with_another_database_says_so(harness: Harness, tmp_path: Path) -> None:
    """The one that comes second says so, in its log and in /aicost status."""
    shutil.copy(tmp_path / "ledger.db", tmp_path / "other.db")
    with capture_logs() as lines:
        async with harness.run(DATABASE_URL=f"sqlite:///{tmp_path}/other.db"):
            await until_status_says(harness, warns=True)
    shown = [line for line in lines if line["event"] == "slack.other_bot"]
    assert [(line["log_level"], line["connections"]) for line in shown] == [("warning", 1)]
    assert "DATABASE_URL" in shown[0]["remedy"]


async def test_the_first_of_two_bots(harness: Harness, tmp_path: Path) -> None:
    """It learns of the second when Slack has it connect again: Slack counts at no other time."""
    shutil.copy(tmp_path / "ledger.db", tmp_path / "other.db")
    with capture_logs() as lines:

        def warnings() -> int:
            return sum(line["event"] == "slack.other_bot" for line in lines)

        async with harness.run(DATABASE_URL=f"sqlite:///{tmp_path}/other.db"):
            await harness.until(lambda: warnings() >= 1)
            await harness.slack.sockets.refresh(oldest_alone=True)
            await harness.until(lambda: warnings() >= 2)


async def test_copies_on_one_database_are_no_news(harness: Harness, tmp_path: Path) -> None:
    """Copies know each other, and are no news; one that has ended is known no more."""
    with capture_logs() as lines:
        async with harness.run() as second:
            assert await harness.database.leases.count_alive() == 2
            await second.slack.count_again()
            for _ in range(2):
                assert SAYS not in await status(harness)
    assert await harness.database.leases.count_alive() == 1
    assert not [line for line in lines if line["event"] == "slack.other_bot"]


async def test_the_warning_ends_with_the_other_bot(harness: Harness) -> None:
    """The warning ends with it."""
    link = harness.slack_server.api_url.replace("http", "ws").replace(
        "/api/", harness.slack.sockets.issue()
    )
    with capture_logs() as lines:
        async with aiohttp.ClientSession() as session, session.ws_connect(link) as other:
            await other.receive_json()
            await harness.bot.slack.count_again()
            await harness.until(lambda: "slack.other_bot" in [line["event"] for line in lines])
        await harness.until(lambda: "ended" in [line.get("phase") for line in lines])
    await harness.slack_server.connected()
    assert SAYS not in await status(harness)
