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
from bot.access.permission import Person, Policy
from bot.access.service import VisibilityService
from bot.budgets.alerting import Alerts
from bot.budgets.models import Budget, BudgetPeriod, Scope
from bot.db.store import SqlStore
from bot.digests.plan import DigestTerms
from bot.home.service import Home
from bot.home.views.home import home_view
from bot.language.commands import Vocabulary
from bot.metrics import Metrics
from bot.reports.answers import Answers
from bot.schedule import EVERY_DAY, Schedule, next_slot
from providers.period import DAY, Period
from simulators.slack.limits import view_problems, view_too_large
from tests.bench.ledger import CONNECTIONS, NOW, ledger
from tests.bench.row import Row, below, told
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


async def _measure(database: str, url: str) -> list[Row]:
    async with ledger(url, CHARGES) as store:
        await furnish(store, SETTINGS)
        seconds = [await seconds_of(store) for _ in range(TURNS)]
        view = home_view(await _home(store).home_data(MANAGER, frozenset(), NOW))
    assert not view_problems(view)
    assert not view_too_large(view)
    name = f"{database}: Home of {SETTINGS} budgets and digests, ms"
    return [
        below(LIMIT, name, max(seconds) * 1000),
        told(f"{database}: Home, KB", len(json.dumps(view)) / 1000),
    ]


async def furnish(store: SqlStore, count: int) -> None:
    """So many budgets of every scope and period, all of them judged, and so many digests."""
    names = [each.name for each in CONNECTIONS]
    month = Period(NOW.date().replace(day=1), NOW.date() + DAY)
    async with store.reading() as reading:
        items = [item.name or item.item_id for item in await reading.items(month, "project")]
    scopes = [
        Scope("all"),
        *(Scope("connection", name) for name in names),
        *(Scope("project", item) for item in items[:20] if item),
    ]
    async with store.writing() as tx:
        for n in range(count):
            target = Budget(Decimal(1 + n % 7), PERIODS[n % 3], (50, 80, 100))
            await tx.add_rule(scopes[n % len(scopes)], target, f"C{n // 5:06}", MANAGER.id, NOW)
            terms = DigestTerms(
                scopes[n % (1 + len(names))],
                "daily",
                "full",
                Schedule(clock_time(9), EVERY_DAY, "Europe/London"),
            )
            day = NOW.astimezone(UTC).date()
            plan = await tx.add_digest(f"C{n:06}", terms, MANAGER.id, NOW, day)
            await tx.plan_digest(plan.id, next_slot(terms.schedule, NOW))
        await Alerts(store, Metrics()).after_sync(tx, NOW)


async def seconds_of(store: SqlStore) -> float:
    """From being asked for to the view, ready for Slack."""
    begun = time.perf_counter()
    home_view(await _home(store).home_data(MANAGER, frozenset(), NOW))
    return time.perf_counter() - begun


def _home(store: SqlStore) -> Home:
    policy = Policy()
    words = Vocabulary(("openai", "openrouter"), tuple(item.name for item in CONNECTIONS))
    return Home(store, Answers(store, words), VisibilityService(store, (), policy), policy)
