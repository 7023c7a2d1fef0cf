"""How long the Home tab takes to be put together for a manager, beside its people's patience: on a
ledger of a million charges, with 500 budgets and 500 digests, every budget over a line."""

import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC
from datetime import time as clock_time
from decimal import Decimal

from bot import logs
from bot.access.models import Person, Policy
from bot.access.service import VisibilityService
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.models import Budget, BudgetPeriod
from bot.budgets.repository import RuleRepository
from bot.db.database import Database
from bot.db.models import DigestSettings, Rule
from bot.digests.repository import DigestRepository
from bot.home.service import Home
from bot.home.views.home import home_view
from bot.ledger.charges import ChargeRepository
from bot.metrics import Metrics
from bot.reports.answers import Answers
from bot.schedule import EVERY_DAY, Schedule, slots
from bot.scope import Scope
from providers.period import DAY, Period
from simulators.slack.limits import view_problems, view_too_large
from tests.bench.ledger import CONNECTIONS, NOW, ledger
from tests.bench.row import Row, below, shown
from tests.keeper import postgres_server
from tests.postgres import new_database

CHARGES = int(os.environ.get("BENCH_CHARGES", "1000000"))
SETTINGS = 500
TURNS = 5
LIMIT = 1000
MANAGER = Person("U0MANAGER", "mona", "Europe/London", is_admin=True)
PERIODS: Sequence[BudgetPeriod] = ("daily", "weekly", "monthly")


def report() -> list[Row]:
    """On SQLite and on PostgreSQL."""
    logs.configure(sys.stderr, logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="aicost-bench-") as folder:
        rows = asyncio.run(_measure("SQLite", f"sqlite:///{folder}/ledger.db"))
    with postgres_server() as server:
        rows += asyncio.run(_measure("PostgreSQL", new_database(server)))
    return rows


async def _measure(kind: str, url: str) -> list[Row]:
    async with ledger(url, CHARGES) as database:
        await furnish(database, SETTINGS)
        seconds = [await seconds_of(database) for _ in range(TURNS)]
        view = home_view(await _home(database).home_data(MANAGER, frozenset(), NOW))
    assert not view_problems(view)
    assert not view_too_large(view)
    name = f"{kind}: Home of {SETTINGS} budgets and digests, ms"
    return [
        below(LIMIT, name, max(seconds) * 1000),
        shown(f"{kind}: Home, KB", len(json.dumps(view)) / 1000),
    ]


async def furnish(database: Database, count: int) -> None:
    """So many budgets of every scope and period, all of them judged, and so many digests."""
    names = [each.name for each in CONNECTIONS]
    month = Period(NOW.date().replace(day=1), NOW.date() + DAY)
    async with database.reading() as session:
        items = [
            item.name or item.item_id
            for item in await ChargeRepository(session).items(month, "project")
        ]
    scopes = [
        Scope("all"),
        *(Scope("connection", name) for name in names),
        *(Scope("project", item) for item in items[:20] if item),
    ]
    async with database.writing() as session:
        for n in range(count):
            target = Budget(Decimal(1 + n % 7), PERIODS[n % 3], (50, 80, 100))
            await RuleRepository(session).save(
                Rule.of(scopes[n % len(scopes)], target, f"C{n // 5:06}", MANAGER.id, NOW)
            )
            settings = DigestSettings(
                scopes[n % (1 + len(names))],
                "daily",
                "full",
                Schedule(clock_time(9), EVERY_DAY, "Europe/London"),
            )
            day = NOW.astimezone(UTC).date()
            plan = await DigestRepository(session).add(f"C{n:06}", settings, MANAGER.id, NOW, day)
            plan.schedule(next(slots(settings.schedule, NOW)))
        await AlertEvaluator(database, Metrics()).after_sync(session, NOW)


async def seconds_of(database: Database) -> float:
    """From being asked for to the view, ready for Slack."""
    begun = time.perf_counter()
    home_view(await _home(database).home_data(MANAGER, frozenset(), NOW))
    return time.perf_counter() - begun


def _home(database: Database) -> Home:
    policy = Policy()
    return Home(database, Answers(database), VisibilityService(database, policy), policy)
