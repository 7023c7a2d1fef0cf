"""`aicost backup` and `aicost restore`."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from bot.app import open_services
from bot.cli import work
from bot.config.environment import read_environment
from bot.config.settings import DatabaseSettings
from bot.db import backup as copies
from bot.db.address import describe, is_empty, parse, path_of
from bot.db.database import Database
from bot.db.errors import DatabaseUnavailable
from bot.db.schema import missing

SAVED = "Saved {} to {}: {:,.1f} MiB."
IN_USE = "{} already has data. Add --replace to delete it and restore the backup."
RUNNING = "Bots running on {}: {}. Stop them first."
NOT_READ = (
    "Nothing was restored because some data couldn't be read. Without it, the bot would post old "
    "alerts. Try again later, or add --post to let the bot post what is due."
)
RESTORED = "Restored {} from {}."


async def backup(file: Path) -> int:
    """Write the whole database to a new file."""
    url = DatabaseSettings.of(read_environment(Path.cwd())).url
    size = await asyncio.to_thread(copies.save, url, file)
    click.echo(SAVED.format(_inside(describe(parse(url))), file, size / 2**20))
    return 0


async def restore(file: Path, *, replacing: bool, posting: bool) -> int:
    """Restore the database from a file. What is crossed or due by now is not posted, unless
    `posting`. Returns 1, and changes nothing, if that can't be determined."""
    settings = work.settings()
    url = settings.database.url
    if (refusal := await _refusal(url, replacing=replacing)) is not None:
        click.echo(refusal, err=True)
        return 1
    target = path_of(parse(url))
    with tempfile.TemporaryDirectory(
        prefix=".aicost-restore-", dir=target and target.parent
    ) as folder:
        staged = Path(folder) / "staged.db"
        staged_url = await asyncio.to_thread(copies.stage, file, staged)
        if not posting:
            database = settings.database.model_copy(
                update={"secret_url": type(settings.database.secret_url)(staged_url)}
            )
            async with open_services(replace(settings, database=database), work.now) as services:
                report = await work.sync_once(services)
                if not report.is_synced or report.has_faults or report.unevaluated:
                    click.echo(NOT_READ, err=True)
                    return 1
                await work.skip_posts(services)
        await asyncio.to_thread(copies.put_in_place, staged, url, replacing=replacing)
    click.echo(RESTORED.format(_inside(describe(parse(url))), file))
    return 0


async def _refusal(url: str, *, replacing: bool) -> str | None:
    """Return why this database can't be replaced now."""
    target = parse(url)
    path, name = path_of(target), describe(target)
    if path is not None and is_empty(path):
        return None
    try:
        is_ours = await asyncio.to_thread(missing, url) is None
    except DatabaseUnavailable:
        if path is None or not replacing:
            raise
        return None  # a damaged file
    if is_ours and (running := await _running(url)):
        return RUNNING.format(_inside(name), running)
    return None if replacing or (path is None and not is_ours) else IN_USE.format(name)


async def _running(url: str) -> int:
    database = Database(url)
    try:
        return await database.leases.count_alive()
    finally:
        await database.close()


def _inside(name: str) -> str:
    """Return the database's name for use within a sentence."""
    return name[0].lower() + name[1:]
