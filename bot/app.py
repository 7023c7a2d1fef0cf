"""The composition root: builds every object that commands need from the settings.

`bot.serve` adds Slack, the web server and the jobs for the commands that run the bot.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.access.models import Policy
from bot.access.repository import Audit
from bot.anomalies.service import AnomalyAlerts
from bot.budgets import commands as budget_commands
from bot.budgets.alert_actions import AlertActions
from bot.budgets.alert_store import held_alerts
from bot.budgets.alerting import AlertEvaluator
from bot.budgets.delivery_handlers import AlertDeliveryHandler
from bot.budgets.messages.budgets import budget_line
from bot.budgets.repository import read_statuses
from bot.budgets.service import Budgets
from bot.clock_check import ClockCheck
from bot.config.intervals import Clock
from bot.config.route import certificates, check_network, network_warnings, proxy_of, user_agent
from bot.config.settings import ConnectionSettings, Settings
from bot.currency.models import ReadRate
from bot.currency.rates import SECONDS as RATE_SECONDS
from bot.currency.rates import ReferenceRates
from bot.db.database import Database, open_database
from bot.db.models import DeliveryKind
from bot.digests.delivery_handler import DigestDeliveryHandler, DigestEvents
from bot.digests.slots import DigestSlots
from bot.language.names import Vocabulary
from bot.ledger.hours import drop_old_hours
from bot.ledger.models import ConfiguredConnection
from bot.ledger.sync import Sync
from bot.ledger.sync_plan import DIMENSIONS, ConnectedProvider
from bot.logs import LogStates
from bot.metrics import Metrics
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.notifications.events import drop_events
from bot.notifications.repository import OutboxRepository
from bot.process_health import ProcessHealth
from bot.processes import new_worker_id
from bot.provisioning.file_settings import settings_of
from bot.provisioning.service import Provisioning
from bot.reports import commands as report_commands
from bot.reports.answers import Answers
from bot.reports.router import OPERATOR, Answer, CommandRouter
from bot.slack.clients import new_session
from bot.statements import commands as statement_commands
from bot.statements.service import Statements
from bot.teams.matching import load_matches
from bot.webhook.delivery_handlers import EventDeliveryHandler, Receiver, as_written
from bot.webhook.transport import SECONDS, WebhookTransport
from providers.catalog import ALL, example
from providers.http import OnDate, Pool, Retries

log = structlog.get_logger(__name__)

SKIPPED_AFTER_A_GAP: Sequence[DeliveryKind] = ("digest", "alert", "note")
"""What is replaced by one message for each channel. `direct` has such messages, and alerts that a
channel couldn't receive: nothing else reports those."""


