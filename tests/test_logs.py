"""Logs hold no secret, whoever writes the line."""

import io
import json
import logging
import os
import pty
import re
from collections.abc import Iterator

import pytest
import structlog

from bot import logs

SECRETS = (
    "sk-admin-A1b2C3d4E5f6",
    "sk-or-v1-0123456789abcdef",
    "sk-proj-ab***********yz",
    "xoxb-123-456-abcDEF",
    "xapp-1-A012-345-deadbeef",
    "ada.lovelace@example.com",
    "postgres://aicost:hunter2@db/aicost",
    "https://hooks.slack.com/commands/T1/2/abcdef",
)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Where all logs of the process go for the length of a test."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_reaches_a_line(lines: io.StringIO, secret: str) -> None:
    """As message, value, nested value, argument or traceback, from our or a library's logger."""
    log = structlog.get_logger("bot.anything")
    log.warning(f"got {secret}", value=secret, deep=[{"a": secret}], error=ValueError(secret))
    library = logging.getLogger("slack_sdk.web")
    library.warning("sent %s", {"token": secret})
    try:
        int(secret)
    except ValueError:
        log.exception("failed")
        library.exception("failed")
    written = lines.getvalue()
    assert written.count("\n") == 4
    telling = secret.removeprefix("postgres://").removesuffix("@db/aicost").split("/")[-1]
    assert telling not in written


def test_lines_are_json_where_a_machine_reads(lines: io.StringIO) -> None:
    """Each line is one object with its time, level, logger and values."""
    structlog.get_logger("bot.ledger.sync").info("synced", connection="openai", days=4)
    line = json.loads(lines.getvalue())
    assert line["event"] == "synced"
    assert (line["connection"], line["days"], line["level"]) == ("openai", 4, "info")
    assert line["timestamp"].endswith("Z")


def test_lines_are_columns_at_a_terminal(lines: io.StringIO) -> None:
    """In colour, one line each, with the level, the event and its values below each other; the
    secret is removed there too. What is written elsewhere has no colour."""
    terminal, end = pty.openpty()
    with os.fdopen(end, "w") as stream:
        logs.configure(stream)
        log = structlog.get_logger("bot.ledger.sync")
        log.info("sync.done", connection="openai", days=4)
        log.warning("delivery.postponed", connection=SECRETS[0])
        stream.flush()
        written = ""
        while written.count("\n") < 2:  # a terminal may hand over line by line
            written += os.read(terminal, 65_536).decode()
    os.close(terminal)
    shown = re.sub(r"\x1b\[[\d;]*m", "", written).splitlines()
    assert written.count("\x1b[") > 10
    assert re.fullmatch(
        r"\S+Z \[info     \] sync\.done {10,}\[.*\] connection=openai days=4", shown[0]
    )
    assert re.match(r"\S+Z \[warning  \] delivery\.postponed ", shown[1])
    assert len({line.index("[bot.ledger.sync]") for line in shown}) == 1
    assert SECRETS[0] not in written
    logs.configure(lines)
    log.info("sync.done")
    assert "\x1b" not in lines.getvalue()


def test_a_long_line_is_clipped_in_its_middle(lines: io.StringIO) -> None:
    """A traceback keeps its beginning and the error at its end, without the secret between."""
    long = f"first {'x-' * 100_000} {SECRETS[0]} {'y.' * 100_000} last"
    structlog.get_logger("bot.anything").warning("got", value=long)
    written = json.loads(lines.getvalue())["value"]
    assert written.startswith("first ")
    assert written.endswith(" last")
    assert len(written) <= 8_100


def test_a_library_repeats_itself_once_a_minute(lines: io.StringIO) -> None:
    """A thousand equal lines of a library, numbers aside, are one; aicost's own lines all pass."""
    library = logging.getLogger("asyncio")
    for n in range(1000):
        library.error(f"socket.accept() out of system resource\nsocket: <socket fd={n}>")
    library.error("Task exception was never retrieved")
    for _ in range(3):
        structlog.get_logger("bot.ledger.sync").info("synced")
    assert [
        json.loads(line)["event"].partition("\n")[0] for line in lines.getvalue().split("\n")[:-1]
    ] == [
        "socket.accept() out of system resource",
        "Task exception was never retrieved",
        *["synced"] * 3,
    ]


def test_how_often_a_library_repeated_itself_is_said() -> None:
    """The first line after a minute says how many it stands for."""
    now = 1000.0
    once = logs.OnceAMinute(lambda: now)
    passed = []
    for _ in range(4):
        record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "out of files", None, None)
        passed.append(once.filter(record))
    now += 60
    last = logging.LogRecord("asyncio", logging.ERROR, "", 0, "out of files", None, None)
    assert passed == [True, False, False, False]
    assert once.filter(last)
    assert last.__dict__["repeated"] == 4
