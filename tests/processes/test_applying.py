"""Processes that apply a file die at any moment, or do it at once: each setting is made once, and
each alert posted once."""

import random
import signal
from pathlib import Path

import pytest
from sqlmodel import select

from bot.db.database import open_database
from bot.db.models import Alert, AuditEntry, Delivery, DigestSubscription, Rule
from bot.db.session import Session
from tests.budgets.budget_harness import BudgetHarness
from tests.conftest import CONNECTIONS
from tests.harness.processes import Processes
from tests.processes.apply_worker import ApplyTask, work
from tests.processes.worker import BASE
from tests.provisioning.test_applying import ALL

STATEMENTS = 150
"""More than applying takes."""
KILLS = 8
REPLICAS = 3


async def made(session: Session) -> list[int]:
    """Return how many there are of all that applying makes."""
    tables = (Rule, DigestSubscription, AuditEntry, Alert, Delivery)
    return [len((await session.exec(select(table))).all()) for table in tables]


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param(sorted(random.Random(7).sample(range(1, STATEMENTS), KILLS)), id="some"),
        pytest.param(range(1, STATEMENTS, 5), id="many", marks=pytest.mark.slow),
    ],
)
async def test_a_process_killed_at_any_statement_keeps_all_or_nothing(
    database_url: str, tmp_path: Path, moments: list[int] | range
) -> None:
    """Nothing or all of it is kept, whichever statement was the last; then copies at once, on
    both databases, make nothing twice."""
    database = await open_database(database_url, CONNECTIONS, BASE)
    team = BudgetHarness(database, BASE)
    team.spend("60")
    await team.sync()
    (tmp_path / "aicost.toml").write_text(ALL)
    processes, codes = Processes(), []
    try:
        for moment in moments:
            task = ApplyTask(database_url, tmp_path, moment)
            codes.append(await processes.ended(processes.start(work, task)))
            async with database.reading() as session:
                assert await made(session) in ([0, 0, 0, 0, 0], [2, 1, 5, 1, 1])
        assert codes.count(-signal.SIGKILL) > len(codes) // 4, codes
        task = ApplyTask(database_url, tmp_path, None)
        replicas = [processes.start(work, task) for _ in range(REPLICAS)]
        assert [await processes.ended(each) for each in replicas] == [0] * REPLICAS
        await team.sync()
        async with database.reading() as session:
            assert await made(session) == [2, 1, 5, 1, 1]
    finally:
        await processes.kill_all()
        await database.close()


async def test_copies_that_apply_at_once(database_url: str, tmp_path: Path) -> None:
    """With nothing set yet, one of them does it, and the others find it done."""
    database = await open_database(database_url, CONNECTIONS, BASE)
    (tmp_path / "aicost.toml").write_text(ALL)
    processes = Processes()
    try:
        task = ApplyTask(database_url, tmp_path, None)
        replicas = [processes.start(work, task) for _ in range(REPLICAS)]
        assert [await processes.ended(each) for each in replicas] == [0] * REPLICAS
        async with database.reading() as session:
            assert await made(session) == [2, 1, 5, 0, 0]
    finally:
        await processes.kill_all()
        await database.close()