@dataclass(frozen=True, slots=True)
class Services:
    """What every command needs: the open database and the connections."""

    settings: Settings
    database: Database
    sources: Sequence[ConnectedProvider]
    clock: Clock
    metrics: Metrics
    clock_check: ClockCheck
    worker_id: str
    """Identifies this process where processes exclude each other."""
    rates: ReadRate | None = None
    """The reporting currency; None: there is none."""

    @property
    def alerts(self) -> AlertEvaluator:
        """Return the use case that evaluates rules."""
        return AlertEvaluator(
            self.database, self.metrics, self.settings.no_data_after, [AnomalyAlerts()]
        )

    @property
    def provisioning(self) -> Provisioning:
        """Return the use case that applies what `aicost.toml` says."""
        settings = self.settings
        connections = {each.name: each.kind.name for each in settings.connections}
        is_there = settings.file_name is not None and not settings.is_file_blank
        wanted = settings_of(settings.file, connections) if is_there else None
        return Provisioning(self.database, self.alerts, wanted)

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the names that a command may use."""
        return Vocabulary(
            providers=tuple(kind.name for kind in ALL),
            connections=tuple(source.name for source in self.sources),
            has_channels=any("channel" in source.kind.breakdowns for source in self.sources),
            examples=(example("postpaid"), example("prepaid")),
            prepaid=frozenset(
                name
                for source in self.sources
                if source.billing == "prepaid"
                for name in (source.name, source.kind.name)
            ),
            short_names={
                short: source.kind.name
                for source in self.sources
                for short in source.kind.short_names
            },
        )

    def answers(self, health: Callable[[], ProcessHealth] = ProcessHealth) -> Answers:
        """Return the use case that answers questions."""
        return Answers(self.database, read_statuses, health=health, rates=self.rates)

    async def ask(self, text: str, now: datetime) -> Answer:
        """Answer a question typed in a terminal; refuse commands that change something."""
        budgets, actions = Budgets(self.database, self.alerts), AlertActions(self.database)
        commands = {
            **report_commands.questions(self.answers(), budget_line),
            **budget_commands.lists(budgets, actions, Policy()),
            **statement_commands.questions(Statements(self.database, self.rates)),
        }
        router = CommandRouter(
            *(self.vocabulary, commands, Policy(), self.database),
            has_users=self.settings.process.breakdown_by_user,
        )
        return await router.handle(text, OPERATOR, now)

    def once(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Yield True to exactly one caller per name; see `bot.db.lease.Leases.once`."""
        return self.database.leases.once(name, self.worker_id)

    @asynccontextmanager
    async def for_people(self) -> AsyncIterator["Services"]:
        """Yield services for requests of users. They don't take database connections from syncs,
        alerts and digests, and fail instead of waiting long."""
        database = self.database.for_people()
        try:
            yield replace(self, database=database)
        finally:
            await database.close()

    async def housekeep(self) -> None:
        """Delete old data, unless the clock may be wrong: then everything would look old."""
        if not self.clock_check.is_confirmed():
            return
        await Audit(self.database).drop_old(self.clock())
        await self.database.leases.drop_ended()
        await drop_old_hours(self.database, self.clock())

    async def expire_and_unsnooze(self) -> None:
        """Resolve alerts whose period ended, and end expired snoozes."""
        await self.alerts.expire_and_unsnooze(self.clock())

    async def skip_posts(
        self, held_since: datetime | None = None, held_from: datetime | None = None
    ) -> int:
        """Record what is crossed or due by now without posting it; return how many messages. No bot
        may post from this database meanwhile.

        With `held_since`, when the database's records ended, it isn't certain that all was posted
        before `held_from`, when posts began to be held: digests due later are posted, and
        each channel gets one message that names its alerts. Such a message of an earlier time that
        still waits is sent, as are all to people. Events are sent too, since receivers know those
        that come twice by their ids.
        """
        now, why = self.clock(), "the database was restored"
        until = min(now, held_from or now)
        slots = DigestSlots(self.database, self.metrics, timedelta.max / 2, "no_posts")
        await slots.take_due(now, until)
        async with self.database.writing() as session:
            # also by the older days, read after the others
            await self.alerts.after_sync(session, now)
            outbox = OutboxRepository(session)
            if held_since is None:
                skipped = await outbox.skip_waiting(why, now)
            else:
                summaries = await held_alerts(session, held_since, now)
                skipped = await outbox.skip_waiting(why, now, SKIPPED_AFTER_A_GAP)
                await outbox.enqueue_all(summaries)
        await self.database.leases.release_posts()
        if (mark := self.database.posts_mark) is not None:
            mark.unlink(missing_ok=True)
        return skipped

    @asynccontextmanager
    async def events(
        self, managers: Sequence[str], states: LogStates
    ) -> AsyncIterator[DeliveryDispatcher | None]:
        """Yield what sends events to the webhook. None: it is off, and what was left of the time
        when it was on is given up."""
        webhook, intervals = self.settings.webhook, self.settings.intervals
        if webhook is None:
            async with self.database.writing() as session:
                await drop_events(session, self.clock())
            yield None
            return
        receiver = Receiver(managers)
        digests = DigestEvents(self.database)
        alert, digest = AlertDeliveryHandler.useful_for, DigestDeliveryHandler.useful_for
        async with new_session(seconds=SECONDS) as session:
            yield DeliveryDispatcher(
                self.database,
                WebhookTransport(session, webhook, self.clock),
                {
                    "webhook_alert": EventDeliveryHandler(receiver, alert, as_written),
                    "webhook_digest": EventDeliveryHandler(receiver, digest, digests.read),
                },
                *(self.clock, self.worker_id, self.metrics, intervals, states),
            )

    def sync(self) -> Sync:
        """Return the use case that reads the providers. Each process has one."""
        return Sync(
            self.database,
            self.sources,
            self.clock,
            self.worker_id,
            [self.alerts.after_sync],
            self.settings.intervals.lease,
            AnomalyAlerts().is_wanted,
            [by for by in DIMENSIONS if by != "user" or self.settings.process.breakdown_by_user],
        )


