"""aicost as a process behind a proxy that asks for a password and opens TLS."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.metrics import version_text
from bot.slack.text_renderer import plain_text
from simulators.clock import DemoClock
from simulators.providers import SimulatedProviders
from simulators.slack import serve_slack, small_office
from simulators.slack.office import COSTS, MEMBER
from tests.e2e.conftest import Cli
from tests.e2e.test_running import bot_process, free_port, stopped, until_synced
from tests.proxy import AUTHORITY, FOLDER, PASSWORD, serve_proxy
from tests.quick import LONGEST

DOMAIN = "aicost.example"


@pytest.fixture
def clock() -> DemoClock:
    """The present: a process of its own knows no other time."""
    clock = DemoClock(datetime.now(UTC))
    clock.run()
    return clock


def behind(providers: SimulatedProviders) -> dict[str, str]:
    """The variables that reach the providers by the proxy alone."""
    addresses = {
        "OPENAI_BASE_URL": f"https://openai.{DOMAIN}{urlsplit(providers.openai.base_url).path}",
        "OPENROUTER_BASE_URL": f"https://router.{DOMAIN}{urlsplit(providers.openrouter.base_url).path}",
    }
    return providers.environment | addresses


async def test_all_that_a_bot_sends_goes_by_the_proxy_in_the_env_file(
    providers: SimulatedProviders, tmp_path: Path
) -> None:
    """Calls of Slack and of the providers, the socket, response URLs and uploads; each trusts what
    SSL_CERT_FILE names, and names aicost and its version. Both stand in `.env` alone. The password
    isn't logged."""
    port = free_port()
    async with (
        serve_slack(small_office(lambda: datetime.now(UTC), render=plain_text)) as slack,
        serve_proxy(
            slack=slack.workspace.base_url,
            openai=providers.openai.base_url,
            router=providers.openrouter.base_url,
        ) as proxy,
    ):
        slack.workspace.base_url = f"https://slack.{DOMAIN}"
        slack.workspace.allow(LONGEST)
        (tmp_path / ".env").write_text(f"HTTPS_PROXY={proxy.url}\nSSL_CERT_FILE={AUTHORITY}\n")
        variables = behind(providers) | {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "LOG_LEVEL": "debug",
        }
        async with bot_process(tmp_path, port, variables) as process:
            await until_synced(port)
            said = await slack.workspace.say(MEMBER, COSTS, "/aicost mtd")
            assert "OpenRouter: $" in said.plain
            await slack.workspace.say(MEMBER, COSTS, "/aicost export 7d")
            async with asyncio.timeout(LONGEST):
                while not slack.workspace.person(MEMBER).files:  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.05)
            code, log = await stopped(process)
        methods = {call.method for call in slack.calls}
    assert code == 0
    assert {"response_url", "files.completeUploadExternal"} <= methods
    assert {each.partition(".")[0] for each in proxy.hosts} == {"slack", "openai", "router"}
    assert len(proxy.user_agents) == 2  # Slack's client adds its own
    assert {each.partition(" ")[0] for each in proxy.user_agents} == {f"aicost/{version_text()}"}
    assert PASSWORD not in log
    assert "CANARY" not in log


async def test_a_sync_trusts_a_folder_of_certificates(
    cli: Cli, providers: SimulatedProviders
) -> None:
    """What can't be used of NO_PROXY, and a key log that can't be written, are named and cost
    nothing."""
    async with serve_proxy(
        openai=providers.openai.base_url, router=providers.openrouter.base_url
    ) as proxy:
        done = await cli(
            "sync",
            "--since",
            str(providers.world.clock().date()),
            **behind(providers),
            HTTPS_PROXY=proxy.url,
            SSL_CERT_DIR=str(FOLDER),
            NO_PROXY="localhost,127.0.0.1,::1,fd00::/8,[::1],x/y",
            SSLKEYLOGFILE="/nowhere/at/all/keys",
        )
    assert done.code == 0, done.err
    assert len(proxy.hosts) == 2
    assert "NO_PROXY: the entry x/y" in done.err
    assert "SSLKEYLOGFILE: /nowhere/at/all/keys can't be written" in done.err
    assert len(re.findall("can.t be", done.err)) == 2
    assert "CANARY" not in done.out + done.err
