"""A restored backup, started as docs/how-to/backup.md describes, in a simulated Slack."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.ledger.sync_report import silent
from providers.period import DAY, Period
from simulators.clock import DemoClock
from simulators.slack.office import COSTS, MANAGER
from simulators.world.truth import ProviderName
from tests.harness import NOW, start
from tests.harness.deliveries import from_outbox

MINUTE = timedelta(minutes=1)


@pytest.mark.slow
async def test_a_restored_backup_starts_without_posting_again(
    filled_ledger: Path, tmp_path: Path
) -> None:
    """Alerts and digests posted since the backup are not posted again; the alerts stand in the
    list, and what is crossed or due after the start is posted."""
    live, backup = tmp_path / "ledger.db", tmp_path / "backup.db"
    shutil.copy(filled_ledger, live)
    async with start(tmp_path, DemoClock(NOW)) as harness:

        async def say(words: str) -> str:
            return await harness.ask(words, MANAGER)

        async def budget(provider: ProviderName, period: str, start: date) -> None:
            """One that the next day's spending crosses."""
            days = Period(start, harness.clock().date() + DAY)
            used = harness.providers.world.truth.used(provider, days)
            said = await say(f"budget set {provider} {int(used) + 15} {period} at 100")
            assert " created:" in said, said

        def posted() -> list[str]:
            """What the app has posted for everybody in the channel, threads included."""
            slack = harness.slack
            return [m.text for m in slack.channel(COSTS).messages if m.user == slack.app.bot_user]

        async with harness.run():
            await budget("openai", "monthly", date(2026, 11, 1))
            await budget("openrouter", "monthly", date(2026, 11, 1))
            assert " is on: all providers, daily at" in await say("digest on 15:30 daily UTC")
            with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(backup)) as to:
                source.backup(to)
            await harness.advance(minutes=10)
            await harness.advance(days=1)
            assert len(posted()) == 3, "two digests, and one alert about both budgets"

        for name in ("ledger.db-wal", "ledger.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        shutil.copy(backup, live)
        async with harness.app() as app:
            await app.services.sync().round(silent, reread=True)
            assert await app.services.skip_posts() == 2

        async with harness.run() as bot:
            listed = await say("alerts list")
            assert "Alert #1 open" in listed
            assert "Alert #2 open" in listed
            assert "1 open alert resolved" in await say("budget remove 1")
            await budget("openai", "weekly", date(2026, 11, 23))
            await harness.run_jobs()
            assert len(posted()) == 3
            harness.clock.advance(DAY - MINUTE * 20)
            await harness.run_jobs()
            assert "used this week" in posted()[3]
            await harness.advance(minutes=20)
            assert "on Wed 25 Nov" in posted()[4]
            assert len(posted()) == 5
            counts = await from_outbox(
                bot.services.database, lambda outbox: outbox.counts(harness.clock())
            )
            assert (counts.pending, counts.failed) == (0, 0)
            assert "missed" not in await say("status")
