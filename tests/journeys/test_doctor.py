"""`aicost doctor` names each fault of a set-up and its mend."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import checkup
from bot.commands.doctor import Finding, examine, finding_lines, is_healthy
from bot.delivery.outbox import NewDelivery
from bot.store.store import SqlStore
from providers.period import DAY
from simulators import faults
from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, serve_slack, small_office
from simulators.vendors import Vendors


@pytest.fixture
async def slack(clock: DemoClock) -> AsyncIterator[SimulatedSlack]:
    """A workspace in which the app is installed."""
    async with serve_slack(small_office(clock)) as running:
        yield running


@pytest.fixture
def well(vendors: Vendors, slack: SimulatedSlack, tmp_path: Path) -> dict[str, str]:
    """The variables of a set-up in which nothing is wrong."""
    return {
        **vendors.environment,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
    }


@pytest.fixture
def doctor(clock: DemoClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Examine a set-up of these variables and no others."""

    async def visit(variables: dict[str, str]) -> Sequence[Finding]:
        for name in (
            "OPENAI_ADMIN_KEY",
            "OPENROUTER_MANAGEMENT_KEY",
            "SLACK_BOT_TOKEN",
            "SLACK_APP_TOKEN",
            "SLACK_SIGNING_SECRET",
        ):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        findings = await examine(tmp_path, clock(), checkup.instruments(clock))
        shown = "\n".join(line for finding in findings for line in finding_lines(finding))
        assert "Traceback" not in shown
        for name, value in variables.items():
            if name.endswith(("_KEY", "_TOKEN", "_SECRET")) and len(value) > 12:
                assert value not in shown
        return findings

    return visit


def faulty(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state == "fault"]


async def test_a_set_up_that_is_well(doctor: Any, well: dict[str, str]) -> None:
    """Configuration, database, both keys, both tokens: all found to be well."""
    findings = await doctor(well)
    assert [finding.state for finding in findings] == ["ok"] * len(findings)
    assert len(findings) == 6
    assert is_healthy(findings)


async def test_no_slack_is_a_warning(doctor: Any, vendors: Vendors, well: dict[str, str]) -> None:
    """The command line works without Slack."""
    without = {name: value for name, value in well.items() if not name.startswith("SLACK_")}
    findings = await doctor(without)
    assert is_healthy(findings)
    assert [finding.subject for finding in findings if finding.state == "warning"] == ["Slack"]


OPENAI = "connection openai"
OPENROUTER = "connection openrouter"


@pytest.mark.parametrize(
    ("change", "subject", "words"),
    [
        ({"OPENAI_ADMIN_KEY": "", "OPENROUTER_MANAGEMENT_KEY": ""}, "configuration", "OPENAI_ADM"),
        ({"AICOST_SYNC_EVERY": "soon"}, "configuration", "AICOST_SYNC_EVERY"),
        ({"PORT": "eighty"}, "configuration", "PORT"),
        ({"AICOST_CONFIG": "gone.toml"}, "configuration", "AICOST_CONFIG"),
        ({"DATABASE_URL": "oracle://x"}, "database", "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all/x.db"}, "database", "/nowhere"),
        ({"OPENAI_ADMIN_KEY": "sk-admin-simulated-unknown-0000000000000000000000000"}, OPENAI, ""),
        ({"OPENAI_ADMIN_KEY": "sk-admin-simulated-manage-00000000000000000000000000"}, OPENAI, ""),
        (
            {"OPENAI_ADMIN_KEY": "sk-proj-simulated-project-0000000000000000000000000000"},
            OPENAI,
            "",
        ),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, OPENAI, "127.0.0.1:9 (OPENAI_BASE_URL)"),
        (
            {
                "OPENROUTER_MANAGEMENT_KEY": "sk-or-v1-simulated-inference-"
                "000000000000000000000000000000000"
            },
            OPENROUTER,
            "management",
        ),
        ({"SLACK_BOT_TOKEN": "xoxb-no-such-token"}, "Slack", "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-no-such-token"}, "Slack", "SLACK_APP_TOKEN"),
        ({"SLACK_BOT_TOKEN": ""}, "Slack", "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": ""}, "Slack", "SLACK_SIGNING_SECRET"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "Slack", "SLACK_API_URL"),
    ],
)
async def test_each_fault_is_named_with_its_mend(
    doctor: Any, well: dict[str, str], change: dict[str, str], subject: str, words: str
) -> None:
    """One thing is wrong, and just that is found, whatever else is well."""
    findings = await doctor({**well, **change})
    assert not is_healthy(findings)
    [fault] = faulty(findings)
    assert fault.subject == subject
    assert words in f"{fault.message} {fault.remedy}"
    assert fault.remedy


