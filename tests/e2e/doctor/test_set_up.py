"""`aicost doctor` names each fault of a set-up and its fix."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bot.cli.doctor import is_healthy
from simulators import faults
from simulators.providers import SimulatedProviders
from tests.commands import run_here
from tests.e2e.conftest import Cli
from tests.e2e.doctor.findings import OPENAI, OPENROUTER, faulty


async def test_a_set_up_that_is_well(doctor: Any, well: dict[str, str]) -> None:
    """Configuration, database, both keys, both tokens: all found to be well."""
    findings = await doctor(well)
    assert [finding.state for finding in findings] == ["ok"] * len(findings)
    assert len(findings) == 6
    assert is_healthy(findings)


@pytest.mark.parametrize(
    ("hours", "words"), [(-6, "6 hours behind"), (10, "10 hours ahead of"), (0.01, None)]
)
async def test_a_wrong_clock_is_a_warning(
    doctor: Any, well: dict[str, str], hours: float, words: str | None
) -> None:
    """The machine's clock is compared with the time on the answers of providers and Slack."""
    findings = await doctor(well, timedelta(hours=hours))
    found = [finding for finding in findings if finding.subject == "clock"]
    assert [finding.state for finding in found] == ([] if words is None else ["warning"])
    assert all(str(words) in finding.message for finding in found)


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Mon, 01 Jan 2026 99999999999999999999:00:00 GMT",
    ],
)
async def test_no_date_of_an_answer_breaks_a_check(
    doctor: Any, providers: SimulatedProviders, well: dict[str, str], date: str
) -> None:
    """A time that can't be computed with is no time; what the provider answered is said."""
    providers.openai.faults.add(faults.status(500, Date=date, Retry_After=date))
    findings = await doctor(well)
    assert any("answered 500" in finding.message for finding in faulty(findings))
    assert not [finding for finding in findings if finding.subject == "clock"]


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
        (
            {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
            OPENAI,
            "127.0.0.1:9/v1/organization/costs (OPENAI_BASE_URL)",
        ),
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
async def test_each_fault_is_named_with_its_fix(
    doctor: Any, well: dict[str, str], change: dict[str, str], subject: str, words: str
) -> None:
    """One thing is wrong, and just that is found, whatever else is well."""
    findings = await doctor({**well, **change})
    assert not is_healthy(findings)
    [fault] = faulty(findings)
    assert fault.subject == subject
    assert words in f"{fault.message} {fault.remedy}"
    assert fault.remedy


async def test_a_provider_that_is_down_is_no_mystery(
    doctor: Any, well: dict[str, str], providers: SimulatedProviders
) -> None:
    """An outage is reported as one, next to all that is well."""
    providers.openai.faults.add(faults.outage())
    [fault] = faulty(await doctor(well))
    assert fault.subject == OPENAI
    assert "sk-" not in fault.message


async def test_a_proxy_that_wants_a_password_is_named(
    doctor: Any, well: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the provider and for Slack, with the address in use and never the password."""

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
        (OPENAI, "https://vendor.example/v1/organization/costs", "OPENAI_BASE_URL"),
        ("Slack", "https://slack.example/api", "SLACK_API_URL"),
    ):
        fault = found[subject]
        assert "the proxy requires a user name and password (407)" in fault.message
        assert f"Request: {host} ({variable})" in (fault.remedy or "")
        assert f"through the proxy http://127.0.0.1:{port} (HTTPS_PROXY)" in (fault.remedy or "")
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


async def test_several_faults_are_all_named(doctor: Any, well: dict[str, str]) -> None:
    """One fault does not hide the next."""
    broken = {"PORT": "x", "OPENAI_ADMIN_KEY": "sk-admin-nope", "SLACK_BOT_TOKEN": "xoxb-nope"}
    subjects = {fault.subject for fault in faulty(await doctor({**well, **broken}))}
    assert subjects == {"configuration", OPENAI, "Slack"}


UNSCOPED = "sk-admin-simulated-manage-00000000000000000000000000"
PROJECT = "sk-proj-simulated-project-0000000000000000000000000000"
INFERENCE = "sk-or-v1-simulated-inference-000000000000000000000000000000000"
UNKNOWN = "sk-admin-simulated-unknown-0000000000000000000000000"


@pytest.mark.parametrize("billing", ["postpaid", "prepaid"])
@pytest.mark.parametrize(
    ("provider", "key", "words"),
    [
        ("openai", None, None),
        ("openai", UNSCOPED, "Usage: read"),
        ("openai", PROJECT, "admin key"),
        ("openai", UNKNOWN, "key"),
        ("openrouter", None, None),
        ("openrouter", INFERENCE, "a management key"),
        ("openrouter", UNKNOWN, "key"),
    ],
)
async def test_each_billing_mode_with_each_kind_of_key(
    doctor: Any,
    well: dict[str, str],
    tmp_path: Path,
    provider: str,
    billing: str,
    key: str | None,
    words: str | None,
) -> None:
    """The billing mode makes no key faulty; a faulty key is named with the key to make."""
    variable = {"openai": "OPENAI_ADMIN_KEY", "openrouter": "OPENROUTER_MANAGEMENT_KEY"}[provider]
    (tmp_path / "aicost.toml").write_text(
        f'[[connection]]\nname = "{provider}"\nprovider = "{provider}"\n'
        f'key_env = "{variable}"\nbilling = "{billing}"\n'
    )
    findings = await doctor({**well, variable: key or well[variable]})
    found = next(each for each in findings if each.subject == f"connection {provider}")
    if words is None:
        assert found.state == "ok", found
        is_to_declare = (provider, billing) == ("openai", "prepaid")
        assert ("/aicost balance set openai 250" in found.message) == is_to_declare
    else:
        assert found.state == "fault"
        assert words in f"{found.message} {found.remedy}"
        assert "This is a admin" not in found.message


async def test_a_near_miss_of_a_variable_is_named(
    cli: Cli, providers: SimulatedProviders, doctor: Any, well: dict[str, str], tmp_path: Path
) -> None:
    """What is set but not read, with what was probably meant: where it is all there is, and where
    the rest is well. A key that the configuration file names is read."""
    done = await cli("sync", OPENAI_API_KEY="sk-proj-0123456789")
    assert done.code == 2
    assert "OPENAI_API_KEY is set, but aicost doesn't read it." in done.err
    assert "Did you mean OPENAI_ADMIN_KEY? It takes an admin key" in done.err
    (tmp_path / "aicost.toml").write_text(
        '[[connection]]\nname = "more"\nprovider = "openrouter"\nkey_env = "OPENROUTER_KEY"\n'
    )
    more = {"OPENROUTER_KEY": well["OPENROUTER_MANAGEMENT_KEY"]}
    findings = await doctor({**well, **more, "AICOST_MANAGER": "U1", "AICOST_COLOUR": "red"})
    assert is_healthy(findings)
    reported = {
        each.message.split()[0]: each.remedy for each in findings if each.state == "warning"
    }
    assert reported.keys() == {"AICOST_MANAGER", "AICOST_COLOUR"}
    assert reported["AICOST_MANAGER"] == "Did you mean AICOST_MANAGERS?"


async def test_a_visibility_rule_of_an_unknown_connection_is_a_fault(
    cli: Cli, doctor: Any, well: dict[str, str], tmp_path: Path
) -> None:
    """`aicost run` refuses it, so the doctor does too, in the same words."""
    (tmp_path / "aicost.toml").write_text(
        '[[visibility]]\nchannel = "C0123"\nconnections = ["opnai"]\n'
    )
    message = "aicost.toml: visibility 1 names an unknown connection: opnai."
    findings = await doctor(well)
    assert [each.message for each in findings if each.state == "fault"] == [message]
    assert message in (await cli("sync", **well)).err


async def test_a_key_over_plain_http_is_named(doctor: Any, well: dict[str, str]) -> None:
    """To another machine, whether it answers or not; not to this one."""
    away = {"OPENAI_BASE_URL": "http://192.0.2.1:9/v1", "HTTP_PROXY": "http://127.0.0.1:9"}
    findings = await doctor({**well, **away})
    [reported] = [each for each in findings if each.state == "warning"]
    assert reported.subject == OPENAI
    assert "unencrypted to http://192.0.2.1:9/v1 (OPENAI_BASE_URL)" in reported.message


def test_a_defect_is_in_the_log(tmp_path: Path) -> None:
    """Under the reference that is shown for it, though `doctor` logs nothing else."""
    (tmp_path / "aicost.db").write_bytes(b"x")
    with patch("bot.cli.checks.missing", side_effect=RuntimeError("a defect")):
        done = run_here(tmp_path, "doctor")
    [reference] = re.findall(
        r"A defect in aicost stopped this check \(reference (\w+)\)", done.stdout
    )
    [line] = done.stderr.splitlines()
    assert json.loads(line)["reference"] == reference
    assert "a defect" in line
