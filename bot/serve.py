"""The running bot: start Slack, the web server and the jobs in order, and stop them in order."""

import asyncio
import errno
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.access.models import Policy
from bot.access.people import People
from bot.app import Services, open_services
from bot.clock_check import log_clock
from bot.config.environment import Problem, SettingsError
from bot.config.intervals import Backoff, Clock
from bot.config.settings import Settings, SlackSettings
from bot.copies import Copies
from bot.db.errors import DatabaseUnavailable
from bot.features import register_features
from bot.held_posts import HeldPosts
from bot.http_connections import raise_open_files
from bot.ledger.sync import Sync
from bot.ledger.sync_report import log_round
from bot.logs import LogStates
from bot.metrics import Metrics
from bot.monitoring import Gauges
from bot.notifications.dispatcher import DeliveryDispatcher
from bot.process_health import ProcessHealth
from bot.processes import worker_text
from bot.scheduler import Scheduler
from bot.slack.app import SlackBot, SlackTokens, open_slack
from bot.slack.channels import PATIENCE, slack_channels
from bot.slack.clients import new_session
from bot.slack.errors import SlackSetupError
from bot.teams.matching import UserMatching
from bot.web import Web

log = structlog.get_logger(__name__)

_T = TypeVar("_T")


def slack_tokens(slack: SlackSettings) -> SlackTokens:
    """Return the tokens for Slack. Raises `SettingsError` if one is missing."""
    problems = slack.problems()
    if problems or slack.bot_token is None:
        raise SettingsError(*problems)
    return SlackTokens(
        bot_token=slack.bot_token.get_secret_value(),
        app_token=slack.app_token.get_secret_value() if slack.app_token else None,
        signing_secret=slack.signing_secret.get_secret_value() if slack.signing_secret else None,
        api_url=slack.api_url,
    )


@dataclass(frozen=True, slots=True)
class Bot:
    """The running bot."""

    services: Services
    slack: SlackBot
    people: People
    sync: Sync
    port: int
    """The port of its HTTP server."""
    deliveries: DeliveryDispatcher
    scheduler: Scheduler
    """For tests and the demo, which move the clock: while paused, its jobs can be run at once."""


async def run(settings: Settings, clock: Clock) -> int:
    """Run until a signal to stop (SIGTERM, SIGINT), and return 0. Return 1 if Slack is unreachable
    for so long that a restart may help.

    Waits for a database or a Slack that does not answer. Raises `SettingsError`,
    `DatabaseUnavailable` or `SlackSetupError` if a setting must be changed.
    """
    raise_open_files()
    stop = asyncio.Event()
    this = asyncio.current_task()
    is_up = False

    def on_stop_signal() -> None:
        stop.set()
        if not is_up and this is not None:
            this.cancel()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, on_stop_signal)
    try:
        async with serving(settings, clock, settings.host) as bot:
            is_up = True
            database = bot.services.database
            if database.schema_change == "created":
                log.warning("bot.database_is_new", database=database.description)
            elif database.schema_change == "upgraded":
                log.info("bot.database_upgraded", database=database.description)
            log.info("bot.ready", workspace=bot.slack.workspace.team, port=bot.port)
            is_stopped = await _until(stop, bot.slack)
            log.info("bot.stopping")
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
        is_stopped = True
    log.info("bot.stopped")
    return 0 if is_stopped else 1


