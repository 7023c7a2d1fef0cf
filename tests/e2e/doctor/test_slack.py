"""`aicost doctor` checks what Slack answers: scopes, other bots, hosts of answers."""

import asyncio
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import yaml

from bot.cli import slack_checks
from bot.cli.doctor import is_healthy
from bot.db.database import Database, open_database
from bot.db.models import Delivery
from bot.notifications.repository import OutboxRepository
from providers.period import DAY
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders
from simulators.slack import SimulatedSlack
from simulators.slack.faults import Answers
from tests.e2e.doctor.findings import faulty

STRANGE = {
    "page": Answers(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
    "plain text": Answers(b"Access denied", headers={"Content-Type": "text/plain"}),
    "binary": Answers(b"\x1f\x8b", headers={"Content-Type": "application/gzip"}),
    "no UTF-8": Answers(b"\xff\xfe{"),
    "no team": Answers(b'{"ok": true}'),
    "no word": Answers('{"ok": false, "error": "*no* <!here>\u202e"}'.encode()),
    "endless": Answers(b"a" * 2**16, repeated=2**14),
}


async def test_no_slack_is_a_warning(
    doctor: Any, providers: SimulatedProviders, well: dict[str, str]
) -> None:
    """The command line works without Slack."""
    without = {name: value for name, value in well.items() if not name.startswith("SLACK_")}
    findings = await doctor(without)
    assert is_healthy(findings)
    assert [finding.subject for finding in findings if finding.state == "warning"] == ["Slack"]


async def test_a_missing_scope_is_named(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack
) -> None:
    """The token works, but not for all that people count on."""
    slack.workspace.app.scopes -= {"commands"}
    [fault] = faulty(await doctor(well))
    assert "commands" in fault.message


async def test_scopes_that_cannot_be_checked(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack
) -> None:
    """Slack does not list them: a check that was not made is not passed."""
    slack.workspace.app.lists_scopes = False
    findings = await doctor(well)
    [warning] = [each for each in findings if each.state == "warning"]
    assert "scopes, so they weren't checked" in warning.message
    assert is_healthy(findings)


def test_the_scopes_are_those_of_the_manifest() -> None:
    """What is compared with the token's scopes is what the manifest asks for."""
    text = (Path(__file__).parents[3] / "manifest.yml").read_text(encoding="utf-8")
    scopes = yaml.safe_load(text)["oauth_config"]["scopes"]
    assert {*slack_checks.REQUIRED_SCOPES, *slack_checks.USEFUL_SCOPES} == set(scopes["bot"])
    assert set(slack_checks.OPTIONAL_SCOPES) == set(scopes["bot_optional"])


async def test_optional_scopes_are_named(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack
) -> None:
    """Healthy without them, and said which are not granted."""
    slack.workspace.app.scopes -= {"files:write"}
    findings = await doctor(well)
    assert not [each for each in findings if each.state != "ok"]
    assert any("not granted: chat:write.public, files:write" in each.message for each in findings)


async def test_messages_that_did_not_reach_slack_are_reported(
    doctor: Any, well: dict[str, str], clock: DemoClock
) -> None:
    """What was given up and what is overdue are warnings that name the place and the reason."""
    database = Database(well["DATABASE_URL"])
    async with database.writing() as ledger:
        for channel in ("C0GONE", "C0LATE"):
            await OutboxRepository(ledger).enqueue(
                Delivery.new("digest", channel, "{}", clock() - DAY)
            )
        claimed = await OutboxRepository(ledger).claim(clock(), 1, "test")
        given_up = claimed[0]
        await OutboxRepository(ledger).record_failed(
            given_up.id, "test", "channel_not_found", clock(), state="failed"
        )
    await database.close()
    findings = await doctor(well)
    assert is_healthy(findings)
    reported = "\n".join(each.message for each in findings if each.subject == "deliveries")
    assert f"{given_up.channel} (channel_not_found)" in reported
    assert "Overdue messages: 1" in reported


@pytest.mark.parametrize("kind", STRANGE)
async def test_what_answers_in_place_of_slack_is_named(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack, kind: str
) -> None:
    """The finding says that Slack doesn't answer as it should, and at which address; aicost
    isn't blamed."""
    slack.fail("auth.test", STRANGE[kind], times=100)
    [fault] = faulty(await doctor(well))
    assert fault.subject == "Slack"
    assert "doesn't answer as it should" in fault.message
    assert f"{slack.api_url.rstrip('/')} (SLACK_API_URL)" in str(fault.remedy)


async def test_another_bot_with_the_same_tokens(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack
) -> None:
    """Slack counts a connection that no copy on this database has; one of a copy is no news."""
    link = slack.api_url.replace("http", "ws").replace("/api/", slack.workspace.sockets.issue())
    async with aiohttp.ClientSession() as session, session.ws_connect(link) as other:
        await other.receive_json()
        findings = await doctor(well)
        [warning] = [each for each in findings if "Copies of aicost" in each.message]
        assert "with these tokens: 1. Copies of aicost running on this database: 0" in (
            warning.message
        )
        assert "another database" in (warning.remedy or "")
        assert is_healthy(findings)
        database = await open_database(well["DATABASE_URL"], [], slack.workspace.clock())
        await database.leases.report_alive("a copy", 60)
        assert not [each for each in await doctor(well) if each.state == "warning"]
        await database.leases.report_gone("a copy")
        await database.close()


async def test_a_blocked_websocket_is_a_fault(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack
) -> None:
    """Socket Mode can't work without one; HTTP mode needs none. One address that has run out says
    nothing."""
    slack.workspace.sockets.dead_links = 1
    assert faulty(await doctor(well)) == []
    slack.workspace.sockets.dead_links = 100
    [fault] = faulty(await doctor(well))
    assert fault.subject == "Slack"
    assert "A WebSocket to 127.0.0.1 couldn't be opened: the answer was 403." in fault.message
    assert "Socket Mode doesn't work." in fault.message
    assert "Allow outgoing WebSockets (wss) in the firewall or the proxy" in str(fault.remedy)
    secret = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": slack.workspace.app.signing_secret}
    assert faulty(await doctor(well | secret)) == []


async def test_the_hosts_of_answers_are_tried(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Response URLs and uploads are on hosts of their own: where a proxy lets Slack's API through,
    but not those, doctor names both, and what is lost."""
    asked: list[str] = []

    async def let_through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.decode().split("\r\n")[0])
        if head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        else:
            await pass_on(head, reader, writer)
        writer.close()

    async def pass_on(
        head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        first, _, rest = head.partition(b"\r\n")
        method, url, version = first.split()
        there = urlsplit(slack.api_url)
        onward, back = await asyncio.open_connection(there.hostname, there.port)
        path = urlsplit(url).path
        back.write(b" ".join([method, path, version]) + b"\r\nConnection: close\r\n" + rest)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        back.write(await reader.readexactly(int(length[1]) if length else 0))
        writer.write(await onward.read())
        await writer.drain()
        back.close()

    async with await asyncio.start_server(let_through, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        for name in ("HTTPS_PROXY", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        findings = await doctor({**well, "SLACK_API_URL": "http://slack.example/api/"})
    assert is_healthy(findings)
    warnings = [each.message for each in findings if "couldn't be reached" in each.message]
    assert [message.split(" ")[0] for message in warnings] == ["hooks.slack.com", "files.slack.com"]
    assert all("the proxy refused the connection" in message for message in warnings)
    assert {line.split(" ")[1] for line in asked if line.startswith("CONNECT")} == {
        "hooks.slack.com:443",
        "files.slack.com:443",
    }
