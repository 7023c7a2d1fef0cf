"""A team whose alerts are delivered to a simulated Slack."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.alerts.subjects import alert_subjects
from bot.delivery.deliveries import Deliveries
from bot.metrics import Metrics
from bot.slack.notifier import SlackNotifier
from bot.slack.speaker import SlackSpeaker
from bot.store.outbox import SqlOutbox
from simulators.slack import SimulatedSlack, Workspace, serve_slack, small_office
from simulators.slack.things import Message
from tests.alerts.team import Team

PATIENCE = aiohttp.ClientTimeout(total=0.5)
MAKER = "UMANAGER"
MANAGER = "U0ADMIN"


@dataclass(slots=True)
class Office:
    """The team, the workspace, and one process that delivers."""

    team: Team
    slack: SimulatedSlack
    speaker: SlackSpeaker
    metrics: Metrics = field(default_factory=Metrics)
    deliveries: Deliveries = field(init=False)

    def __post_init__(self) -> None:
        self.deliveries = self.process("one", self.metrics)

    def process(self, holder: str, metrics: Metrics | None = None) -> Deliveries:
        """A process that delivers, by that name."""
        return Deliveries(
            SqlOutbox(self.team.store),
            self.speaker,
            alert_subjects(self.team.store, [MANAGER]),
            lambda: self.team.now,
            holder,
            metrics or Metrics(),
        )

    def posts(self, channel: str) -> Sequence[Message]:
        """The messages of the app that stand in a channel, threads left out."""
        bot = self.slack.workspace.app.bot_user
        return [
            message
            for message in self.slack.workspace.channel(channel).messages
            if message.user == bot and message.thread_ts is None
        ]

    def counted(self, name: str, **labels: str) -> float:
        """What a counter stands at, over all labels that are not given."""
        return sum(
            sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == f"aicost_{name}_total" and labels.items() <= sample.labels.items()
        )


@asynccontextmanager
async def open_office(team: Team) -> AsyncIterator[Office]:
    """The office, its Slack up until the block ends."""
    async with (
        serve_slack(_workspace(team)) as slack,
        aiohttp.ClientSession(timeout=PATIENCE) as session,
    ):
        client = AsyncWebClient(
            slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )
        yield Office(team, slack, SlackSpeaker(SlackNotifier(client)))


def _workspace(team: Team) -> Workspace:
    office = small_office(lambda: team.now)
    office.add_person(MAKER, "mo", is_admin=True)
    return office