@asynccontextmanager
async def serving(settings: Settings, clock: Clock, host: str) -> AsyncIterator[Bot]:
    """Yield the bot, started and connected; at the end, finish what has begun.

    HTTP is served on `host` from the first moment. A start waits for a database or a Slack that
    does not answer, and `/readyz` is 503 meanwhile.
    """
    tokens = slack_tokens(settings.slack)
    intervals = settings.intervals
    metrics = Metrics()
    states = LogStates(reminder=intervals.log_reminder)
    async with _web(settings, metrics, host) as (web, port), AsyncExitStack() as opened:
        services = await _reached(
            "database",
            lambda: opened.enter_async_context(
                open_services(settings, clock, metrics, stale_after=settings.process.stale_after)
            ),
            states,
            intervals.start,
        )
        await _reached("database", lambda: _provision(services, clock), states, intervals.start)
        for_users = await opened.enter_async_context(services.for_people())
        opened.push_async_callback(web.stop)  # nothing asks a database that is closed
        slack = await _reached(
            "slack",
            lambda: open_slack(tokens, metrics, services.clock_check.heard, states, intervals),
            states,
            intervals.start,
        )
        copies = Copies(services.database, services.worker_id, states, slack.count_again, intervals)
        slack.on_count(copies.counted)
        sync = services.sync()
        scheduler = Scheduler(states, intervals)

        def health() -> ProcessHealth:
            return ProcessHealth(
                scheduler.late(),
                None if sync.waits_for is None else worker_text(sync.waits_for),
                services.clock_check.offset(),
                slack.app.response_urls.failing,
                copies.unknown_connections or 0,
                scheduler.failing(),
            )

        policy = Policy(settings.slack.managers, settings.slack.viewers, settings.slack.leads)
        quick = await opened.enter_async_context(new_session(seconds=PATIENCE))
        channels = slack_channels(tokens.bot_token, tokens.api_url, quick)
        features = register_features(services, for_users, slack, channels, policy, health)
        deliveries = DeliveryDispatcher(
            services.database,
            slack.notifier,
            features.handlers,
            clock,
            services.worker_id,
            metrics,
            intervals,
            states,
        )
        events = await opened.enter_async_context(services.events(policy.named_managers, states))

        held = HeldPosts(services)
        matching = UserMatching(services.database, services.sources, features.users, clock)

        async def sync_round() -> None:
            begun = time.monotonic()
            report = await sync.round(lambda _: scheduler.progress("sync"), reread=held.is_on)
            metrics.sync_seconds.observe(time.monotonic() - begun)
            log_round(report, metrics, states)
            await held.synced(report)
            if settings.process.breakdown_by_user:
                await matching.run()
            log_clock(services.clock_check, states)

        scheduler.add("sync", settings.process.sync_every.total_seconds(), sync_round)
        take_due = held.unless(lambda: features.slots.take_due(clock()))
        scheduler.add("digests", intervals.digests, take_due)
        scheduler.add("calendar", intervals.calendar, services.expire_and_unsnooze)

        async def heartbeat() -> None:
            await copies.heartbeat()
            await held.record()

        scheduler.add("alive", intervals.heartbeat, heartbeat)
        scheduler.add("housekeeping", intervals.housekeeping, services.housekeep)
        deliver = held.unless(lambda: deliveries.run(lambda: scheduler.progress("deliveries")))
        scheduler.add("deliveries", intervals.deliveries, deliver)
        if events is not None:
            send = partial(events.run, lambda: scheduler.progress("webhook"))
            scheduler.add("webhook", intervals.deliveries, send)
        gauges = Gauges(
            features.answers,
            for_users.database,
            scheduler,
            services.clock_check,
            copies,
            states,
            with_amounts=settings.process.metrics_amounts,
            longest=intervals.scrape,
        )
        metrics.registry.register(gauges)
        await features.workspace_events.app_returned(clock())
        await held.begin()
        await copies.heartbeat()
        try:
            await _reached("slack", slack.start, states, intervals.start)
            web.before_metrics(lambda: gauges.refresh(clock()))
            _add_checks(web, services, slack, scheduler)
            scheduler.start()
            yield Bot(services, slack, features.users, sync, port, deliveries, scheduler)
        finally:
            await scheduler.stop(intervals.stop_jobs)
            lost = await slack.stop()
            with suppress(DatabaseUnavailable, SQLAlchemyError):  # the rest must still stop
                await held.record()
            await copies.stop()
            if lost:
                log.error("bot.answers_lost", count=lost)


def _add_checks(web: Web, services: Services, slack: SlackBot, scheduler: Scheduler) -> None:
    """Let `/readyz` check the database, Slack and each job; in HTTP mode, take Slack's requests."""

    async def is_on_time(name: str) -> bool:
        return name not in scheduler.late()

    web.add_check("database", services.database.is_current)
    web.add_check("slack", slack.is_ready)
    for job in scheduler.jobs:
        web.add_check(f"job.{job.name}", partial(is_on_time, job.name))
    if slack.socket is None:
        web.serve_slack(slack.handle_http)


async def _provision(services: Services, clock: Clock) -> None:
    """Make the settings what `aicost.toml` says. Raises `SettingsError` where it got lost."""
    done = await services.provisioning.apply(clock())
    if done.changes:
        log.info("config.applied", changes=len(done.changes))
    for warning in done.warnings:
        log.warning("config.doubtful", reason=warning)


async def _reached(
    what: str, open_it: Callable[[], Awaitable[_T]], states: LogStates, backoff: Backoff
) -> _T:
    """Return what `open_it` returns, and wait as long as needed; the wait is logged as a lasting
    state. Raises errors that don't recover."""
    failures = 0
    while True:
        try:
            found = await open_it()
        except (DatabaseUnavailable, SlackSetupError) as error:
            if not error.may_recover:
                raise
            states.failing(what, "bot.waiting", reason=str(error), remedy=error.remedy)
        else:
            states.working(what)
            return found
        failures += 1
        await asyncio.sleep(backoff.wait(failures))


@asynccontextmanager
async def _web(settings: Settings, metrics: Metrics, host: str) -> AsyncIterator[tuple[Web, int]]:
    web = Web(metrics.registry)
    try:
        port = await web.start(settings.process.port, host)
    except OSError as error:
        raise SettingsError(_not_bound(settings.process.port, host, error)) from None
    try:
        yield web, port
    finally:
        await web.stop()


def _not_bound(port: int, host: str, error: OSError) -> Problem:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return Problem(
            f"{host} (AICOST_HOST) isn't an address of this machine.",
            "Set AICOST_HOST to 127.0.0.1, 0.0.0.0, or one of its own addresses.",
        )
    return Problem(
        f"Port {port} (PORT) can't be used. Another program may be using it.",
        "Set PORT to another port, or stop that program.",
    )


async def _until(stop: asyncio.Event, slack: SlackBot) -> bool:
    """Wait; return True for a signal to stop, False if Slack was lost."""
    waiting = [asyncio.create_task(stop.wait()), asyncio.create_task(slack.lost())]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return stop.is_set()
