"""HTTP mode: what anybody may send to the request URL, and what only Slack can."""

import asyncio
import hashlib
import hmac
import io
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import structlog

from bot import logs
from simulators.slack.office import COSTS, MANAGER
from tests.harness import Harness
from tests.harness.fixtures import Start

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
BODIES = (
    (b"[", JSON),
    (b"[" * 100_000, JSON),
    (b'{"a":', JSON),
    (b"[1,2]", JSON),
    (b'"x"', JSON),
    (b"9" * 900_000, JSON),
    (b"payload=notjson", FORM),
    (b"payload=%5B1%5D", FORM),
    (b"\xff\xfe\x00", FORM),
    (b"", FORM),
    (b"command=%2Faicost&text=mtd", FORM),
)
HEADERS: tuple[Mapping[str, str], ...] = (
    {},
    {"X-Slack-Signature": "v0=1", "X-Slack-Request-Timestamp": "1"},
    *(
        {"X-Slack-Signature": "v0=" + "a" * 64, "X-Slack-Request-Timestamp": stamp}
        for stamp in ("nan", "0x10", "1e400", "-1", "9" * 40, "١٢٣", "", "now")
    ),
    {"X-Slack-Signature": "v0=" + "é" * 64, "X-Slack-Request-Timestamp": "now"},
    {"X-Slack-Signature": "v0=" + "a" * 63, "X-Slack-Request-Timestamp": "now"},
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends requests to the request URL of a bot in HTTP mode, as anybody or as Slack."""

    harness: Harness
    session: aiohttp.ClientSession

    async def send(self, body: bytes, kind: str, headers: Mapping[str, str]) -> int:
        """Return the status that anybody's request is answered with."""
        stamp = headers.get("X-Slack-Request-Timestamp")
        now = {"X-Slack-Request-Timestamp": f"{time.time():.0f}"} if stamp == "now" else {}
        url = f"http://127.0.0.1:{self.harness.bot.port}/slack/events"
        sent = {"Content-Type": kind, **headers, **now}
        async with self.session.post(url, data=io.BytesIO(body), headers=sent) as answer:
            return answer.status

    def signed(self, body: bytes, age: int = 0) -> dict[str, str]:
        """Return the headers of a request that Slack signed so many seconds ago."""
        stamp = str(int(time.time()) - age)
        secret = self.harness.slack_server.signing_secret.encode()
        digest = hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
        return {
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
            "X-Slack-Request-Timestamp": stamp,
        }

    def command(self, text: str, **changed: str) -> bytes:
        """Return a slash command as Slack sends it."""
        slack = self.harness.slack
        sent = {
            "team_id": slack.team_id,
            "api_app_id": slack.app.app_id,
            "channel_id": COSTS,
            "user_id": MANAGER,
            "command": "/aicost",
            "text": text,
            "response_url": f"{slack.base_url}/hooks/none",
            "trigger_id": "1.1.1",
        }
        return urlencode(sent | changed).encode()

    def refused(self, reason: str) -> float:
        """Return how many requests were refused for that reason."""
        value = self.harness.bot.services.metrics.registry.get_sample_value(
            "aicost_slack_requests_refused_total", {"reason": reason}
        )
        return value or 0

    async def audited(self) -> int:
        """Return how many changes of settings are on record, once nothing is under way."""
        await self.harness.answered()
        return len(await self.harness.changes())


@pytest.fixture
async def sender(start_bot: Start) -> AsyncIterator[Sender]:
    """Sends to a bot in HTTP mode."""
    async with start_bot(SLACK_APP_TOKEN=None) as harness, aiohttp.ClientSession() as session:
        yield Sender(harness, session)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged from now on, by aicost and its libraries."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


async def test_what_slack_did_not_sign(sender: Sender, log: io.StringIO) -> None:
    """Whatever its body and headers: 401, a count, and not one line of the log. So an hour of
    forged requests adds nothing to it."""
    logged = len(log.getvalue())
    sent = 0
    for body, kind in BODIES:
        for headers in HEADERS:
            assert await sender.send(body, kind, headers) == 401, (body[:20], headers)
            sent += 1
    assert sender.refused("signature") == sent
    for _ in range(10):
        await asyncio.gather(*(sender.send(b"[", JSON, HEADERS[1]) for _ in range(50)))
    assert sender.refused("signature") == sent + 500
    assert log.getvalue()[logged:] == ""
    answer = await sender.harness.slack.say(MANAGER, COSTS, "/aicost help")
    assert "What you can ask" in answer.plain


async def test_what_slack_signed_but_would_never_send(sender: Sender, log: io.StringIO) -> None:
    """400 for what can't be read, and no traceback; 413 for more than fits."""
    for body, kind in BODIES:
        if kind == JSON:
            assert await sender.send(body, kind, sender.signed(body)) == 400, body[:20]
    large = b"text=" + b"x" * 1_100_000
    assert await sender.send(large, FORM, sender.signed(large)) == 413
    assert "Traceback" not in log.getvalue()


async def test_a_signature_is_accepted_once(sender: Sender) -> None:
    """A request that is repeated changes nothing; nor does one of six minutes ago."""
    body = sender.command("budget set openai 500 monthly")
    signed = sender.signed(body)
    assert [await sender.send(body, FORM, signed) for _ in range(5)] == [200, 401, 401, 401, 401]
    assert await sender.send(body, FORM, sender.signed(body, age=360)) == 401
    assert (sender.refused("repeated"), sender.refused("age")) == (4, 1)
    assert await sender.audited() == 1
    again = sender.command("budget set openai 600 monthly")
    assert await sender.send(again, FORM, sender.signed(again)) == 200
    assert await sender.audited() == 2


async def test_what_is_for_another_workspace_or_app(sender: Sender) -> None:
    """Another workspace, organization or app is refused, though the signature is right."""
    home = sender.harness.slack.team_id
    foreign = {"team_id": "T0FOREIGN", "enterprise_id": "E0FOREIGN", "api_app_id": "A0FOREIGN"}
    for name, value in foreign.items():
        body = sender.command("budget set openai 500 monthly", **{name: value})
        assert await sender.send(body, FORM, sender.signed(body)) == 401, name
        payload: dict[str, Any] = {
            "type": "block_actions",
            "team": {"id": value if name == "team_id" else home},
            "user": {"id": MANAGER},
            "actions": [{"action_id": "aicost.budget.remove", "value": "1"}],
            name: value,
        }
        pressed = urlencode({"payload": json.dumps(payload)}).encode()
        assert await sender.send(pressed, FORM, sender.signed(pressed)) == 401, name
    assert sender.refused("foreign") == 6
    assert await sender.audited() == 0
