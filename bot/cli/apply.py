"""`aicost apply`, `aicost export-config` and `aicost config-schema`."""

import asyncio

import click

from bot.app import open_services
from bot.cli import work
from bot.config.file_schema import schema_text
from bot.config.settings import Settings
from bot.db.schema import current_revision, head_revision, missing
from bot.provisioning.as_toml import toml_of
from bot.provisioning.difference import changes_to
from bot.provisioning.difference_text import difference_lines
from bot.provisioning.file_settings import settings_of
from bot.provisioning.models import Difference

DIFFERS = 2
"""The exit code of a dry run that found something to do."""
OLD_SCHEMA = "The database has to be upgraded first. Run `aicost db upgrade`."


async def apply(*, is_dry_run: bool) -> int:
    """Make the settings what the file says, and print what that changes; with `is_dry_run`, change
    nothing, and return 2 where there is a difference."""
    settings = work.settings()
    if is_dry_run:
        return await _dry_run(settings)
    async with open_services(settings, work.now) as services:
        _print(await services.provisioning.apply(work.now()))
    return 0


async def export_config() -> int:
    """Print the file that says all that is set now."""
    settings = work.settings()
    held = []
    if await _has_database(settings):
        async with open_services(settings, work.now) as services:
            held = [each.setting for each in await services.provisioning.held()]
    click.echo(toml_of(settings.file, held), nl=False)
    return 0


async def config_schema() -> int:
    """Print the JSON schema of the file, for editors."""
    click.echo(schema_text(), nl=False)
    return 0


async def _dry_run(settings: Settings) -> int:
    if not await _has_database(settings):
        connections = {each.name: each.kind.name for each in settings.connections}
        wanted = settings_of(settings.file, connections)
        found = Difference(changes_to(wanted, (), connections))
    elif await asyncio.to_thread(current_revision, settings.database.url) != head_revision():
        click.echo(OLD_SCHEMA, err=True)
        return 1
    else:
        async with open_services(settings, work.now) as services:
            found = await services.provisioning.difference(work.now())
    _print(found)
    return 0 if found.is_empty else DIFFERS


async def _has_database(settings: Settings) -> bool:
    """Whether there is one: what only reads makes none."""
    return await asyncio.to_thread(missing, settings.database.url) is None


def _print(difference: Difference) -> None:
    click.echo("\n".join(difference_lines(difference)))
