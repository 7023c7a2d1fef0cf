"""Log what lasts as a state: a line when it begins, at most one a minute while it lasts, and one
when it ends, with how long it lasted. Times are measured on the monotonic clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.config.intervals import PRODUCTION
from bot.logs import error_fields

log = structlog.get_logger(__name__)

DATABASE = "database"
"""The key of the database's state, which every part that uses it sees."""
REQUESTS = "requests"
"""The source of what people's requests see of it."""


@dataclass(slots=True)
class _State:
    event: str
    began_at: float
    logged_at: float
    failures: int = 0
    """Since the last line."""
    sources: set[str] = field(default_factory=set)
    """Where it is seen; it ends once none of them sees it any more."""
    ended_at: float | None = None
    is_end_due: bool = True
    """A line about it was logged since its last end."""


class LogStates:
    """The states of one process. Between two lines about one that lasts are `reminder` seconds. One
    that begins again sooner after its end goes on: a fault that comes and goes is one state.

    `monotonic` returns seconds.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        reminder: float = PRODUCTION.log_reminder,
    ) -> None:
        self._monotonic = monotonic
        self._reminder = reminder
        self._states: dict[str, _State] = {}

    def failing(
        self,
        key: str,
        event: str,
        *,
        source: str = "",
        error: Exception | None = None,
        **values: object,
    ) -> None:
        """The state `key` holds, as seen by `source`. The error's own text, or at the beginning its
        traceback where it has none for people, goes into the line with the values."""
        now = self._monotonic()
        self._forget_ended(now)
        state = self._states.get(key)
        is_new = state is None
        if state is None:
            state = self._states[key] = _State(event, now, now)
        state.ended_at = None
        state.sources.add(source)
        state.failures += 1
        if not is_new and now - state.logged_at < self._reminder:
            return
        fields: dict[str, Any] = {} if error is None else error_fields(error)
        if is_new:
            fields |= {"phase": "began"}
        else:
            fields.pop("exc_info", None)  # the first line has it
            fields |= {
                "phase": "lasts",
                "seconds": round(now - state.began_at),
                "failures": state.failures,
            }
        state.logged_at, state.failures, state.is_end_due = now, 0, True
        log.warning(event, **fields, **values)

    def working(self, key: str, *, source: str = "", **values: object) -> None:
        """The state does not hold where `source` sees it."""
        state = self._states.get(key)
        if state is None or state.ended_at is not None:
            return
        state.sources.discard(source)
        if state.sources:
            return
        now = self._monotonic()
        state.ended_at = now
        if state.is_end_due:
            state.is_end_due = False
            log.info(state.event, phase="ended", seconds=round(now - state.began_at), **values)

    def is_failing(self, key: str) -> bool:
        """Return whether the state holds now."""
        state = self._states.get(key)
        return state is not None and state.ended_at is None

    def _forget_ended(self, now: float) -> None:
        for key, state in list(self._states.items()):
            if state.ended_at is not None and now - state.ended_at >= self._reminder:
                del self._states[key]
