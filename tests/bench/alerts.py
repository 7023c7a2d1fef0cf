"""From a sync's commit to Slack with 1,000 rules over one ledger, and what finding crossings costs.

The simulated Slack is a process of its own; deliveries are looked for as often as the bot does.
"""

import asyncio
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing.connection import Connection

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.budgets.alerting import AlertEvaluator
from bot.budgets.delivery_handlers import alert_delivery_handlers
from bot.budgets.models import Budget, BudgetPeriod, LowBalanceRule
from bot.budgets.repository import RuleRepository
from bot.config.intervals import PRODUCTION
from bot.db.database import Database
from bot.db.models import Rule
from bot.db.session import Session
from bot.ledger.charge_writer import ChargeWriter
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.scheduler import Scheduler
from bot.scope import Scope
from bot.slack.message import Posted
from bot.slack.notifier import SlackNotifier
from providers.models import Charge, ChargesRead
from providers.period import Period
from simulators.slack import serve_slack, small_office
from tests.bench.ledger import NOW, TODAY, ledger
from tests.bench.row import Row, below, percentile

RULES = 1000
CHARGES = 50_000
CROSSINGS = int(os.environ.get("AICOST_BENCH_CROSSINGS", "100"))
COSTS = "C0COSTS"
_TOKEN = "xoxb-simulated-0001"
_STEP = 1000
"""Dollars between two thresholds of the budget that is crossed again and again."""
_SCOPES = (
    Scope("all"),
    Scope("provider", "openai"),
    Scope("connection", "openai-eu"),
    Scope("connection", "openrouter"),
    *(Scope("project", f"Project {n}") for n in range(24)),
    *(Scope("model", f"model-{n}-2026") for n in range(15)),
    *(Scope("key", f"Key {n}") for n in range(60)),
)
_PERIODS: tuple[BudgetPeriod, ...] = ("daily", "weekly", "monthly")


def report() -> Sequence[Row]:
    """Latency to Slack, and the share of a sync that finding crossings takes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    slack = context.Process(target=_slack, args=(theirs,), daemon=True)
    slack.start()
    try:
        return asyncio.run(_measure(ours.recv()))
    finally:
        slack.kill()
        slack.join()


async def _measure(api_url: str) -> Sequence[Row]:
    with tempfile.TemporaryDirectory(prefix="aicost-bench-") as folder:
        async with ledger(f"sqlite:///{folder}/ledger.db", CHARGES) as database:
            await _set_rules(database)
            async with _delivering(database, api_url) as accepted:
                latencies, shares = await _cross(database, accepted)
    return [
        below(1, f"commit to Slack, s, p50 of {CROSSINGS}", percentile(latencies, 50)),
        below(1, f"commit to Slack, s, p99 of {CROSSINGS}", percentile(latencies, 99)),
        below(0.2, f"finding crossings with {RULES:,} rules, s, median", percentile(shares, 50)),
    ]


async def _set_rules(database: Database) -> None:
    """Budgets on everything, none of them near, floors, and one that every trial crosses."""
    async with database.writing() as session:
        for number in range(RULES - 1):
            scope = _SCOPES[number % len(_SCOPES)]
            period = _PERIODS[number % len(_PERIODS)]
            target: Budget | LowBalanceRule = Budget(Decimal(10**8), period, (50, 80, 100), (100,))
            if scope == Scope("connection", "openrouter"):
                target = LowBalanceRule(dollars=Decimal(1))
            await RuleRepository(session).save(
                Rule.of(scope, target, f"C1{number % 50:06d}", "U0ADMIN", NOW)
            )
        crossed = Budget(Decimal(_STEP * 100), "daily", tuple(range(1, CROSSINGS + 1)))
        await RuleRepository(session).save(
            Rule.of(Scope("connection", "openai"), crossed, COSTS, "U0ADMIN", NOW)
        )


@asynccontextmanager
async def _delivering(database: Database, api_url: str) -> AsyncIterator["asyncio.Queue[float]"]:
    """The bot's own run; when each message was taken."""
    accepted: asyncio.Queue[float] = asyncio.Queue()
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(_TOKEN, base_url=api_url, session=session, retry_handlers=[])
        deliveries = DeliveryDispatcher(
            database,
            _Timed(client, accepted),
            alert_delivery_handlers(database, ["U0ADMIN"]),
            lambda: NOW,
            "bench",
            Metrics(),
        )
        scheduler = Scheduler()
        scheduler.add("deliveries", PRODUCTION.deliveries, deliveries.run)
        scheduler.start()
        try:
            yield accepted
        finally:
            await scheduler.stop(4.0)


class _Timed(SlackNotifier):
    """Slack's acceptance, with its moment."""

    def __init__(self, client: AsyncWebClient, accepted: "asyncio.Queue[float]") -> None:
        super().__init__(client)
        self._accepted = accepted

    async def post(self, *arguments: object) -> Posted:
        # Passed on as they are, whatever `post` takes.
        posted = await super().post(*arguments)  # type: ignore[arg-type]
        self._accepted.put_nowait(time.perf_counter())
        return posted


async def _cross(
    database: Database, accepted: "asyncio.Queue[float]"
) -> tuple[list[float], list[float]]:
    """Cross one more threshold in each sync; seconds to Slack, and seconds to find it."""
    alerts = AlertEvaluator(database, Metrics())
    rng = random.Random(4)
    latencies, finding = [], []
    for number in range(CROSSINGS + 1):
        async with database.writing() as session:
            await _spend_today(session, _STEP * number)
            begun = time.perf_counter()
            crossed = await alerts.after_sync(session, NOW)
            finding.append(time.perf_counter() - begun)
        committed = time.perf_counter()
        if number:  # the first holds every rule against the figures for the first time
            assert crossed == 1
            latencies.append(await accepted.get() - committed)
        await asyncio.sleep(rng.uniform(0, PRODUCTION.deliveries))
    return latencies, finding[1:]


async def _spend_today(session: Session, dollars: int) -> None:
    period = Period.of_day(TODAY)
    charge = Charge(TODAY, Decimal(dollars), "proj_0", "model-0-2026, input", "model-0-2026")
    read = ChargesRead(period, [charge], frozenset(period))
    await ChargeWriter(session).replace_days("openai", read, NOW)


def _slack(to_parent: Connection) -> None:
    """The simulated Slack, until it is killed."""

    async def serve() -> None:
        async with serve_slack(small_office(lambda: datetime.now(UTC))) as slack:
            to_parent.send(slack.api_url)
            await asyncio.Event().wait()

    asyncio.run(serve())
