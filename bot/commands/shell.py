"""How a command ends: every error is one readable message and an exit code, no traceback."""

import asyncio
import functools
import gc
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, ParamSpec

import click
import structlog

from bot import logs
from bot.settings.environment import SettingsError
from bot.slack.errors import SlackSetupError
from bot.store.errors import StoreError

_P = ParamSpec("_P")
MISCONFIGURED = 2


def command(
    level: int = logging.WARNING,
) -> Callable[[Callable[_P, Coroutine[Any, Any, int]]], Callable[_P, None]]:
    """Make a command of a function that imports what the command stands on, and returns its work:
    a coroutine that returns the exit code. `level` is from where on it logs."""

    def decorate(begin: Callable[_P, Coroutine[Any, Any, int]]) -> Callable[_P, None]:
        @functools.wraps(begin)
        def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
            logs.configure(sys.stderr, level)
            try:
                with _to_stay():
                    work = begin(*args, **kwargs)
                code = asyncio.run(work)
            except (KeyboardInterrupt, asyncio.CancelledError):
                code = 130
            except SettingsError as error:
                _end(str(error), MISCONFIGURED)
            except (StoreError, SlackSetupError) as error:
                code = 1 if error.may_recover else MISCONFIGURED
                _end(f"{error} {error.remedy}", code)
            except click.ClickException:
                raise  # click tells it, with the command's usage
            except BrokenPipeError:
                # whoever read has had enough: nothing more may be flushed into the pipe at exit
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                code = 1
            except Exception:
                reference = logs.new_reference()
                structlog.get_logger(__name__).exception("command.failed", reference=reference)
                _end(
                    f"aicost itself failed. Report it with the log's lines for {reference}.",
                    1,
                )
            sys.exit(code)

        return run

    return decorate


@contextmanager
def _to_stay() -> Iterator[None]:
    """For imports. What they make stays as long as the process: the garbage collector neither goes
    through it meanwhile, a fifth of the start, nor later, for a tenth of a second each time, in
    which nobody would be answered."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _end(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)
