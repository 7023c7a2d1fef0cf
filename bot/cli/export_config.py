"""`aicost export-config`: the present settings as an `aicost.toml`."""

import os
from contextlib import suppress
from pathlib import Path

import click

from bot.cli import work
from bot.config.config_file import config_path, is_blank
from bot.config.environment import Problem, SettingsError, read_environment
from bot.provisioning.as_toml import toml_of

EMPTIED = Problem(
    "{0} is empty. If the output was redirected into it, the shell emptied it before it was read.",
    "Put it back from version control or a backup; if there was none, delete it. Then run "
    "`aicost export-config {0}`, which reads the file before it replaces it.",
)
INTO_ITSELF = Problem(
    "The output goes into {0}, from which settings are read.",
    "Run `aicost export-config {0}`, which reads the file before it replaces it.",
)
OTHER_FILE = Problem(
    "{0} isn't empty, and isn't the configuration file in use.",
    "Choose a new name, or name it with AICOST_CONFIG.",
)
WAS_EMPTY = (
    "{} was empty: connections, [alerts], teams, shared costs and people that it may have had are "
    "missing in it."
)
WRITTEN = "{} was written."
UNWRITTEN = "{} can't be written: {}. Nothing was changed. Choose a new name, and copy that file."


async def export_config(target: Path | None) -> int:
    """Write a file with everything that is set now: to `target`, which is new or the configuration
    file in use, or else to standard output. Return 1 if it can't be written.

    Raises `SettingsError` before anything is written where that would lose settings that only the
    configuration file has. A shell empties the file that it redirects to, also from outside a
    container, where standard output is a pipe.
    """
    present = config_path(read_environment(Path.cwd()), Path.cwd())
    if target is None:
        _check_output(present)
    else:
        _check_target(target, present)
    was_blank = target is not None and is_blank(target)
    text = await _present_settings()
    if target is None:
        click.echo(text, nl=False)
        return 0
    try:
        _replace(target, text)
    except OSError as error:
        click.echo(UNWRITTEN.format(target, error.strerror), err=True)
        return 1
    click.echo(WRITTEN.format(target))
    if was_blank:
        click.echo(WAS_EMPTY.format(target), err=True)
    return 0


async def _present_settings() -> str:
    settings = work.settings()
    held = []
    if await work.has_database(settings):
        async with work.opened(settings) as services:
            held = [each.setting for each in await services.provisioning.held()]
    return toml_of(settings.file, held)


def _check_output(present: Path | None) -> None:
    if present is not None and is_blank(present):
        raise _about(EMPTIED, present)
    if present is not None and _is_standard_output(present):
        raise _about(INTO_ITSELF, present)


def _check_target(target: Path, present: Path | None) -> None:
    if not target.exists() or is_blank(target):
        return
    if present is None or not target.samefile(present):
        raise _about(OTHER_FILE, target)


def _about(problem: Problem, path: Path) -> SettingsError:
    return SettingsError(Problem(problem.what.format(path), problem.remedy.format(path)))


def _is_standard_output(path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(1), path.stat())
    except OSError:  # standard output is closed, or there is no such file
        return False


def _replace(target: Path, text: str) -> None:
    """Write the file atomically. One that is replaced leaves its mode, owner and group to it; a
    link stays one. Raises `OSError`."""
    path = target.resolve()
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("x", encoding="utf-8") as file:
            if path.exists():
                before = path.stat()
                with suppress(PermissionError):  # only root may give a file away
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
                os.fchmod(file.fileno(), before.st_mode & 0o777)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
