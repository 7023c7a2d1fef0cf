"""Proxies, their exceptions and certificates, as the environment names them."""

import gzip
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.settings.environment import SettingsError
from bot.settings.route import check_network, ignored_exceptions, proxy_of
from bot.slack.clients import new_session

URL = "https://vendor.example/v1"
PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080"),
        ("HTTPS_PROXY", "socks5h://u:CANARY@127.0.0.1:1080"),
        ("HTTPS_PROXY", "http://127.0.0.1:port"),
        ("HTTPS_PROXY", "http://u:12/CANARY@proxy.example"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its variable, with what is supported; not where the address is reached without it."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name}.*HTTP proxies") as raised:
        check_network([URL])
    assert "CANARY" not in str(raised.value)
    check_network(["http://127.0.0.1:9/v1"])


def test_exceptions_of_every_kind_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks and brackets work; an entry that can't be used costs none of the others."""
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "fd00::/8,[fe80::1],10.0.0.0/8,.corp.io, a.example:8443,x/y")
    spared = ("[fd12::1]", "[fe80::1]", "10.1.2.3", "v.corp.io", "a.example:8443")
    assert [proxy_of(f"https://{host}/v1") for host in spared] == [None] * 5
    assert [proxy_of(f"https://{host}/") for host in ("11.0.0.1", "a.example")] == [PROXY] * 2
    assert ignored_exceptions() == ["x/y"]


def test_a_certificate_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its path and its variable, missing or empty."""
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for path in (empty, tmp_path / "nope.pem"):
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        with pytest.raises(SettingsError, match=f"SSL_CERT_FILE: {path}"):
            check_network([URL])


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
