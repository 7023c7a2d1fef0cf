"""A restored backup, started as docs/operating.md describes, in a simulated Slack."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from bot.bootstrap import open_house
from bot.service import Bot, serving
from bot.settings.settings import settings_of
from bot.slack.plain import plain_text
from bot.store.outbox import SqlOutbox
from bot.sync.report import silent
from providers.period import DAY, Period
from simulators.clock import DemoClock
from simulators.slack import Workspace, serve_slack, small_office
from simulators.slack.office import COSTS, MANAGER
from simulators.vendors import simulated_vendors
from simulators.world import World
from simulators.world.truth import Vendor
from tests.alerts.stage import NOW, SEED

MINUTE = timedelta(minutes=1)


def posted(office: Workspace) -> list[str]:
    """What the app has posted for everybody in the channel, threads included."""
    bot = office.app.bot_user
    return [each.text for each in office.channel(COSTS).messages if each.user == bot]


async def work(bot: Bot) -> None:
    """Sync, take the digests that are due, and deliver."""
    ticks = {tick.name: tick for tick in bot.scheduler.ticks}
    async with bot.scheduler.stilled():
        for name in ("sync", "digests", "deliveries"):
            await ticks[name].run()


async def test_a_restored_backup_starts_without_posting_again(filled: Path, tmp_path: Path) -> None:
    """Alerts and digests posted since the backup are not posted again; the alerts stand in the
    list, and what is crossed or due after the start is posted."""
    clock = DemoClock(NOW)
    live, backup = tmp_path / "ledger.db", tmp_path / "backup.db"
    shutil.copy(filled, live)
    async with (
        simulated_vendors(World(SEED, clock)) as vendors,
        serve_slack(small_office(clock, render=plain_text)) as slack,
    ):
        office = slack.workspace
        environment = {
            **vendors.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "AICOST_MANAGERS": MANAGER,
            "DATABASE_URL": f"sqlite:///{live}",
            "PORT": "0",
        }
        settings = settings_of(environment, tmp_path)

        async def say(words: str) -> str:
            return (await office.say(MANAGER, COSTS, f"/aicost {words}")).plain

        async def budget(provider: Vendor, period: str, start: date) -> None:
            """One that the next day's spending crosses."""
            used = vendors.world.truth.used(provider, Period(start, clock().date() + DAY))
            said = await say(f"budget set {provider} {int(used) + 15} {period} at 100")
            assert "Set: " in said, said

        async with serving(settings, clock, "127.0.0.1") as bot:
            await slack.connected()
            await budget("openai", "monthly", date(2026, 11, 1))
            await budget("openrouter", "monthly", date(2026, 11, 1))
            assert "On: daily digest" in await say("digest on 15:30 daily UTC")
            with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(backup)) as to:
                source.backup(to)
            clock.advance(MINUTE * 10)
            await work(bot)
            clock.advance(DAY)
            await work(bot)
            assert len(posted(office)) == 3, "two digests, and one alert about both budgets"

        for name in ("ledger.db-wal", "ledger.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        shutil.copy(backup, live)
        async with open_house(settings, clock) as house:
            await house.sync().round(silent, reread=True)
            assert await house.skip_posts() == 2

        async with serving(settings, clock, "127.0.0.1") as bot:
            await slack.connected()
            listed = await say("alerts list")
            assert "Alert #1: open" in listed
            assert "Alert #2: open" in listed
            assert "This ended 1 open alert" in await say("budget remove 1")
            await budget("openai", "weekly", date(2026, 11, 23))
            await work(bot)
            assert len(posted(office)) == 3
            clock.advance(DAY - MINUTE * 20)
            await work(bot)
            assert "weekly budget" in posted(office)[3]
            clock.advance(MINUTE * 20)
            await work(bot)
            assert "on Wednesday 25 Nov" in posted(office)[4]
            assert len(posted(office)) == 5
            counts = await SqlOutbox(bot.house.store).counts(clock())
            assert (counts.pending, counts.failed) == (0, 0)
            assert "missed" not in await say("status")
