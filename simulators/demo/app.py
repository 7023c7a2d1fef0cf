"""The app that the demo runs. It is passed in as functions: `simulators` imports no app."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from simulators.clock import DemoClock
from simulators.slack.answer import Render


@dataclass(frozen=True, slots=True)
class RunningApp:
    """How the demo controls an app that runs by its clock."""

    paused: Callable[[], AbstractAsyncContextManager[None]]
    """Pause its schedule during the block, which begins once running jobs have ended."""
    sync: Callable[[], Awaitable[None]]
    """Read the providers."""
    do_due: Callable[[], Awaitable[None]]
    """Do everything that is due by the clock, except syncing."""
    next_due: Callable[[datetime], Awaitable[datetime | None]]
    """Return when something is due next, after that moment. None if nothing is planned."""
    finished: Callable[[], Awaitable[None]]
    """Wait until it has handled all actions of people."""


@dataclass(frozen=True, slots=True)
class App:
    """An app to run."""

    start: Callable[[Mapping[str, str], Path, DemoClock], AbstractAsyncContextManager[RunningApp]]
    """Start it with this environment, this folder for its files, and this clock. It has read the
    providers' history and is connected to Slack when the block begins."""
    render: Render
    commands: Sequence[tuple[str, str]] = ()
    """The commands that the page suggests, each with its purpose."""
