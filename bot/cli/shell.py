"""Runs commands: every error becomes one readable message and an exit code, without a traceback."""

import asyncio
import functools
import gc
import io
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click
import structlog

from bot import logs
from bot.config import route
from bot.config.environment import SettingsError, read_environment

_P = ParamSpec("_P")
MISCONFIGURED = 2


def command(
    level: int = logging.WARNING, *, reads_env_file: bool = True
) -> Callable[[Callable[_P, Coroutine[Any, Any, int]]], Callable[_P, None]]:
    """Return a decorator for a command: a function that imports what it needs and returns a
    coroutine with the exit code. `level` is the lowest level that is logged."""

    def decorate(begin: Callable[_P, Coroutine[Any, Any, int]]) -> Callable[_P, None]:
        @functools.wraps(begin)
        def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
            logs.configure(sys.stderr or io.StringIO(), level)  # None: it was closed
            if reads_env_file:
                with suppress(SettingsError):  # what needs the settings reports it
                    route.export_network_variables(read_environment(Path.cwd()))
            route.set_key_log_aside()
            try:
                with _gc_frozen():
                    work = begin(*args, **kwargs)
                code = asyncio.run(work)
            except (KeyboardInterrupt, asyncio.CancelledError):
                code = 130
            except SettingsError as error:
                _end(str(error), MISCONFIGURED)
            except click.ClickException:
                raise  # click prints it, with the command's usage
            except Exception as error:
                if isinstance(error, OSError) and _is_output_lost():
                    if isinstance(error, BrokenPipeError):
                        sys.exit(1)  # the reader has had enough
                    _end(f"The output can't be written: {error.strerror}.", 1)
                remedy = getattr(error, "remedy", None)  # of the database or of Slack
                if remedy is not None:
                    may_recover = getattr(error, "may_recover", False)
                    _end(f"{error} {remedy}", 1 if may_recover else MISCONFIGURED)
                reference = logs.new_reference()
                log = structlog.get_logger(__name__)
                log.critical("command.failed", exc_info=True, reference=reference)
                _end(
                    f"A defect in aicost stopped it. Report it with the log lines for {reference}.",
                    1,
                )
            sys.exit(code)

        return run

    return decorate


@contextmanager
def _gc_frozen() -> Iterator[None]:
    """Keep imported objects out of garbage collection. That saves a fifth of the start, and pauses
    of a tenth of a second while running."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _is_output_lost() -> bool:
    """Return True if standard output is closed. Nothing more is then flushed into it at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _end(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)
