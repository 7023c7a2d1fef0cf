"""Commands that need the ledger but no Slack; each returns its exit code."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import click

from bot import app, logs
from bot.access.messages import audit_json, audit_lines
from bot.access.models import EVERYTHING
from bot.access.repository import AUDIT_KEPT_FOR, Audit
from bot.cli.printing import answer_json, answer_text, progress_bars, written
from bot.config.environment import read_environment
from bot.config.intervals import PRODUCTION, Intervals
from bot.config.settings import DatabaseSettings, Settings, load_settings
from bot.db import schema
from bot.db.address import describe, parse
from bot.language import parser
from bot.language.commands import Export, ParseFailure
from bot.ledger.export import stream_charges
from bot.ledger.models import ChargeRow
from bot.ledger.sync_report import RoundReport, report_lines, unevaluated_line
from bot.reports.exports import missing_days
from bot.reports.focus import Titles
from bot.reports.outlook import accuracy_json, accuracy_lines, measure_accuracy
from bot.scope import Scope
from bot.statements.models import MonthStatement
from providers.catalog import ALL
from providers.period import Period, midnight, utc_day

SCHEMA_CHANGES: dict[schema.SchemaChange, str] = {
    "created": "{} was created: there was none, or it was empty.",
    "upgraded": "{} was upgraded to this version of aicost.",
}
SKIPPED = '{} {} won\'t be posted. See `aicost ask "alerts list"`.'
NOT_ALL = "Some data couldn't be read. Run this again before you start the bot."
COSTS = (
    "EffectiveCost is the spend. BilledCost is what is invoiced: it is 0 for use of prepaid "
    "credit, which was billed when it was bought."
)
Lines = Callable[[AsyncIterable[ChargeRow], Titles], AsyncGenerator[str, None]]


def settings() -> Settings:
    """Return the settings of the environment and this folder, and set the log level. Raises
    `SettingsError`."""
    found = load_settings(Path.cwd(), intervals())
    if found.process.log_level is not None:
        logs.set_level(found.process.log_level)
    return found


def intervals() -> Intervals:
    """Return the intervals that the caller of `bot.cli.main` passes as `obj`, as tests do, or else
    those of production."""
    return click.get_current_context().find_object(Intervals) or PRODUCTION


def now() -> datetime:
    """Return the present, aware UTC. Tests replace the clock of the process."""
    return datetime.now(UTC)


async def has_database(given: Settings) -> bool:
    """Return whether there is one: a command that only reads makes none."""
    return await asyncio.to_thread(schema.missing, given.database.url) is None


@asynccontextmanager
async def opened(given: Settings | None = None) -> AsyncIterator[app.Services]:
    """Yield the services, by default with the settings of this folder. Print a note if the database
    was created or upgraded, because the user may have expected neither."""
    async with app.open_services(given or settings(), now) as services:
        if (change := services.database.schema_change) is not None:
            click.echo(SCHEMA_CHANGES[change].format(services.database.description), err=True)
        yield services


async def sync(since: date | None, *, no_posts: bool) -> int:
    """Read every connection once, from `since` if given; return 1 if one failed. With `no_posts`,
    the bot won't post what is crossed or due by now."""
    async with opened() as services:
        await services.provisioning.apply(now())
        report = await sync_once(services, since)
        if no_posts:
            await skip_posts(services)
            if report.has_faults:
                click.echo(NOT_ALL)
    return 0 if report.is_synced else 1


async def sync_once(services: app.Services, since: date | None = None) -> RoundReport:
    """Read every connection once, and print the result of each."""
    with progress_bars() as show:
        report = await services.sync().round(show, since, reread=True)
    for connection in report.connections:
        click.echo("\n".join(report_lines(connection)))
    if report.unevaluated is not None:
        click.echo(unevaluated_line(report.unevaluated))
    return report


async def skip_posts(services: app.Services) -> None:
    """Make the bot skip what is crossed or due by now, and print how much that is."""
    skipped = await services.skip_posts()
    click.echo(SKIPPED.format(skipped, "message" if skipped == 1 else "messages"))


async def ask(text: str, *, as_json: bool) -> int:
    """Answer a question; return 2 if it was not understood."""
    async with opened() as services:
        answer = await services.ask(text, now())
    click.echo(written(answer_json(answer)) if as_json else answer_text(answer))
    return 2 if isinstance(answer.result, ParseFailure) else 0


async def export(given: Period | str, write: Lines) -> int:
    """Write the charges of the period to standard output, and what their costs mean and the missing
    days to standard error: without those, the sum would look complete. `given` takes what `/aicost
    export` does; return 2 if it isn't understood."""
    titles = {kind.name: kind.title for kind in ALL}
    async with opened() as services:
        scope, period = None, given
        if isinstance(period, str):
            found = parser.parse(f"export {period}", services.vocabulary, utc_day(now()))
            if not isinstance(found, Export):
                words = found.message if isinstance(found, ParseFailure) else "Unknown period."
                click.echo(words, err=True)
                return 2
            scope, period = found.scope, found.period
        async with (
            aclosing(stream_charges(services.database, period)) as charges,
            aclosing(write(_of(charges, scope), titles)) as written,
        ):
            async for line in written:
                click.echo(line, nl=False)
        async with services.database.reading() as session:
            gaps = await missing_days(session, period, scope, EVERYTHING, now())
    click.echo(COSTS, err=True)
    for gap in gaps:
        click.echo(f"Missing days: {gap}", err=True)
    return 0


async def statement(text: str, write: Callable[[MonthStatement], str]) -> int:
    """Write a month's statement to standard output; return 2 if the question isn't understood."""
    async with opened() as services:
        answer = await services.ask(text, now())
    if isinstance(answer.result, MonthStatement):
        click.echo(write(answer.result), nl=False)
        return 0
    click.echo(answer_text(answer), err=True)
    return 2


async def _of(rows: AsyncIterable[ChargeRow], scope: Scope | None) -> AsyncIterator[ChargeRow]:
    """Yield the rows of one provider or connection; all for None."""
    async for row in rows:
        if scope is None or scope.draws_on(row.connection, row.provider):
            yield row


async def audit(since: date | None, *, as_json: bool) -> int:
    """List the changes since that day, or all that are kept."""
    start = midnight(since) if since else now() - AUDIT_KEPT_FOR
    async with opened() as services:
        entries = await Audit(services.database).entries(start)
    lines = "\n".join(audit_lines(entries)) or "No changes yet."
    click.echo(written(audit_json(entries)) if as_json else lines)
    return 0


async def backtest(*, as_json: bool) -> int:
    """Forecast every past month in the ledger, and print the accuracy."""
    async with opened() as services, services.database.reading() as session:
        found = await measure_accuracy(session, now())
    lines = "\n".join(line for each in found for line in accuracy_lines(each))
    click.echo(written([accuracy_json(each) for each in found]) if as_json else lines)
    return 0


async def upgrade() -> int:
    """Migrate the database to this version's schema."""
    url = DatabaseSettings.of(read_environment(Path.cwd())).url
    if (change := await asyncio.to_thread(schema.upgrade, url)) is not None:
        click.echo(SCHEMA_CHANGES[change].format(describe(parse(url))), err=True)
    click.echo("The database is up to date.")
    return 0
