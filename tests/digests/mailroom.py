"""Digests on their way to a simulated Slack."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.alerts.subjects import alert_subjects
from bot.delivery.deliveries import Deliveries
from bot.digests.setting import Digests
from bot.digests.slots import DigestSlots
from bot.digests.subject import DigestSubject
from bot.metrics import Metrics
from bot.permission import Person, Policy
from bot.seeing.sights import Sights
from bot.slack.channels import SlackChannels
from bot.slack.notifier import SlackNotifier
from bot.slack.speaker import SlackSpeaker
from bot.store.outbox import SqlOutbox
from bot.store.store import SqlStore
from simulators.slack import SimulatedSlack, serve_slack, small_office
from simulators.slack.office import COSTS, MANAGER, MEMBER
from simulators.slack.things import Message
from tests.digests.books import NOW

PATIENCE = aiohttp.ClientTimeout(total=0.5)
BEN = Person(MEMBER, "ben", "UTC")
MONA = Person(MANAGER, "mona", "UTC")


@dataclass(slots=True)
class Mailroom:
    """One process: what people set, the tick, and the deliveries, with a clock to move."""

    store: SqlStore
    slack: SimulatedSlack
    client: AsyncWebClient
    clock: list[datetime]
    metrics: Metrics = field(default_factory=Metrics)
    digests: Digests = field(init=False)
    slots: DigestSlots = field(init=False)
    deliveries: Deliveries = field(init=False)

    def __post_init__(self) -> None:
        policy = Policy(frozenset({MANAGER}))
        sights = Sights(self.store, (), policy)
        channels = SlackChannels(self.client)
        self.digests = Digests(self.store, sights, channels, policy)
        self.slots = DigestSlots(self.store, self.metrics)
        subjects = {
            **alert_subjects(self.store, policy.named_managers),
            "digest": DigestSubject(self.store, sights, channels, policy.named_managers),
        }
        self.deliveries = Deliveries(
            SqlOutbox(self.store),
            SlackSpeaker(SlackNotifier(self.client)),
            subjects,
            lambda: self.now,
            "one",
            self.metrics,
        )

    @property
    def now(self) -> datetime:
        """The present."""
        return self.clock[0]

    async def later(self, **time: float) -> None:
        """Some time passes; what is due then is taken and delivered."""
        self.clock[0] += timedelta(**time)
        await self.slots.tick(self.now)
        await self.deliveries.deliver_due()

    def posts(self, channel: str = COSTS) -> Sequence[Message]:
        """What the app said in a channel."""
        bot = self.slack.workspace.app.bot_user
        return [each for each in self.slack.workspace.channel(channel).messages if each.user == bot]

    def told(self, person: str) -> Sequence[Message]:
        """What the app said to a person directly."""
        return self.posts(self.slack.workspace.dm(person).id)

    def counted(self, name: str, **labels: str) -> float:
        """What a counter stands at."""
        return self.metrics.registry.get_sample_value(f"aicost_{name}_total", labels) or 0.0


@asynccontextmanager
async def open_mailroom(store: SqlStore) -> AsyncIterator[Mailroom]:
    """A mailroom five minutes before nine, its Slack up until the block ends."""
    clock = [NOW - timedelta(minutes=5)]
    async with (
        serve_slack(small_office(lambda: clock[0])) as slack,
        aiohttp.ClientSession(timeout=PATIENCE) as session,
    ):
        client = AsyncWebClient(
            slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )
        yield Mailroom(store, slack, client, clock)
