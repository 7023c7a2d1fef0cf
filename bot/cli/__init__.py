"""The command line: each command reads the settings, does one thing and returns an exit code.

Each command imports what it needs when it is called, because importing everything takes half a
second, also for `--help` and mistyped options.
"""

import gc
import logging
from collections.abc import Coroutine
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli import shell

# What is imported stays. To look through it after every 700 new objects, as Python does by itself,
# takes a sixth of the start.
gc.set_threshold(20_000, 20, 50)

Begun = Coroutine[Any, Any, int]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="aicost-bot", prog_name="aicost")
def main() -> None:
    """Show what AI providers cost, in Slack and in the terminal."""


class Day(click.ParamType[date]):
    """A UTC day, written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the day; any other text is a usage error (exit 2)."""
        if isinstance(value, date):
            return value
        try:
            day = datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.fail(
                f"{value} isn't a valid day. Use YYYY-MM-DD, for example 2026-11-01.", param, ctx
            )
        if day.year < 2000:
            self.fail(f"{value} is too early: no provider has data from before 2000.", param, ctx)
        return day


@main.command()
@shell.command(logging.CRITICAL)
def init() -> Begun:
    """Set aicost up: ask for each token and key, and check it.

    The answers are written to .env in this folder.
    """
    from bot.cli.init import init

    return init()


@main.command()
@shell.command(logging.INFO)
def run() -> Begun:
    """Run the bot: sync, alerts, digests and answers in Slack."""
    from bot import serve
    from bot.cli import work

    return serve.run(work.settings(), work.now)


@main.command()
@click.option("--since", type=Day(), help="Read all days from this UTC day on again.")
@click.option(
    "--no-posts",
    is_flag=True,
    help="Don't post alerts and digests that are due now. For a restored backup.",
)
@shell.command()
def sync(since: date | None, no_posts: bool) -> Begun:
    """Sync all connections now."""
    from bot.cli import work

    if since is not None and since > work.now().date():
        raise click.BadParameter("the day is in the future.", param_hint="--since")
    return work.sync(since, no_posts=no_posts)


@main.command()
@click.argument("text", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@shell.command()
def ask(text: tuple[str, ...], as_json: bool) -> Begun:
    """Run an /aicost command from the terminal.

    TEXT is what you would type after /aicost in Slack, for example: last week by model.
    """
    from bot.cli import work

    return work.ask(" ".join(text), as_json=as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@shell.command(logging.CRITICAL)
def doctor(as_json: bool) -> Begun:
    """Check settings, database, API keys and Slack.

    Each problem comes with a suggestion how to fix it.
    """
    from bot.cli.doctor import doctor

    return doctor(as_json)


@main.command()
@click.argument("words", nargs=-1, metavar="[PERIOD]")
@click.option("--period", help='A named period, such as "last month" or 2026-10.')
@click.option("--from", "start", type=Day(), help="First UTC day.")
@click.option("--to", "end", type=Day(), help="UTC day after the last one.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", help="Default: csv."
)
@shell.command()
def export(
    words: tuple[str, ...], period: str | None, start: date | None, end: date | None, form: str
) -> Begun:
    """Print the charges of a period, with FOCUS column names.

    PERIOD is what `/aicost export` takes, such as `last month`. Or give --from and --to.
    """
    from bot.cli import work
    from bot.reports import focus
    from providers.period import Period

    named = " ".join([*words, *([period] if period else [])])
    if bool(named) == bool(start or end) or (start is None) != (end is None):
        raise click.UsageError("Give a period, or both --from and --to.")
    if start and end and end <= start:
        raise click.BadParameter("it must be later than --from.", param_hint="--to")
    which = Period(start, end) if start and end else named
    return work.export(which, focus.csv_lines if form == "csv" else focus.json_lines)


@main.command()
@click.option("--month", metavar="YYYY-MM", help="A month that is over. Default: the last one.")
@click.option("--connection", help="Only this provider or connection.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "md"]), default="csv", help="Default: csv."
)
@shell.command()
def statement(month: str | None, connection: str | None, form: str) -> Begun:
    """Print the statement of a closed month.

    It has balances, purchases, spend and corrections.
    """
    from bot.cli import work
    from bot.statements.files import csv_text
    from bot.statements.page import markdown

    text = " ".join(filter(None, ["statement", month, connection]))
    return work.statement(text, csv_text if form == "csv" else markdown)


@main.command()
@click.option("--since", type=Day(), help="First UTC day. Default: 400 days ago.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of lines.")
@shell.command()
def audit(since: date | None, as_json: bool) -> Begun:
    """List changes of settings, newest first."""
    from bot.cli import work

    return work.audit(since, as_json=as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of lines.")
@shell.command()
def backtest(as_json: bool) -> Begun:
    """Compare past forecasts with actual spend.

    A simple run rate is compared, too.
    """
    from bot.cli import work

    return work.backtest(as_json=as_json)


@main.command()
@click.option("--dry-run", is_flag=True, help="Only print what would change; exit 2 if anything.")
@shell.command()
def apply(dry_run: bool) -> Begun:
    """Apply the settings in aicost.toml now.

    The bot does the same when it starts.
    """
    from bot.cli.apply import apply

    return apply(is_dry_run=dry_run)


@main.command("export-config")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@shell.command()
def export_config(file: Path | None) -> Begun:
    """Write an aicost.toml with the current settings.

    FILE is new, or the configuration file in use. Without FILE, print it.
    """
    from bot.cli.export_config import export_config

    return export_config(file)


@main.command("config-schema")
@shell.command(reads_env_file=False)
def config_schema() -> Begun:
    """Print the JSON schema of aicost.toml, for editors."""
    from bot.cli.apply import config_schema

    return config_schema()


@main.command()
@click.option("--http", metavar="URL", help="Public address of the bot, for HTTP mode.")
@click.option("--link", is_flag=True, help="Print a link to Slack's form with it filled in.")
@shell.command(reads_env_file=False)
def manifest(http: str | None, link: bool) -> Begun:
    """Print the Slack app manifest."""
    from bot.cli.manifest import print_manifest

    return print_manifest(http, as_link=link)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@shell.command()
def backup(file: Path) -> Begun:
    """Save all data to a new FILE. The bot may run."""
    from bot.cli.backup import backup

    return backup(file)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Delete the data in the database first.")
@click.option("--post", is_flag=True, help="Let the bot post alerts and digests that are due now.")
@shell.command()
def restore(file: Path, replace: bool, post: bool) -> Begun:
    """Restore data from a backup FILE. Stop the bot first."""
    from bot.cli.backup import restore

    return restore(file, replacing=replace, posting=post)


@main.group()
def db() -> None:
    """Manage the database."""


@db.command()
@shell.command()
def upgrade() -> Begun:
    """Apply database migrations."""
    from bot.cli import work

    return work.upgrade()


@main.command()
@click.option("--say", "texts", multiple=True, help="Type this, print the answer and exit.")
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Replay the steps in this file and exit.",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write each step done on the page to this file.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Serve the page on this port.")
@click.option("--no-open", is_flag=True, help="Don't open a browser.")
@shell.command(reads_env_file=False)
def demo(
    texts: tuple[str, ...],
    scenario: Path | None,
    record: Path | None,
    port: int | None,
    no_open: bool,
) -> Begun:
    """Try aicost in the browser, without any account.

    The providers and Slack are simulated.
    """
    from bot.cli.demo import DemoOptions, run_demo

    return run_demo(DemoOptions(texts, scenario, record, port, not no_open), datetime.now(UTC))
