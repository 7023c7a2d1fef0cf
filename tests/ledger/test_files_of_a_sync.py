"""How many files a charge passes on its way from the provider to the outbox."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from simulators.slack.office import COSTS, MANAGER
from tests.entered import entered
from tests.harness.fixtures import Start

TO_THE_OUTBOX = 57
TO_THE_END = 63
"""With what the job does after the alert is written: the round's log, matching of users, the
clock."""
AMOUNT_LEFT = 10


@pytest.mark.parametrize("passes", [timedelta(hours=3), timedelta(days=1)])
async def test_a_sync_enters_few_files(start_bot: Start, passes: timedelta) -> None:
    """From the start of the sync job, for one connection, to the alert of its budget: with the days
    that each sync reads, and with those that are read again once a day."""
    only_openai = {"OPENROUTER_MANAGEMENT_KEY": None, "OPENROUTER_BASE_URL": None}
    async with start_bot(**only_openai) as harness:
        await harness.sync()
        used = harness.used("openai", harness.clock().replace(day=1))
        amount = f"{used + AMOUNT_LEFT:.0f}"
        await harness.slack.say(MANAGER, COSTS, f"/aicost budget set openai {amount} at 100")
        harness.clock.advance(passes)
        (job,) = (job for job in harness.bot.scheduler.jobs if job.name == "sync")
        until_written: list[set[str]] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("INSERT INTO delivery "):
                until_written.append(set(files))

        with entered() as files:
            event.listen(Engine, "before_cursor_execute", note)
            try:
                await job.run()
            finally:
                event.remove(Engine, "before_cursor_execute", note)
        (to_the_outbox,) = until_written
        assert len(to_the_outbox) <= TO_THE_OUTBOX, sorted(to_the_outbox)
        assert len(files) <= TO_THE_END, sorted(files)