@asynccontextmanager
async def open_services(
    settings: Settings,
    clock: Clock,
    metrics: Metrics | None = None,
    *,
    stale_after: timedelta | None = None,
    is_reader: bool = False,
) -> AsyncIterator[Services]:
    """Migrate the database and yield the services; close them at the end. With `is_reader` the
    database isn't changed here; its schema must be current.

    `stale_after`: how old figures may get while the bot syncs. None: no bot syncs, so that no
    figures are stale for their age. Raises `DatabaseUnavailable`.
    """
    urls = [connection.base_url for connection in settings.connections]
    if settings.webhook is not None:
        urls.append(settings.webhook.origin)
    if settings.currency is not None and settings.currency.origin is not None:
        urls.append(settings.currency.origin)
    check_network([*urls, settings.slack.api_url])
    for each in network_warnings():
        log.warning("network.warning", reason=each.what, remedy=each.remedy)
    connections = [configured(each, stale_after) for each in settings.connections]
    intervals = settings.intervals
    if is_reader:
        database = Database(settings.database.url, intervals=intervals)
        database.configured = tuple(connections)
    else:
        database = await open_database(settings.database.url, connections, clock(), intervals)
    database.has_webhook = settings.webhook is not None
    database.teams, database.person_costs = settings.file.teams, settings.file.people
    check = ClockCheck(clock)
    try:
        if settings.process.breakdown_by_user:
            await load_matches(database)
        async with aclosing(provider_pool(intervals.retries, check.heard)) as pool:
            sources = [connect_provider(connection, pool) for connection in settings.connections]
            yield Services(
                *(settings, database, sources, clock, metrics or Metrics(), check, new_worker_id()),
                rates=_rates(settings),
            )
    finally:
        await database.close()


def _rates(settings: Settings) -> ReadRate | None:
    if settings.currency is None:
        return None
    return ReferenceRates(settings.currency, lambda: new_session(seconds=RATE_SECONDS)).current


def provider_pool(retries: Retries, on_date: OnDate) -> Pool:
    """Return the HTTP connections to all providers, with the proxies of the environment."""
    return Pool(retries, on_date, proxy_of, certificates, user_agent())


def connect_provider(connection: ConnectionSettings, pool: Pool) -> ConnectedProvider:
    """Return the connection with a client that can read it."""
    kind = connection.kind
    http = pool.http(connection.base_url, connection.key.get_secret_value(), kind.title)
    return ConnectedProvider(connection.name, kind, connection.billing, kind.connect(http))


def configured(
    connection: ConnectionSettings, stale_after: timedelta | None = None
) -> ConfiguredConnection:
    """Return what the ledger has to know of a connection."""
    kind = connection.kind
    title = kind.title if connection.name == kind.name else f"{kind.title} ({connection.name})"
    return ConfiguredConnection(
        name=connection.name,
        provider=kind.name,
        title=title,
        billing=connection.billing,
        settling_days=kind.settling_days,
        purchase_fee=connection.purchase_fee,
        publication_delay=kind.publication_delay,
        history_days=kind.history_days,
        limit_kinds=kind.limits,
        credit_lasts=kind.credit_lasts,
        stale_after=None if stale_after is None else stale_after + kind.refreshes_within,
        has_discounts=kind.has_discounts,
        reports_spend=kind.reports_spend,
        reports_all_credit=kind.reports_all_credit,
        billed_elsewhere=kind.billed_elsewhere,
        without_credit=kind.without_credit,
    )
