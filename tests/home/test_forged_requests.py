"""HTTP mode: what anybody may send to the request URL, and what only Slack can."""

import asyncio
import hashlib
import hmac
import io
import json
import logging
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import structlog

from bot import logs
from bot.service import Bot, serving
from bot.settings.settings import settings_of
from bot.slack.plain import plain_text
from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, serve_slack, small_office
from simulators.slack.office import COSTS, MANAGER
from simulators.vendors import simulated_vendors
from simulators.world import World
from tests.home.conftest import NOW, SEED
from tests.quick import QUICK

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
class Stage:
    """A bot in HTTP mode, and what is sent to it."""

    slack: SimulatedSlack
    bot: Bot
    session: aiohttp.ClientSession

    async def send(self, body: bytes, kind: str, headers: Mapping[str, str]) -> int:
        """The status that anybody's request is answered with."""
        stamp = headers.get("X-Slack-Request-Timestamp")
        now = {"X-Slack-Request-Timestamp": f"{time.time():.0f}"} if stamp == "now" else {}
        url = f"http://127.0.0.1:{self.bot.port}/slack/events"
        sent = {"Content-Type": kind, **headers, **now}
        async with self.session.post(url, data=io.BytesIO(body), headers=sent) as answer:
            return answer.status

    def signed(self, body: bytes, age: int = 0) -> dict[str, str]:
        """The headers of a request that Slack signed so many seconds ago."""
        stamp = str(int(time.time()) - age)
        secret = self.slack.signing_secret.encode()
        digest = hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
        return {
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
            "X-Slack-Request-Timestamp": stamp,
        }

    def command(self, text: str, **changed: str) -> bytes:
        """A slash command as Slack sends it."""
        sent = {
            "team_id": self.slack.workspace.team_id,
            "api_app_id": self.slack.workspace.app.app_id,
            "channel_id": COSTS,
            "user_id": MANAGER,
            "command": "/aicost",
            "text": text,
            "response_url": f"{self.slack.workspace.base_url}/hooks/none",
            "trigger_id": "1.1.1",
        }
        return urlencode(sent | changed).encode()

    def refused(self, reason: str) -> float:
        """How many requests were refused for that reason."""
        value = self.bot.house.metrics.registry.get_sample_value(
            "aicost_slack_requests_refused_total", {"reason": reason}
        )
        return value or 0

    async def audited(self) -> int:
        """How many changes of settings are on record, once nothing is under way."""
        while len(self.bot.slack.desk.in_flight):  # noqa: ASYNC110 - nothing tells of its end
            await asyncio.sleep(0.01)
        async with self.bot.house.store.reading() as reading:
            return len(await reading.audit(NOW - timedelta(days=1)))


@pytest.fixture
async def stage(filled: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """A bot in HTTP mode."""
    clock = DemoClock(NOW)
    shutil.copy(filled, tmp_path / "ledger.db")
    async with (
        simulated_vendors(World(SEED, clock)) as vendors,
        serve_slack(small_office(lambda: datetime.now(UTC), render=plain_text)) as slack,
        aiohttp.ClientSession() as session,
    ):
        environment = {
            **vendors.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "AICOST_MANAGERS": MANAGER,
            "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
            "PORT": "0",
        }
        async with serving(settings_of(environment, tmp_path, QUICK), clock, "127.0.0.1") as bot:
            slack.use_http(f"http://127.0.0.1:{bot.port}/slack/events")
            yield Stage(slack, bot, session)


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


async def test_what_slack_did_not_sign(stage: Stage, log: io.StringIO) -> None:
    """Whatever its body and headers: 401, a count, and not one line of the log. So an hour of
    forged requests adds nothing to it."""
    async with stage.bot.scheduler.stilled():  # a sync would log its own lines
        logged = len(log.getvalue())
        sent = 0
        for body, kind in BODIES:
            for headers in HEADERS:
                assert await stage.send(body, kind, headers) == 401, (body[:20], headers)
                sent += 1
        assert stage.refused("signature") == sent
        for _ in range(10):
            await asyncio.gather(*(stage.send(b"[", JSON, HEADERS[1]) for _ in range(50)))
        assert stage.refused("signature") == sent + 500
        assert log.getvalue()[logged:] == ""
    answer = await stage.slack.workspace.say(MANAGER, COSTS, "/aicost help")
    assert "What you can ask" in answer.plain


async def test_what_slack_signed_but_would_never_send(stage: Stage, log: io.StringIO) -> None:
    """400 for what can't be read, and no traceback; 413 for more than fits."""
    for body, kind in BODIES:
        if kind == JSON:
            assert await stage.send(body, kind, stage.signed(body)) == 400, body[:20]
    large = b"text=" + b"x" * 1_100_000
    assert await stage.send(large, FORM, stage.signed(large)) == 413
    assert "Traceback" not in log.getvalue()


async def test_a_signature_is_accepted_once(stage: Stage) -> None:
    """A request that is repeated changes nothing; nor does one of six minutes ago."""
    body = stage.command("budget set openai 500 monthly")
    signed = stage.signed(body)
    assert [await stage.send(body, FORM, signed) for _ in range(5)] == [200, 401, 401, 401, 401]
    assert await stage.send(body, FORM, stage.signed(body, age=360)) == 401
    assert (stage.refused("repeated"), stage.refused("age")) == (4, 1)
    assert await stage.audited() == 1
    again = stage.command("budget set openai 600 monthly")
    assert await stage.send(again, FORM, stage.signed(again)) == 200
    assert await stage.audited() == 2


async def test_what_is_for_another_workspace_or_app(stage: Stage) -> None:
    """Another workspace, organization or app is refused, though the signature is right."""
    home = stage.slack.workspace.team_id
    foreign = {"team_id": "T0FOREIGN", "enterprise_id": "E0FOREIGN", "api_app_id": "A0FOREIGN"}
    for name, value in foreign.items():
        body = stage.command("budget set openai 500 monthly", **{name: value})
        assert await stage.send(body, FORM, stage.signed(body)) == 401, name
        payload: dict[str, Any] = {
            "type": "block_actions",
            "team": {"id": value if name == "team_id" else home},
            "user": {"id": MANAGER},
            "actions": [{"action_id": "aicost.budget.remove", "value": "1"}],
            name: value,
        }
        pressed = urlencode({"payload": json.dumps(payload)}).encode()
        assert await stage.send(pressed, FORM, stage.signed(pressed)) == 401, name
    assert stage.refused("foreign") == 6
    assert await stage.audited() == 0
