"""Logs: one way out for our own lines and the libraries', to standard error, with secrets removed;
and what lasts as a state: a line when it begins, at most one a minute while it lasts, and one when
it ends.

JSON where a machine reads (not a terminal), short lines where a person does.
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
"""The key of the database's state, which every part that uses it sees."""
REQUESTS = "requests"
"""The source of what people's requests see of it."""
_OURS = ("bot", "providers")
_KEY_LENGTH = 200
_MOST_KEYS = 256
"""Different messages of libraries that are remembered."""


class OnceAMinute(logging.Filter):
    """Of a library's message that repeats, lets one line a minute through, with how many it stands
    for (`repeated`). Numbers in it make no difference. aicost's own lines all pass."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be logged."""
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
    """A short id that a person can read out and that finds the log's lines."""
    return secrets.token_hex(4)


def error_fields(error: Exception) -> dict[str, Any]:
    """What a line says of an error: its own text and remedy where it has one for people; else its
    traceback, with a reference that finds the line."""
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
    """Since the last line."""
    sources: set[str] = field(default_factory=set)
    """Where it is seen; it ends once none of them sees it any more."""
    ended_at: float | None = None
    is_end_due: bool = True
    """A line about it was logged since its last end."""


class LogStates:
    """The states of one process. Between two lines about one that lasts are `reminder` seconds. One
    that begins again sooner after its end goes on: a fault that comes and goes is one state.

    `monotonic` returns seconds: how long a state lasts is measured on it.
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

    def _forget_ended(self, now: float) -> None:
        for key, state in list(self._states.items()):
            if state.ended_at is not None and now - state.ended_at >= self._reminder:
                del self._states[key]


def configure(stream: TextIO, level: int = logging.INFO) -> None:
    """Send every log line of the process to the stream, redacted. Calling again replaces it."""
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
    """Only for those who look closely: a fault that lasts is logged as a state where it ends up."""
    structlog.get_logger("providers.http").debug(
        "provider.retry",
        error=str(details.caused_by),
        attempt=details.retry_num,
        wait_seconds=round(details.wait_for, 1),
    )


def set_level(level: int) -> None:
    """Log from this level on; of libraries that log each request, warnings at the least."""
    logging.getLogger().setLevel(level)
    for noisy in ("httpx", "httpcore", "aiosqlite", "alembic", "aiohttp.access", "slack_sdk"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    # It warns of each tick that is left out because the one before still runs: that is meant.
    logging.getLogger("apscheduler").setLevel(max(level, logging.ERROR))


def _redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: object) -> object:
    """The same shape with every text in it redacted; what is not plain becomes text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(item) for item in value]
    return redact(str(value))
