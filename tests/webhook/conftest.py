"""A team whose alerts go to a receiver."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import aiohttp
import pytest

from bot.budgets.delivery_handlers import AlertDeliveryHandler
from bot.config.webhook import webhook_of
from bot.db.database import open_database
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.notifications.events import webhook_state
from bot.notifications.models import WebhookState
from bot.slack.clients import new_session
from bot.webhook.delivery_handlers import EventDeliveryHandler, as_written
from bot.webhook.delivery_handlers import Receiver as Known
from bot.webhook.transport import WebhookTransport
from simulators.slack.office import ADMIN
from tests.budgets.budget_harness import BudgetHarness
from tests.conftest import CONNECTIONS
from tests.quick import QUICK
from tests.webhook.receiver import SECRET, Receiver, receiving


@dataclass(slots=True)
class Sending:
    """The team, the receiver, and a process that sends to it."""

    team: BudgetHarness
    receiver: Receiver
    session: aiohttp.ClientSession
    metrics: Metrics = field(default_factory=Metrics)

    def process(self, holder: str, lease: float = QUICK.lease) -> DeliveryDispatcher:
        """Return a process that sends events, by that name."""
        webhook = webhook_of(
            {"AICOST_WEBHOOK_URL": self.receiver.url, "AICOST_WEBHOOK_SECRET": SECRET}
        )
        assert webhook is not None

        def clock() -> datetime:
            return self.team.now

        handler = EventDeliveryHandler(Known([ADMIN]), AlertDeliveryHandler.useful_for, as_written)
        return DeliveryDispatcher(
            self.team.database,
            WebhookTransport(self.session, webhook, clock),
            {"webhook_alert": handler},
            clock,
            holder,
            self.metrics,
            replace(QUICK, lease=lease),
        )

    async def state(self) -> WebhookState:
        """Return what the status shows."""
        async with self.team.database.reading() as session:
            return await webhook_state(session, self.team.now)

    def counted(self, name: str) -> float:
        """Return what a counter of deliveries is at."""
        return sum(
            sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == f"aicost_deliveries_{name}_total"
        )


@asynccontextmanager
async def _sending(url: str) -> AsyncIterator[Sending]:
    """A budget of $500, and nothing spent yet; no event was sent."""
    database = await open_database(url, CONNECTIONS, datetime(2026, 11, 1, tzinfo=UTC))
    database.has_webhook = True
    team = BudgetHarness(database)
    await team.sync()
    await team.budget(500, 50, 100, channel="C0COSTS")
    async with receiving() as receiver, new_session(seconds=5) as session:
        yield Sending(team, receiver, session)
    await database.close()


@pytest.fixture
async def sending(sqlite_url: str) -> AsyncIterator[Sending]:
    """A budget of $500 on SQLite."""
    async with _sending(sqlite_url) as opened:
        yield opened


@pytest.fixture
async def sending_on_both(database_url: str) -> AsyncIterator[Sending]:
    """The same on both databases."""
    async with _sending(database_url) as opened:
        yield opened
