"""The one harness: aicost on simulated providers and in a simulated Slack, on a clock to move.

    async with start(folder, NOW) as harness, harness.run() as bot:
        answer = await harness.slack.say(MANAGER, COSTS, "/aicost budget set openai 500 monthly")
        await harness.advance(hours=1)
        (alert,) = harness.posted(COSTS)

The simulators and every bot run in the test's own event loop and talk over real HTTP and
websockets. Periodic jobs run when the test says so, unless a bot is run with `jobs=True`. Whoever
acts in Slack waits until the bots have finished what that caused, so an answer is complete. Of bots
in processes of their own nothing says when they have: there `expect` says what is waited for.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from inspect import isawaitable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.access.repository import AuditRepository
from bot.app import Services, open_services
from bot.budgets.repository import RuleRepository
from bot.cli.printing import answer_json
from bot.config.intervals import Clock, Intervals
from bot.config.settings import Settings, settings_of
from bot.db.database import Database
from bot.db.models import AuditEntry, Rule
from bot.ledger.repository import LedgerRepository
from bot.ledger.sync_report import RoundReport, silent
from bot.serve import Bot, serving
from bot.slack.text_renderer import plain_text
from providers.period import DAY, Period
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders, simulated_providers
from simulators.quirks import Quirks
from simulators.slack import SimulatedSlack, Workspace, serve_slack, small_office
from simulators.slack.office import COSTS, MANAGER, MEMBER
from simulators.slack.state import Installation
from simulators.slack.things import Message, View
from simulators.world import World
from simulators.world.truth import ProviderName
from tests.quick import LONGEST, QUICK

__all__ = ["LONGEST", "NOW", "TWO_MONTHS", "App", "Harness", "start"]

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
"""A Tuesday."""
SEED = "harness"
TWO_MONTHS = timedelta(days=62)
LOOKBACK = timedelta(days=120)
"""How far back the providers serve costs here: a year is read in four times the time."""


@dataclass(frozen=True, slots=True)
class App:
    """What the commands of the terminal stand on, without Slack."""

    services: Services
    providers: SimulatedProviders
    clock: DemoClock

    @property
    def database(self) -> Database:
        """The ledger."""
        return self.services.database

    async def sync(self, since: date | None = None) -> RoundReport:
        """Sync all connections once, as a new process does."""
        return await self.services.sync().round(silent, since)

    async def sync_nothing_before(self, day: date) -> None:
        """Sync from that day on, so that later syncs read no older history either."""
        await self.sync(day)
        async with self.database.writing() as ledger:
            for source in self.services.sources:
                await LedgerRepository(ledger).set_earliest_served(source.name, day)

    async def ask(self, text: str) -> dict[str, Any]:
        """Return what `aicost ask TEXT --json` prints."""
        return answer_json(await self.services.ask(text, self.clock()))


@dataclass(frozen=True, slots=True)
class Harness:
    """The simulators, and the bots and apps that run on them."""

    folder: Path
    """Holds the ledger and aicost.toml."""
    clock: DemoClock
    providers: SimulatedProviders
    slack: Workspace
    """People act in it: `say`, `press`, `submit`, `open_home`."""
    slack_server: SimulatedSlack
    """How an app reaches it, the calls that were made, and faults."""
    variables: Mapping[str, str]
    """The environment of every bot and app here."""
    intervals: Intervals
    bots: list[Bot] = field(default_factory=list)
    """Those that run, in the order of their start."""
    _with_jobs: list[Bot] = field(default_factory=list)
    """Those whose periodic jobs run by themselves."""

    @property
    def bot(self) -> Bot:
        """The bot that was started first."""
        return self.bots[0]

    @property
    def database(self) -> Database:
        """The ledger of the bot that was started first."""
        return self.bot.services.database

    def settings(self, **variables: str | None) -> Settings:
        """Return the settings of a process here. Keywords set variables; None unsets one."""
        environment = {**self.variables, **variables}
        return settings_of(
            {k: v for k, v in environment.items() if v is not None}, self.folder, self.intervals
        )

    @asynccontextmanager
    async def app(self, **variables: str | None) -> AsyncIterator[App]:
        """Open what the commands of the terminal stand on. Keywords as in `settings`."""
        async with open_services(self.settings(**variables), self.clock) as services:
            yield App(services, self.providers, self.clock)

    @asynccontextmanager
    async def run(
        self, *, jobs: bool = False, clock: Clock | None = None, **variables: str | None
    ) -> AsyncIterator[Bot]:
        """Run one more bot while the block lasts: in HTTP mode if SLACK_APP_TOKEN is unset.

        Its periodic jobs run only with `jobs`; otherwise call `advance` or `run_jobs`. `clock` is
        its machine's, if that isn't right.
        """
        settings, host = self.settings(**variables), "127.0.0.1"
        connected = self.slack.sockets.connections
        async with serving(settings, clock or self.clock, host) as bot:
            if settings.slack.app_token is None:
                self.slack_server.use_http(f"http://{host}:{bot.port}/slack/events")
            else:
                await self.until(lambda: self.slack.sockets.connections > connected)
            self.bots.append(bot)
            self.slack.app_finished = self.answered
            try:
                if jobs:
                    self._with_jobs.append(bot)
                    yield bot
                else:
                    async with bot.scheduler.paused():
                        yield bot
            finally:
                self.bots.remove(bot)
                if not self.bots:
                    self.slack.app_finished = None

    async def sync(self) -> None:
        """Sync once, and deliver the alerts that follow."""
        await self.run_jobs("sync", "deliveries")

    async def advance(self, *jobs: str, **by: float) -> None:
        """Move the clock by so many `days`, `hours`, `minutes` or `seconds`, then run these jobs of
        each bot, or all."""
        self.clock.advance(timedelta(**by))
        await self.run_jobs(*jobs)

    async def run_jobs(self, *names: str) -> None:
        """Run these periodic jobs of each bot once, or all: the sync first, deliveries last."""
        for bot in self.bots:
            jobs = {job.name: job for job in bot.scheduler.jobs}
            others = [name for name in jobs if name not in ("sync", "deliveries")]
            async with bot.scheduler.paused() if bot in self._with_jobs else nullcontext():
                for name in ("sync", *others, "deliveries"):
                    if not names or name in names:
                        await jobs[name].run()
                        bot.scheduler.progress(name)
        await self.answered()

    async def idle(self) -> None:
        """Wait until no bot works on anything, no job runs and all that is due is delivered."""
        await self.answered()
        await self.run_jobs("deliveries")

    async def answered(self) -> None:
        """Wait until each bot has finished what people and Slack gave it."""
        for bot in self.bots:
            assert await bot.slack.app.in_flight.finished(LONGEST), "work goes on without end"

    async def until(self, holds: Callable[[], Any | Awaitable[Any]]) -> None:
        """Wait until something holds that announces its beginning to nobody."""
        async with asyncio.timeout(LONGEST):
            while not (await found if isawaitable(found := holds()) else found):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def ask(self, words: str, user: str = MEMBER, channel: str = COSTS) -> str:
        """Return what a person reads in answer to `/aicost WORDS`, as plain text."""
        return (await self.slack.say(user, channel, f"/aicost {words}")).plain

    async def home(self, user: str = MANAGER) -> str:
        """Open a person's Home tab, and return what they read there, as plain text."""
        view = await self.slack.open_home(user)
        assert view is not None, "nothing was published"
        return plain_text({"text": "", "blocks": view.blocks})

    def shown(self, channel: str = COSTS, user: str = MEMBER) -> str:
        """Return all that a person reads in a channel, as plain text."""
        messages = self.slack.channel(channel).seen_by(user)
        return "\n\n".join(plain_text({"text": m.text, "blocks": m.blocks}) for m in messages)

    async def open_modal(
        self,
        where: Message | View,
        action: str,
        user: str,
        value: str | None = None,
        filled: Mapping[str, Any] | None = None,
    ) -> View:
        """Press what opens a modal, and return that."""
        before = list(self.slack.person(user).modals)
        await self.slack.press(where, action, user, value, filled=filled)
        modal = self.slack.person(user).modal
        assert modal is not None, f"{action} opened nothing"
        assert modal not in before, f"{action} opened nothing"
        return modal

    def posted(self, channel: str = COSTS) -> list[Message]:
        """Return the messages of the app that everybody in a channel sees, threads left out."""
        app = self.slack.app.bot_user
        messages = self.slack.channel(channel).messages
        return [each for each in messages if each.user == app and each.thread_ts is None]

    def direct(self, user: str) -> list[Message]:
        """Return the app's direct messages to a person."""
        return self.posted(self.slack.dm(user).id)

    def used(self, provider: ProviderName, since: datetime) -> Decimal:
        """Return what a provider charges for the days since then, the current one included."""
        days = Period(since.date(), self.clock().date() + DAY)
        return self.providers.world.truth.used(provider, days)

    async def rules(self) -> list[Rule]:
        """Return the budgets and low-balance rules in the ledger."""
        async with self.database.reading() as session:
            return list(await RuleRepository(session).in_force())

    async def changes(self) -> list[AuditEntry]:
        """Return the audit log, oldest first."""
        async with self.database.reading() as session:
            return list(await AuditRepository(session).since(datetime(2026, 1, 1, tzinfo=UTC)))[
                ::-1
            ]


@asynccontextmanager
async def start(
    folder: Path,
    clock: DemoClock,
    variables: Mapping[str, str | None] = MappingProxyType({}),
    *,
    seed: str = SEED,
    intervals: Intervals = QUICK,
    quirks: Quirks | None = None,
    installation: Installation | None = None,
) -> AsyncIterator[Harness]:
    """Start the simulators. `variables` are set for every bot and app here; None unsets one.

    The ledger is `ledger.db` in the folder, unless DATABASE_URL says otherwise.
    """
    async with (
        simulated_providers(World(seed, clock), quirks or Quirks(lookback=LOOKBACK)) as providers,
        serve_slack(small_office(clock, installation, render=plain_text)) as slack,
    ):
        environment: dict[str, str | None] = {
            **providers.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "AICOST_MANAGERS": MANAGER,
            "AICOST_SYNC_EVERY": "1h",
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "PORT": "0",
            **variables,
        }
        given = {name: value for name, value in environment.items() if value is not None}
        harness = Harness(folder, clock, providers, slack.workspace, slack, given, intervals)
        slack.workspace.allow(LONGEST)
        yield harness
