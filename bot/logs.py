"""Logs: our lines and those of libraries go to standard error, with secrets removed. Lasting states
are logged when they begin, at most once a minute while they last, and when they end.

JSON for machines, short lines on a terminal.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

import stamina
import structlog
from structlog.typing import EventDict, WrappedLogger

from providers.redaction import redact

log = structlog.get_logger(__name__)

DATABASE = "database"
"""Key of the database's state, shared by everything that uses it."""
REQUESTS = "requests"
"""The source for requests of users."""
_OURS = ("bot", "providers")
_KEY_LENGTH = 200
_MOST_KEYS = 256
"""Number of different messages of libraries that are remembered."""


class OnceAMinute(logging.Filter):
    """Lets a repeated message of a library through once a minute, with the number of repetitions
    (`repeated`). Messages that differ in numbers only are the same. aicost's own lines always pass.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True if the record is to be logged."""
        if record.name.partition(".")[0] in _OURS:
            return True
        first_line = str(record.msg)[:_KEY_LENGTH].partition("\n")[0]
        key = (record.name, record.levelno, re.sub(r"0x[0-9a-f]+|\d+", "#", first_line))
        now = self._monotonic()
        until, held_back = self._seen.get(key, (now, 0))
        if now < until:
            self._seen[key] = (until, held_back + 1)
            return False
        if len(self._seen) >= _MOST_KEYS:
            self._seen.clear()
        self._seen[key] = (now + 60.0, 0)
        if held_back:
            record.repeated = held_back + 1
        return True


def new_reference() -> str:
    """Return a short id that a person can read out and find in the log."""
    return secrets.token_hex(4)


def error_fields(error: Exception) -> dict[str, Any]:
    """Return the fields of an error: its text and remedy if it has one for people; otherwise its
    traceback, with a reference."""
    remedy = getattr(error, "remedy", None)
    if remedy is not None:
        return {"error": str(error), "remedy": remedy}
    return {"error": type(error).__name__, "reference": new_reference(), "exc_info": error}


@dataclass(slots=True)
class _State:
    event: str
    began_at: float
    logged_at: float
    failures: int = 0
    """Number since the last line."""
    sources: set[str] = field(default_factory=set)
    """Where it is seen. The state ends once no source sees it."""
    ended_at: float | None = None
    is_end_due: bool = True
    """A line about it was logged since its last end."""


class LogStates:
    """The lasting states of one process. `reminder` is the seconds between two lines about one. A
    state that begins again soon after its end continues, so that an intermittent fault is one
    state.

    `monotonic` returns seconds; durations are measured with it.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        reminder: float = 60.0,
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
        """Record that the state `key` holds, as seen by `source`. The line has the error's text, or
        the traceback at the beginning if the error has no text for people."""
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
        """Record that `source` no longer sees the state."""
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

    def _forget_ended(self, now: float) -> None:
        for key, state in list(self._states.items()):
            if state.ended_at is not None and now - state.ended_at >= self._reminder:
                del self._states[key]


def configure(stream: TextIO, level: int = logging.INFO) -> None:
    """Send every log line of the process to the stream, redacted. A second call replaces the
    stream."""
    shared: list[Callable[[WrappedLogger, str, EventDict], Mapping[str, Any]]] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    render = (
        structlog.dev.ConsoleRenderer()
        if stream.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _redact_event,
            render,
        ],
    )
    stamina.instrumentation.set_on_retry_hooks((_log_retry,))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    handler.addFilter(OnceAMinute())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    set_level(level)


def _log_retry(details: stamina.instrumentation.RetryDetails) -> None:
    """Log at debug level only: a lasting fault is logged as a state by the caller."""
    structlog.get_logger("providers.http").debug(
        "provider.retry",
        error=str(details.caused_by),
        attempt=details.retry_num,
        wait_seconds=round(details.wait_for, 1),
    )


def set_level(level: int) -> None:
    """Log from this level on; for libraries that log each request, at least warnings."""
    logging.getLogger().setLevel(level)
    for noisy in ("httpx", "httpcore", "aiosqlite", "alembic", "aiohttp.access", "slack_sdk"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    # It warns of each run that is left out because the one before still runs: that is meant.
    logging.getLogger("apscheduler").setLevel(max(level, logging.ERROR))


def _redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: object) -> object:
    """Return the same structure with every text redacted; other objects become text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(item) for item in value]
    return redact(str(value))
