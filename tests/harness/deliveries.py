"""Deliveries to a simulated Slack from a ledger that the test fills itself: no bot runs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.models import Policy
from bot.access.service import VisibilityService
from bot.budgets.delivery_handlers import alert_delivery_handlers
from bot.config.intervals import Intervals
from bot.db.database import Database
from bot.digests.delivery_handler import DigestDeliveryHandler
from bot.digests.service import Digests
from bot.digests.slots import DigestSlots
from bot.home.direct_messages import DirectDeliveryHandler
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.notifications.repository import OutboxRepository
from bot.slack.channels import SlackChannels
from bot.slack.notifier import SlackNotifier
from simulators.slack import SimulatedSlack, Workspace, serve_slack, small_office
from simulators.slack.office import COSTS, MANAGER
from simulators.slack.things import Message
from tests.harness import LONGEST
from tests.quick import QUICK

T = TypeVar("T")

MAKER = "UMANAGER"
"""An admin who sets budgets."""


@dataclass(slots=True)
class DeliveryHarness:
    """One process that delivers, the digests that it takes from their schedules, and Slack."""

    database: Database
    slack_server: SimulatedSlack
    client: AsyncWebClient
    now: Callable[[], datetime]
    managers: Sequence[str] = (MANAGER,)
    metrics: Metrics = field(default_factory=Metrics)
    digests: Digests = field(init=False)
    slots: DigestSlots = field(init=False)
    deliveries: DeliveryDispatcher = field(init=False)

    def __post_init__(self) -> None:
        policy = Policy(frozenset(self.managers))
        channels = SlackChannels(self.client)
        self.digests = Digests(
            self.database, VisibilityService(self.database, policy), channels, policy
        )
        self.slots = DigestSlots(self.database, self.metrics)
        self.deliveries = self.process("one", self.metrics)

    @property
    def slack(self) -> Workspace:
        """People act in it."""
        return self.slack_server.workspace

    def process(
        self, holder: str, metrics: Metrics | None = None, intervals: Intervals = QUICK
    ) -> DeliveryDispatcher:
        """Return a process that delivers, by that name."""
        policy = Policy(frozenset(self.managers))
        visibility_service, channels = (
            VisibilityService(self.database, policy),
            SlackChannels(self.client),
        )
        return DeliveryDispatcher(
            self.database,
            SlackNotifier(self.client),
            {
                **alert_delivery_handlers(self.database, policy.named_managers),
                "direct": DirectDeliveryHandler(),
                "digest": DigestDeliveryHandler(
                    self.database, visibility_service, channels, policy.named_managers
                ),
            },
            self.now,
            holder,
            metrics or Metrics(),
            intervals,
        )

    def posted(self, channel: str = COSTS) -> list[Message]:
        """Return the app's messages in a channel, threads left out."""
        app, messages = self.slack.app.bot_user, self.slack.channel(channel).messages
        return [each for each in messages if each.user == app and each.thread_ts is None]

    def direct(self, user: str) -> list[Message]:
        """Return the app's direct messages to a person."""
        return self.posted(self.slack.dm(user).id)

    def counted(self, name: str, **labels: str) -> float:
        """Return what a counter is at, over all labels that are not given."""
        return sum(
            sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == f"aicost_{name}_total" and labels.items() <= sample.labels.items()
        )


@asynccontextmanager
async def slack_with_client(
    now: Callable[[], datetime],
) -> AsyncIterator[tuple[SimulatedSlack, AsyncWebClient]]:
    """Start Slack, and connect a client that waits for its answers."""
    workspace = small_office(now)
    workspace.add_person(MAKER, "mo", is_admin=True)
    patient = aiohttp.ClientTimeout(total=LONGEST)
    async with serve_slack(workspace) as slack, aiohttp.ClientSession(timeout=patient) as session:
        yield (
            slack,
            AsyncWebClient(
                slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
            ),
        )


async def from_outbox(
    database: Database, question: Callable[[OutboxRepository], Awaitable[T]]
) -> T:
    """The answer to one question about the outbox."""
    async with database.reading() as session:
        return await question(OutboxRepository(session))
