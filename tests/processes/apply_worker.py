"""A process that applies a file, and dies by SIGKILL before a statement that it is given."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, event

from bot.budgets.alerting import AlertEvaluator
from bot.config.config_file import read_config
from bot.db.database import Database
from bot.metrics import Metrics
from bot.provisioning.file_settings import settings_of
from bot.provisioning.service import Provisioning
from tests.conftest import CONNECTIONS
from tests.processes.worker import BASE, killed_at

CONNECTED = {each.name: each.provider for each in CONNECTIONS}


@dataclass(frozen=True, slots=True)
class ApplyTask:
    """What a worker is to do."""

    database_url: str
    folder: Path
    """Holds the file."""
    kill_at: int | None
    """Dies before that statement, counted from 1; None: lives."""


def work(task: ApplyTask) -> None:
    """Apply the file once."""
    asyncio.run(_work(task))


async def _work(task: ApplyTask) -> None:
    database = Database(task.database_url)
    await database.configure(CONNECTIONS, BASE)
    checkpoint = killed_at(task.kill_at)
    event.listen(Engine, "before_cursor_execute", lambda *_: checkpoint())
    wanted = settings_of(read_config({}, task.folder), CONNECTED)
    await Provisioning(database, AlertEvaluator(database, Metrics()), wanted).apply(BASE)
    await database.close()
