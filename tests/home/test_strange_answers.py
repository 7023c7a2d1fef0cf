"""Anything at all in place of Slack's answers: what is read is bounded, and nothing breaks."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.reports.messages.suggestions import SHARE
from bot.slack import openers
from bot.slack.clients import LARGEST_ANSWER
from simulators.slack.faults import Answers, Says
from simulators.slack.office import COSTS, MANAGER, MEMBER
from tests.harness import Harness
from tests.home.test_leads import seen

GZIP = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
SHAPES = (
    b'{"ok": true, "user": [1], "users": 3, "channel": "C", "ts": {}, "upload_url": 7, "view": 1}'
)
FIXED = {
    "compressed": Answers(gzip.compress(b" " * 2**24), headers=GZIP),
    "false encoding": Answers(b'{"ok": true}', headers=GZIP),
    "plain text": Answers(b"Access denied", headers={"Content-Type": "text/plain"}),
    "binary": Answers(b"\x1f\x8b", headers={"Content-Type": "application/gzip"}),
    "page": Answers(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
    "no charset": Answers(b"{}", headers={"Content-Type": "application/json; charset=hex"}),
    "nothing": Answers(b""),
    "no UTF-8": Answers(b"\xff\xfe{"),
    "list": Answers(b"[1]"),
    "text": Answers(b'"ok"'),
    "nested": Answers(b"[" * 100_000),
    "nested object": Answers(b'{"ok":' * 100_000),
    "number": Answers(b"9" * 100_000),
    "empty": Answers(b'{"ok": true}'),
    "shapes": Answers(SHAPES),
    "no error": Answers(b'{"ok": false}'),
    "error of no text": Answers(b'{"ok": false, "error": {"a": []}, "response_metadata": 7}'),
    "unavailable": Answers(b"<html>\xff</html>", 503, {"Content-Type": "text/html"}),
}


UNREAD = LARGEST_ANSWER + 2**26
"""What a server has sent once it sees that nobody reads on: the system's buffers hold some."""


def endless() -> Answers:
    """One gigabyte, in pieces."""
    return Answers(b'{"ok": true, "x": "' + b"a" * 2**16, repeated=2**14)


def each_kind() -> dict[str, Answers]:
    return {**FIXED, "endless": endless()}


@pytest.fixture
async def lines() -> AsyncIterator[list[Any]]:
    """The log from now on, which holds no traceback in the end."""
    with capture_logs() as captured:
        yield captured
    assert not [line for line in captured if line.get("exc_info")]


@pytest.mark.parametrize(
    "method",
    [
        "users.info",
        "chat.postMessage",
        *(
            pytest.param(method, marks=pytest.mark.slow)
            for method in ("views.open", "conversations.info", "upload")
        ),
    ],
)
async def test_no_answer_of_slack_breaks_the_bot(
    harness: Harness, lines: list[Any], method: str
) -> None:
    """Each kind in place of one method's answer: a person is answered in some way, and the bot is
    as well afterwards as before."""
    office, server = harness.slack, harness.slack_server
    home = await office.open_home(MANAGER)
    assert home is not None
    for kind, fault in each_kind().items():
        server.fail(method, fault, times=1)
        if method == "users.info":
            harness.bot.people.forget(MEMBER)
            answer = await office.say(MEMBER, COSTS, "/aicost help")
            assert "who you are" in answer.text, kind
        elif method == "views.open":
            await office.press(home, openers.NEW_BUDGET, MANAGER, "new")
        elif method == "upload":
            await office.say(MEMBER, COSTS, "/aicost export 7d")
        else:
            shown = seen(await office.say(MEMBER, COSTS, "/aicost mtd"))
            server.fail("response_url", Says("used_url"), times=1)
            await office.press(shown, SHARE, MEMBER)
        await harness.answered()
        assert fault.sent < UNREAD, kind
        office.faults.clear()
    answer = await office.say(MEMBER, COSTS, "/aicost help")
    assert "What you can ask" in answer.text


async def test_no_answer_of_a_response_url_breaks_the_bot(
    harness: Harness, lines: list[Any]
) -> None:
    """The answer goes another way, for the requester alone."""
    for number, (kind, fault) in enumerate(each_kind().items(), 1):
        harness.slack_server.fail("response_url", replace(fault, status=500), times=2)
        await harness.slack.say(MEMBER, COSTS, "/aicost help")
        seen_by_member = harness.slack.channel(COSTS).seen_by(MEMBER)
        assert len([each for each in seen_by_member if each.shown_to == MEMBER]) == number, kind
        harness.slack.faults.clear()


async def test_no_message_of_a_socket_breaks_the_bot(harness: Harness, lines: list[Any]) -> None:
    """It is answered on the same connection; on the next one after a message that is too large."""
    sockets = harness.slack.sockets
    for text in ("no JSON", "[1]", '{"type": 7}', '{"a":' * 50_000, '{"type": "slash_commands"}'):
        await sockets.send_raw(text)
    answer = await harness.slack.say(MEMBER, COSTS, "/aicost help")
    assert "What you can ask" in answer.text
    old = set(sockets._sockets)
    await sockets.send_raw("x" * (LARGEST_ANSWER + 1))
    await harness.until(lambda: sockets.connections and not old & set(sockets._sockets))
    answer = await harness.slack.say(MEMBER, COSTS, "/aicost help")
    assert "What you can ask" in answer.text
