"""`aicost doctor` names each fault of a set-up and its fix."""

import asyncio
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import aiohttp
import psycopg
import pytest
import yaml

from bot.cli import checks
from bot.cli.checks import Finding
from bot.cli.doctor import finding_lines, is_healthy, run_checks
from bot.db.database import Database, open_database
from bot.db.models import Delivery
from bot.db.schema import upgrade
from bot.notifications.repository import OutboxRepository
from providers.period import DAY
from simulators import faults
from simulators.clock import DemoClock
from simulators.slack import SimulatedSlack, serve_slack, small_office
from simulators.slack.faults import Answers
from simulators.vendors import Vendors
from tests.commands import run_here
from tests.e2e.conftest import Cli
from tests.harness.databases import fill, without_room
from tests.quick import QUICK

STRANGE = {
    "page": Answers(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
    "plain text": Answers(b"Access denied", headers={"Content-Type": "text/plain"}),
    "binary": Answers(b"\x1f\x8b", headers={"Content-Type": "application/gzip"}),
    "no UTF-8": Answers(b"\xff\xfe{"),
    "no team": Answers(b'{"ok": true}'),
    "no word": Answers('{"ok": false, "error": "*no* <!here>\u202e"}'.encode()),
    "endless": Answers(b"a" * 2**16, repeated=2**14),
}


@pytest.fixture
async def slack(clock: DemoClock) -> AsyncIterator[SimulatedSlack]:
    """A workspace in which the app is installed."""
    async with serve_slack(small_office(clock)) as running:
        yield running


@pytest.fixture
def well(vendors: Vendors, slack: SimulatedSlack, tmp_path: Path) -> dict[str, str]:
    """The variables of a set-up in which nothing is wrong, with the database made."""
    upgrade(f"sqlite:///{tmp_path}/ledger.db")
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

    async def visit(
        variables: dict[str, str], ahead: timedelta = timedelta(0)
    ) -> Sequence[Finding]:
        families = ("OPENAI_", "OPENROUTER_", "SLACK_", "AICOST_", "DATABASE_")
        for name in [name for name in os.environ if name.startswith(families)]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

        clock.run()  # time passes for the answers' dates too, however long this takes

        def host_clock() -> datetime:
            return clock() + ahead

        findings = await run_checks(tmp_path, host_clock, QUICK)
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
    doctor: Any, vendors: Vendors, well: dict[str, str], date: str
) -> None:
    """A time that can't be computed with is no time; what the provider answered is said."""
    vendors.openai.faults.add(faults.status(500, Date=date, Retry_After=date))
    findings = await doctor(well)
    assert any("answered 500" in finding.message for finding in faulty(findings))
    assert not [finding for finding in findings if finding.subject == "clock"]


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
    text = (Path(__file__).parents[2] / "manifest.yml").read_text(encoding="utf-8")
    scopes = yaml.safe_load(text)["oauth_config"]["scopes"]
    assert {*checks.REQUIRED_SCOPES, *checks.USEFUL_SCOPES} == set(scopes["bot"])
    assert set(checks.OPTIONAL_SCOPES) == set(scopes["bot_optional"])


async def test_optional_scopes_are_named(
    doctor: Any, well: dict[str, str], slack: SimulatedSlack
) -> None:
    """Healthy without them, and said which are not granted."""
    slack.workspace.app.scopes -= {"files:write"}
    findings = await doctor(well)
    assert not [each for each in findings if each.state != "ok"]
    assert any("not granted: chat:write.public, files:write" in each.message for each in findings)


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


async def test_several_faults_are_all_told(doctor: Any, well: dict[str, str]) -> None:
    """One fault does not hide the next."""
    broken = {"PORT": "x", "OPENAI_ADMIN_KEY": "sk-admin-nope", "SLACK_BOT_TOKEN": "xoxb-nope"}
    subjects = {fault.subject for fault in faulty(await doctor({**well, **broken}))}
    assert subjects == {"configuration", OPENAI, "Slack"}


async def test_messages_that_did_not_reach_slack_are_told(
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
    """The billing mode makes no key faulty; a faulty key is told with the key to make."""
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


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_it_makes_no_database(cli: Cli, vendors: Vendors, tmp_path: Path) -> None:
    """A folder without one is told of as such, and left as it is; so is an empty file."""
    files = modes_in(tmp_path)
    before = await cli("doctor", **vendors.environment)
    assert before.code == 0
    assert f"warning  database: There is no database at {tmp_path}/aicost.db yet." in before.out
    assert modes_in(tmp_path) == files
    (tmp_path / "aicost.db").touch()
    empty = await cli("doctor", **vendors.environment)
    assert f"The file {tmp_path}/aicost.db is empty" in empty.out
    assert (tmp_path / "aicost.db").stat().st_size == 0


async def test_no_tables_are_made_either(
    doctor: Any, well: dict[str, str], empty_postgres_url: str
) -> None:
    """An empty PostgreSQL database stays empty."""
    findings = await doctor({**well, "DATABASE_URL": empty_postgres_url})
    [reported] = [each for each in findings if each.subject == "database"]
    assert reported.state == "warning"
    assert "has no aicost tables yet" in reported.message
    with psycopg.connect(empty_postgres_url) as connection:
        assert not connection.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname='public'"
        ).fetchall()


