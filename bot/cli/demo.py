"""`aicost demo`: start the bot on simulated providers and a simulated Slack. Nothing leaves the
machine, and none of the user's settings and files is read."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from pathlib import Path

import click
import structlog

from bot import serve
from bot.app import Services, open_services
from bot.cli.printing import progress_bars
from bot.config.environment import Problem, SettingsError
from bot.config.intervals import Clock, Intervals
from bot.config.settings import settings_of
from bot.db.models import DeclaredBalance, DigestSubscription
from bot.digests.plan import latest_wait
from bot.digests.repository import DigestRepository
from bot.ledger.charges import ChargeRepository
from bot.ledger.repository import LedgerRepository
from bot.notifications.repository import OutboxRepository
from bot.reports.messages.notices import commands
from bot.scheduler import PeriodicJob
from bot.serve import Bot
from bot.slack.text_renderer import plain_text
from providers.catalog import example
from providers.http import Retries
from providers.models import PrepaidBalance
from providers.money import total
from providers.period import DAY, Period, midnight, utc_day
from simulators.demo.app import App, RunningApp
from simulators.demo.moving import FRESH
from simulators.demo.page.browser import open_browser
from simulators.demo.page.server import PortTaken, serve_page
from simulators.demo.scenario import read_scenario, recording, replay
from simulators.demo.stage import Stage
from simulators.demo.start import demo_stage
from simulators.demo.steps import StepError
from simulators.providers import TITLES
from simulators.slack import Workspace
from simulators.slack.office import COSTS, MANAGER

TOUR = (
    "/aicost",
    f"/aicost {example('postpaid')} last month",
    "/aicost by model",
    "/aicost by team",
    "/aicost balance",
    "/aicost status",
)
PATIENCE = 30.0
"""Real seconds after which what a user did counts as finished, even if work goes on."""
RATE_LIMIT_PATIENCE = 4.0
"""Real seconds to wait when Slack asks to slow down: its pause is in its own time, not in the
demo's."""
CREDIT_DAYS = 90
JUST_BEFORE = timedelta(minutes=1)
"""The spend of so many days is what is left, at the start, of credit that its provider doesn't
report."""
QUICK = Intervals(retries=Retries(attempts=2, first_wait=0.05, longest_wait=0.1))
"""In the demo, an outage of a provider lasts days of its clock, so long retries only slow it down.
"""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The options of `aicost demo`."""

    texts: Sequence[str] = ()
    """Texts to type; their answers are printed."""
    scenario: Path | None = None
    record: Path | None = None
    port: int | None = None
    opens_browser: bool = True
    """Only at a terminal."""

    @property
    def has_page(self) -> bool:
        """Return True at a terminal, or if a port or a recording is asked for."""
        is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        return is_terminal or self.port is not None or self.record is not None


async def run_demo(options: DemoOptions, now: datetime) -> int:
    """Type the texts or play the scenario, and end; otherwise serve the page until Ctrl-C; with
    neither a terminal nor a port, give a tour in text. Returns the exit code: 1 if a scenario did
    not go as expected.

    Raises `SettingsError` for a port that is taken or a scenario that can't be read.
    """
    this = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN:  # as nohup sets it
            loop.add_signal_handler(each, this.cancel if this else loop.stop)
    try:
        if options.scenario is not None:
            return await _play(options.scenario)
        async with demo_stage(BOT, now) as stage:
            if options.texts:
                await _say_all(stage.office, options.texts)
            elif options.has_page:
                await _page(stage, options)
            else:
                await _tour(stage.office)
    except asyncio.CancelledError:
        click.echo("")
    return 0


@asynccontextmanager
async def _start(
    environment: Mapping[str, str], folder: Path, clock: Clock
) -> AsyncIterator[RunningApp]:
    """Read all data of the providers, and start the bot."""
    settings = settings_of(environment, folder, QUICK)
    async with open_services(settings, clock) as services:
        with progress_bars() as show:
            await services.sync().round(show)
        await _enter_balances(services, clock())
        await _read_earlier_balances(services, clock())
    async with serve.serving(settings, clock, "127.0.0.1") as bot:
        yield running_app(bot)


async def _enter_balances(services: Services, now: datetime) -> None:
    """Enter a balance where a prepaid provider reports none, as someone does who looks it up on its
    billing page: at the start of last month, what leaves three months of spend at its end."""
    this_month = Period.of_month(utc_day(now)).start
    last_month = Period.of_month(this_month - DAY)
    lately = Period(this_month - DAY * CREDIT_DAYS, this_month)
    async with services.database.writing() as session:
        ledger = LedgerRepository(session)
        for each in await ledger.connections():
            known = await ledger.latest_balance(each.name) or await ledger.declared(each.name)
            if each.billing != "prepaid" or known:
                continue
            days = await ChargeRepository(session).days(lately, [each.name])
            used = total(day.used for day in days)
            left = (used / 1000).to_integral_value(ROUND_UP) * 1000
            since = total(day.used for day in days if day.day in last_month)
            await ledger.declare(
                DeclaredBalance(
                    connection=each.name,
                    kind="balance",
                    at=midnight(last_month.start),
                    amount=total((left, since)),
                    used_before=Decimal(0),
                    expires_on=None,
                    made_by=MANAGER,
                    made_at=now,
                )
            )


async def _read_earlier_balances(services: Services, now: datetime) -> None:
    """Store the balances that a bot would have read at the end of the last two months, for the
    statement of the last one. Nothing was bought since, so a balance changed by spend alone."""
    this_month = Period.of_month(utc_day(now)).start
    async with services.database.writing() as session:
        ledger = LedgerRepository(session)
        for each in await ledger.connections():
            latest = await ledger.latest_balance(each.name)
            if latest is None or not each.reports_spend:
                continue
            for start in (Period.of_month(this_month - DAY).start, this_month):
                days = Period(start, utc_day(now) + DAY)
                charged = await ChargeRepository(session).days(days, [each.name])
                used = total(day.used for day in charged)
                balance = PrepaidBalance(
                    remaining=total((latest.remaining, used)),
                    total_credits=latest.total_credits,
                    total_usage=total((latest.total_usage, -used)),
                )
                await ledger.add_balance(each.name, balance, midnight(start) - JUST_BEFORE)


def running_app(bot: Bot) -> RunningApp:
    """Return the bot as the demo controls it."""
    jobs = {job.name: job for job in bot.scheduler.jobs}
    sync, deliveries = jobs.pop("sync"), jobs.pop("deliveries")
    database = bot.services.database

    async def do_due() -> None:
        until = time.monotonic() + RATE_LIMIT_PATIENCE
        while True:
            await _run(*jobs.values(), deliveries)
            wait = bot.deliveries.rate_limited_for()
            async with database.reading() as session:
                is_waiting = wait > 0 and await OutboxRepository(session).has_due(
                    bot.services.clock()
                )
            if not is_waiting or time.monotonic() + wait > until:
                return
            await asyncio.sleep(wait)

    async def next_due(after: datetime) -> datetime | None:
        async with database.reading() as session:
            moments = [_next_look(plan, after) for plan in await DigestRepository(session).active()]
            moments.append(await OutboxRepository(session).next_due(after))
        return min((each for each in moments if each is not None and each > after), default=None)

    async def finished() -> None:
        await bot.slack.app.in_flight.finished(PATIENCE)

    return RunningApp(
        paused=bot.scheduler.paused,
        sync=lambda: _run(sync),
        do_due=do_due,
        next_due=next_due,
        finished=finished,
    )


def _next_look(plan: DigestSubscription, after: datetime) -> datetime | None:
    """Return when to check for due digests. A digest that waits for settled figures checks every
    minute, but only a sync can settle them."""
    due, slot = plan.next_due_at, plan.pending
    latest = None if slot is None else latest_wait(plan.settings, slot)
    if due is None or slot is None or latest is None or due <= slot.due_at:
        return due
    return min(latest, after + FRESH)


async def _run(*jobs: PeriodicJob) -> None:
    """Run the jobs one after the other. Failures are logged, as the scheduler does."""
    for job in jobs:
        try:
            await job.run()
        except Exception:
            log.exception("job.failing", job=job.name)


BOT = App(_start, plain_text, commands())
"""The bot, as the demo starts it."""


async def _page(stage: Stage, options: DemoOptions) -> None:
    try:
        async with serve_page(stage, options.port) as page:
            if page.port != page.wanted:
                click.echo(f"Port {page.wanted} is in use, so the page is on {page.port}.")
            click.echo(
                f"aicost's demo is at {page.url} (Ctrl-C ends it).\n"
                f"Slack, {TITLES} are simulated. Nothing leaves this machine."
            )
            with recording(stage, options.record):
                if options.opens_browser and sys.stdout.isatty():
                    await open_browser(page.url)
                await asyncio.Event().wait()
    except PortTaken as taken:
        raise SettingsError(
            Problem(
                f"Port {taken} (--port) is in use.",
                "Choose another, or omit --port to use the next free one from 8010 on.",
            )
        ) from None


async def _play(path: Path) -> int:
    """Replay a scenario and print what is seen; return 1 if an expectation fails."""
    try:
        scenario = read_scenario(path)
    except (OSError, UnicodeDecodeError, StepError) as error:
        raise SettingsError(
            Problem(f"{path} (--scenario) can't be played: {error}", "See docs/demo.md.")
        ) from None
    async with demo_stage(BOT, scenario.start) as stage:
        try:
            async for line in replay(stage, scenario):
                click.echo(line)
        except StepError as error:
            click.echo(str(error), err=True)
            return 1
    return 0


async def _tour(office: Workspace) -> None:
    click.echo(
        f"This is aicost in a simulated Slack, with simulated {TITLES} accounts and a\n"
        "made-up team's year of spend. Nothing leaves this machine.\n\n"
        "There is no terminal here, so it answers six questions and exits. To see it in a "
        "browser,\nrun `aicost demo --port 8010`. It prints the page's address and runs until "
        "Ctrl-C."
    )
    for text in TOUR:
        click.echo(f"\n› {text}\n")
        click.echo(_indented(await _answer(office, text)))


async def _say_all(office: Workspace, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts):
        answer = await _answer(office, text)
        click.echo(("\n" if number else "") + answer)


async def _answer(office: Workspace, text: str) -> str:
    """Return Slack's answer as text. Words without a slash are sent to `/aicost`."""
    words = text if text.startswith("/") else f"/aicost {text}"
    answer = await office.say(MANAGER, COSTS, words)
    return office.with_names(answer.plain) or f"Slack says: {answer.failure or 'no answer came'}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.splitlines())
