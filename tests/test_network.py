"""Proxies, their exceptions and certificates, as the environment names them."""

import gzip
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import Result

from bot.config.environment import SettingsError
from bot.config.route import check_network, network_warnings, proxy_of
from bot.slack.clients import new_session
from tests.commands import run_here

URL = "https://vendor.example/v1"
PROXY = "http://proxy.example:3128"
KEY = "sk-admin-0123456789abcdef"
Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run `aicost` in an empty folder, with these variables and no others."""
    return partial(run_here, tmp_path)


SOCKS = "names a SOCKS proxy, which isn't supported. Use an HTTP proxy"
NO_ADDRESS = "isn't the address of a proxy. Use an HTTP proxy"
UNUSABLE = [
    *((name, "socks5://u:CANARY@127.0.0.1:1080", SOCKS) for name in ("ALL_PROXY", "HTTPS_PROXY")),
    ("https_proxy", "socks5h://127.0.0.1:1080", SOCKS),
    ("HTTPS_PROXY", "socks://127.0.0.1:1080", SOCKS),
    ("HTTPS_PROXY", "http://127.0.0.1:port", NO_ADDRESS),
    ("HTTPS_PROXY", "http://u:12/CANARY@proxy.example", NO_ADDRESS),
    ("HTTPS_PROXY", "http://u:12?CANARY@proxy.example", NO_ADDRESS),
    ("HTTPS_PROXY", "http://u:12#CANARY@proxy.example", NO_ADDRESS),
    ("HTTPS_PROXY", "http://", NO_ADDRESS),
    ("HTTPS_PROXY", "ftp://proxy.example", NO_ADDRESS),
    ("SSL_CERT_FILE", "nope.pem", "nope.pem can't be read."),
    ("SSL_CERT_FILE", "empty.pem", "empty.pem has no certificate."),
    ("SSL_CERT_FILE", "folder", "folder can't be read."),
    ("SSL_CERT_DIR", "nope", "nope can't be read."),
    ("SSL_CERT_DIR", "empty.pem", "empty.pem can't be read."),
    ("SSL_CERT_DIR", "folder", "folder has no certificate that OpenSSL can find. Run `openssl reh"),
]


@pytest.mark.parametrize("row", range(len(UNUSABLE)))
def test_what_cannot_be_used_is_named(command: Command, tmp_path: Path, row: int) -> None:
    """A proxy or certificates, by the name of the variable, in the environment or in `.env`:
    `doctor` finds that one fault, `sync` and `run` don't start; nothing else is blamed."""
    name, value, words = UNUSABLE[row]
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "authority.pem").touch()
    (tmp_path / "empty.pem").touch()
    variables = {
        "OPENAI_ADMIN_KEY": KEY,
        "OPENAI_BASE_URL": URL,
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "PORT": "0",
    }
    if row % 2:
        variables[name] = value
    else:
        (tmp_path / ".env").write_text(f"{name}={value}\n")
        (tmp_path / ".env").chmod(0o600)
    doctor = command("doctor", "--json", **variables)
    faults = [each for each in json.loads(doctor.stdout)["findings"] if each["state"] == "fault"]
    assert [each["subject"] for each in faults] == ["network"]
    assert doctor.exit_code == 1
    done = command("run" if row % 3 else "sync", **variables)
    assert done.exit_code == 2
    for each in (f"{faults[0]['message']} {faults[0]['remedy']}", done.stderr):
        assert each.startswith(name.upper())
        assert words in each
        assert "CANARY" not in each
        assert len(each.splitlines()) == 1


def test_the_environment_is_read_before_the_env_file(command: Command, tmp_path: Path) -> None:
    """In either case of its letters; an empty value unsets what `.env` says."""
    (tmp_path / ".env").write_text("HTTPS_PROXY=socks5://127.0.0.1:1\n")
    (tmp_path / ".env").chmod(0o600)
    for name, value in (("https_proxy", "http://127.0.0.1:port"), ("HTTPS_PROXY", "")):
        given = {"OPENAI_ADMIN_KEY": KEY, "OPENAI_BASE_URL": URL, name: value, "SSL_CERT_FILE": "x"}
        done = command("sync", **given)
        assert ("isn't the address" if value else "SSL_CERT_FILE: x can't") in done.stderr


def test_an_address_on_this_machine_is_reached_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that can't be used is no fault then; certificates are not either, without TLS."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    monkeypatch.setenv("SSL_CERT_FILE", "/nope.pem")
    check_network(["http://127.0.0.1:9/v1"])


def test_one_fault_does_not_hide_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each proxy that can't be used is named once, and so are the certificates."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")
    monkeypatch.setenv("HTTP_PROXY", "ftp://proxy.example")
    monkeypatch.setenv("SSL_CERT_FILE", "/nope.pem")
    with pytest.raises(SettingsError) as raised:
        check_network([URL, URL, "wss://slack.example", "http://plain.example"])
    assert [each.what.split()[0] for each in raised.value.problems] == [
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "SSL_CERT_FILE:",
    ]


def test_a_key_log_is_a_warning(command: Command, tmp_path: Path) -> None:
    """Of `doctor`: whoever reads that file reads everything; nothing is said of it without one."""
    for value, words in (("keys", "are written to keys"), ("no/keys", "no/keys can't be written")):
        done = command("doctor", OPENAI_BASE_URL=URL, SSLKEYLOGFILE=value)
        [line] = [line for line in done.stdout.splitlines() if "SSLKEYLOGFILE" in line]
        assert line.startswith("warning  network: ")
        assert words in line
    assert "SSLKEYLOGFILE" not in command("doctor").stdout


def test_exceptions_of_every_kind_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks and brackets work; an entry that can't be used costs none of the others."""
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "fd00::/8,[fe80::1],10.0.0.0/8,.corp.io, a.example:8443,x/y")
    spared = ("[fd12::1]", "[fe80::1]", "10.1.2.3", "v.corp.io", "a.example:8443")
    assert [proxy_of(f"https://{host}/v1") for host in spared] == [None] * 5
    assert [proxy_of(f"https://{host}/") for host in ("11.0.0.1", "a.example")] == [PROXY] * 2
    assert ["x/y" in each.what for each in network_warnings()] == [True]


async def test_nothing_of_slack_is_decompressed() -> None:
    """No encoding is asked for, so an answer is no larger in memory than it came."""
    packed = gzip.compress(b" " * 2**24)
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.headers["Accept-Encoding"])
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    app = web.Application()
    app.router.add_get("/", answer)
    async with (
        TestServer(app) as server,
        new_session() as session,
        session.get(server.make_url("/")) as response,
    ):
        assert await response.read() == packed
    assert asked == ["identity"]