@pytest.mark.parametrize("words", [("doctor",), ("sync",)])
async def test_a_broken_env_file_is_named_with_its_line(
    cli: Cli, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """It is a fault, not an absence; what stands in it is not shown."""
    (tmp_path / ".env").write_text('PORT=3000\nOPENAI_ADMIN_KEY="sk-admin-0123456789abcdef\n')
    done = await cli(*words)
    assert done.code == (1 if words == ("doctor",) else 2)
    shown = done.out + done.err
    assert f"{tmp_path}/.env, line 2" in shown
    assert "0123456789" not in shown
    assert "No provider" not in shown


async def test_a_near_miss_of_a_variable_is_named(
    cli: Cli, vendors: Vendors, doctor: Any, well: dict[str, str], tmp_path: Path
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
    message = "Visibility of C0123: unknown connection opnai."
    findings = await doctor(well)
    assert [each.message for each in findings if each.state == "fault"] == [message]
    assert message in (await cli("sync", **well)).err


async def test_files_that_others_may_read_are_named(
    cli: Cli, vendors: Vendors, tmp_path: Path
) -> None:
    """The database is made for this user alone, whatever the umask; doctor tells of one, of `.env`
    and of a key's file that every user may read."""
    since = str((vendors.world.clock() - DAY).date())
    assert (await cli("sync", "--since", since, **vendors.environment)).code == 0
    database, env, key = (tmp_path / name for name in ("aicost.db", ".env", "key"))
    assert database.stat().st_mode & 0o777 == 0o600
    env.write_text("OPENAI_ADMIN_KEY_FILE=key\n")
    key.write_text(vendors.environment["OPENAI_ADMIN_KEY"])
    urls = {name: url for name, url in vendors.environment.items() if name.endswith("URL")}
    for mode, count in ((0o600, 0), (0o644, 1)):
        for path in (database, env, key):
            path.chmod(mode)
        done = await cli("doctor", **urls)
        assert done.code == 0, done.out
        for path in (database, env, key):
            assert done.out.count(f"Every user of this machine can read {path}.") == count


async def test_files_beside_the_database_are_private_too(sqlite_url: str, tmp_path: Path) -> None:
    """SQLite's log and index have the mode of the file."""
    upgrade(sqlite_url)
    database = Database(sqlite_url)
    await database.check_writable()
    modes = modes_in(tmp_path)
    await database.close()
    assert modes == dict.fromkeys(("ledger.db", "ledger.db-wal", "ledger.db-shm"), 0o600)


async def test_a_key_over_plain_http_is_told(doctor: Any, well: dict[str, str]) -> None:
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


@pytest.mark.parametrize(("free", "words"), [(150 << 20, "has 150 MiB left"), (1 << 40, None)])
async def test_little_disk_space_is_a_warning(
    doctor: Any, well: dict[str, str], free: int, words: str | None, monkeypatch: Any
) -> None:
    """Before the database has no room left, as far as the system says how much there is."""
    room = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    findings = await doctor(well)
    assert is_healthy(findings)
    warnings = [each.message for each in findings if each.state == "warning"]
    assert [words in each for each in warnings if words] == ([True] if words else [])
    assert len(warnings) == (1 if words else 0)


async def test_a_database_that_is_held_is_told(doctor: Any, well: dict[str, str]) -> None:
    """Within seconds, by its own name."""
    with sqlite3.connect(well["DATABASE_URL"].removeprefix("sqlite:///")) as other:
        other.execute("BEGIN IMMEDIATE")
        [fault] = faulty(await doctor(well))
    assert fault.subject == "database"
    assert "is locked by another process" in fault.message


async def test_a_postgresql_without_room_is_told(
    doctor: Any, well: dict[str, str], postgres_url: str
) -> None:
    """By the error's own words, as the server gives them."""
    upgrade(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
            " 'could not extend file \"base/5/1\": No space left on device' USING ERRCODE='53100';"
            " END $$; CREATE TRIGGER no_room BEFORE INSERT ON lease EXECUTE FUNCTION no_room()"
        )
    [fault] = faulty(await doctor({**well, "DATABASE_URL": postgres_url}))
    assert "has no disk space left" in fault.message
    assert fault.remedy == "Free some disk space."


async def test_a_full_database_is_told(doctor: Any, well: dict[str, str], tmp_path: Path) -> None:
    """Not one more row has room in SQLite's file, though its disk has: as with a quota."""
    await fill(tmp_path / "ledger.db")
    with without_room():
        [fault] = faulty(await doctor(well))
    assert fault.subject == "database"
    assert "ledger.db has no disk space left" in fault.message
    assert fault.remedy == "Free some disk space."
    assert is_healthy(await doctor(well))


def mounted(folder: Path, script: str) -> list[str]:
    """A shell script with a disk of 2 MB mounted at the folder, for it alone."""
    mount = f"mount -t tmpfs -o size=2m tmpfs {folder} && cd {folder}"
    return ["unshare", "-rm", "sh", "-c", f"{mount} && {script}"]


CAN_MOUNT = (
    subprocess.run(mounted(Path("/mnt"), "true"), capture_output=True, check=False).returncode == 0
    if Path("/usr/bin/unshare").exists()
    else False
)


@pytest.mark.skipif(not CAN_MOUNT, reason="this system lets nobody mount a small disk")
async def test_a_full_disk_is_told(vendors: Vendors, tmp_path: Path) -> None:
    """SQLite's own words for a disk without a byte free are that the file can't be opened."""
    aicost = f"{Path(sys.executable).parent}/aicost"
    fill = "dd if=/dev/zero of=filler bs=4096 2>/dev/null"
    script = f"{aicost} db upgrade && {fill}; {aicost} doctor"
    process = await asyncio.create_subprocess_exec(
        *mounted(tmp_path, script),
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **vendors.environment},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1, out.decode()
    assert "FAULT    database" in out.decode()
    assert "aicost.db has no disk space left" in out.decode()


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
    slack.workspace.sockets.dead_links = 2
    findings = await doctor(well)
    assert any("Couldn't check for other bots" in each.message for each in findings)


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