async def test_a_missing_scope_is_named(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack
) -> None:
    """The token works, but not for all that people count on."""
    slack.workspace.app.scopes -= {"commands"}
    [fault] = faulty(await doctor(well))
    assert "commands" in fault.message


async def test_a_vendor_that_is_down_is_no_mystery(
    doctor: Any, well: dict[str, str], vendors: Vendors
) -> None:
    """An outage is told as one, beside all that is well."""
    vendors.openai.faults.add(faults.outage())
    [fault] = faulty(await doctor(well))
    assert fault.subject == OPENAI
    assert "sk-" not in fault.message


async def test_a_proxy_that_wants_a_password_is_named(
    doctor: Any, well: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the vendor and for Slack, with the address in use and never the password."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter2@127.0.0.1:{port}")
        away = {
            "OPENAI_BASE_URL": "https://vendor.example/v1",
            "SLACK_API_URL": "https://slack.example/api/",
        }
        found = {each.subject: each for each in faulty(await doctor({**well, **away}))}
    assert set(found) == {OPENAI, "Slack"}
    for subject, host, variable in (
        (OPENAI, "https://vendor.example", "OPENAI_BASE_URL"),
        ("Slack", "https://slack.example", "SLACK_API_URL"),
    ):
        fault = found[subject]
        assert "the proxy asks for a user name and password (407)" in fault.message
        assert f"Asked: {host} ({variable})" in (fault.remedy or "")
        assert f"by the proxy http://127.0.0.1:{port} (HTTPS_PROXY)" in (fault.remedy or "")
        assert "hunter2" not in f"{fault.message}{fault.remedy}"


async def test_what_no_proxy_spares_goes_past_it(
    doctor: Any, well: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack's own client would ask the proxy all the same."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost")
    away = {"SLACK_API_URL": well["SLACK_API_URL"].replace("127.0.0.1", "localhost")}
    assert not faulty(await doctor({**well, **away}))
    assert not faulty(await doctor(well))


async def test_several_faults_are_all_told(doctor: Any, well: dict[str, str]) -> None:
    """One fault does not hide the next."""
    broken = {"PORT": "x", "OPENAI_ADMIN_KEY": "sk-admin-nope", "SLACK_BOT_TOKEN": "xoxb-nope"}
    subjects = {fault.subject for fault in faulty(await doctor({**well, **broken}))}
    assert subjects == {"configuration", OPENAI, "Slack"}


async def test_messages_that_did_not_reach_slack_are_told(
    doctor: Any, well: dict[str, str], clock: DemoClock
) -> None:
    """What was given up and what is overdue are warnings that name the place and the reason."""
    await doctor(well)
    store = SqlStore(well["DATABASE_URL"])
    async with store.writing() as ledger:
        for channel in ("C0GONE", "C0LATE"):
            await ledger.enqueue(NewDelivery("digest", channel, "{}", clock() - DAY))
        claimed = await ledger.claim(clock(), 1, "test", timedelta(seconds=60))
        given_up = claimed[0]
        await ledger.record_failed(
            given_up.id, "test", "channel_not_found", clock(), state="failed"
        )
    await store.close()
    findings = await doctor(well)
    assert is_healthy(findings)
    told = "\n".join(each.message for each in findings if each.subject == "deliveries")
    assert f"{given_up.channel} (channel_not_found)" in told
    assert "due and not posted: 1" in told
