"""The command line: each command reads the settings, does one thing, and tells by its exit code."""

import asyncio
import json
import logging
from contextlib import aclosing
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from bot import bootstrap
from bot.answers.audit import KEPT_FOR, Audit, audit_json, audit_lines
from bot.answers.focus import csv_lines, json_lines
from bot.answers.hindsight import hindsight_json, hindsight_lines, look_back
from bot.commands import progress, shell
from bot.commands.doctor import examine, finding_lines, is_healthy
from bot.commands.printing import answer_json, answer_text
from bot.settings.environment import read_environment
from bot.settings.settings import Settings, database_of, load_settings
from bot.spend.grammar.query_types import NotUnderstood
from bot.store.schema import upgrade as upgrade_schema
from bot.sync.report import report_lines
from providers.catalog import ALL
from providers.period import Period, midnight


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="aicost-bot", prog_name="aicost")
def main() -> None:
    """Tell a team in Slack what its AI providers cost, each in its own billing terms."""


class Day(click.ParamType[date]):
    """A UTC day, written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """The day; a usage error (exit 2) for anything else."""
        if isinstance(value, date):
            return value
        try:
            day = datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.fail(f"{value} is not a day: write YYYY-MM-DD, such as 2026-11-01.", param, ctx)
        if day.year < 2000:
            self.fail(f"{value} is before any provider's time.", param, ctx)
        return day


@main.command()
@shell.command(logging.INFO)
async def run() -> int:
    """Run the bot: Slack, schedules, sync, alerts."""
    from bot import service  # Slack's libraries take half a second to import

    return await service.run(_settings(), _now)


@main.command()
@click.option("--since", type=Day(), help="Read again from this UTC day on.")
@shell.command()
async def sync(since: date | None) -> int:
    """Read every connection once, now."""
    if since is not None and since > _now().date():
        raise click.BadParameter("that day is yet to come.", param_hint="--since")
    async with bootstrap.open_house(_settings(), _now) as house:
        with progress.shown() as show:
            report = await house.sync().round(show, since)
    for connection in report.connections:
        click.echo("\n".join(report_lines(connection)))
    return 0 if report.is_synced else 1


@main.command()
@click.argument("text", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of text.")
@shell.command()
async def ask(text: tuple[str, ...], as_json: bool) -> int:
    """Answer what `/aicost TEXT` answers, from the ledger."""
    async with bootstrap.open_house(_settings(), _now) as house:
        answer = await house.terminal().answer(" ".join(text), _now())
    click.echo(_json(answer_json(answer)) if as_json else answer_text(answer))
    return 2 if isinstance(answer, NotUnderstood) else 0


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of text.")
@shell.command(logging.CRITICAL)
async def doctor(as_json: bool) -> int:
    """Check the configuration, the database, every key, and Slack; say how to mend each."""
    from bot.commands import checkup

    findings = await examine(Path.cwd(), _now(), checkup.instruments(_now))
    healthy = is_healthy(findings)
    if as_json:
        rows = [asdict(finding) for finding in findings]
        click.echo(_json({"healthy": healthy, "findings": rows}))
    else:
        for finding in findings:
            click.echo("\n".join(finding_lines(finding)))
    return 0 if healthy else 1


@main.command()
@click.option("--from", "start", type=Day(), required=True, help="The first UTC day.")
@click.option("--to", "end", type=Day(), required=True, help="The day after the last one.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv")
@shell.command()
async def export(start: date, end: date, form: str) -> int:
    """Write the charges of a period to standard output, with FOCUS column names."""
    if end <= start:
        raise click.BadParameter("it must be later than --from.", param_hint="--to")
    lines = csv_lines if form == "csv" else json_lines
    titles = {kind.name: kind.title for kind in ALL}
    async with (
        bootstrap.open_house(_settings(), _now) as house,
        aclosing(house.store.export(Period(start, end))) as charges,
        aclosing(lines(charges, titles)) as written,
    ):
        async for line in written:
            click.echo(line, nl=False)
    return 0


@main.command()
@click.option("--since", type=Day(), help="From this UTC day on; 400 days back without it.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array in place of lines.")
@shell.command()
async def audit(since: date | None, as_json: bool) -> int:
    """List who changed what, newest first."""
    start = midnight(since) if since else _now() - KEPT_FOR
    async with bootstrap.open_house(_settings(), _now) as house:
        entries = await Audit(house.store).entries(start)
    if as_json:
        click.echo(json.dumps(audit_json(entries), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(audit_lines(entries)) or "Nothing has been changed yet.")
    return 0


@main.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON array in place of lines.")
@shell.command()
async def backtest(as_json: bool) -> int:
    """Hold forecasts of past months, as said then and tried again, against plain run rate."""
    async with bootstrap.open_house(_settings(), _now) as house, house.store.reading() as ledger:
        found = await look_back(ledger, _now())
    if as_json:
        click.echo(json.dumps([hindsight_json(each) for each in found], indent=2))
    else:
        click.echo("\n".join(line for each in found for line in hindsight_lines(each)))
    return 0


@main.group()
def db() -> None:
    """The database."""


@db.command()
@shell.command()
async def upgrade() -> int:
    """Bring the database to this version's schema."""
    await asyncio.to_thread(upgrade_schema, database_of(read_environment(Path.cwd())))
    click.echo("The database is at this version's schema.")
    return 0


@main.command()
@click.option("--say", "texts", multiple=True, help="Say this, print the answer, and end.")
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Replay the steps in this file, and end.",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write each step done on the page to this file.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Serve the page on this port.")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@shell.command()
async def demo(
    texts: tuple[str, ...],
    scenario: Path | None,
    record: Path | None,
    port: int | None,
    no_open: bool,
) -> int:
    """Try the whole product on simulated vendors and a simulated Slack, in the browser."""
    from bot.demo.run import Wanted, run_demo

    return await run_demo(Wanted(texts, scenario, record, port, not no_open), _now())


def _settings() -> Settings:
    return load_settings(Path.cwd())


def _now() -> datetime:
    return datetime.now(UTC)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)
