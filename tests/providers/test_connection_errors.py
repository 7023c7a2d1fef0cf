"""Why no answer came at all, from real failures where they can be had."""

import socket
import ssl
from typing import Any

import httpx
import pytest

from bot.config.route import route_text
from providers.connection_errors import connection_failure
from providers.errors import RequestRefused, Unavailable
from providers.http import Pool
from providers.refusal import read_refusal, usual_meaning


async def test_where_nobody_listens_the_connection_was_refused(pool: Pool) -> None:
    """The message says so, and the remedy names what may stand in between."""
    with pytest.raises(Unavailable, match="refused") as raised:
        await pool.http("http://127.0.0.1:1", "key", "Provider").get("/x")
    assert "firewall" in raised.value.remedy
    assert "proxy" in raised.value.remedy


async def test_where_no_tls_is_spoken_the_address_is_doubted(pool: Pool, api: Any) -> None:
    """https:// where the port speaks http://."""
    base_url = api.base_url.replace("http://", "https://")
    with pytest.raises(Unavailable, match="TLS handshake") as raised:
        await pool.http(base_url, "key", "Provider").get("/x")
    assert "http://" in raised.value.remedy


@pytest.mark.parametrize(
    ("cause", "why", "fix"),
    [
        (ssl.SSLCertVerificationError("self-signed"), "not trusted", "SSL_CERT_FILE"),
        (socket.gaierror(-2, "Name or service not known"), "DNS", "host name"),
        (TimeoutError(), "timed out", "firewall"),
        (OSError("407 Proxy Authentication Required"), "407", "HTTPS_PROXY"),
        (httpx.ProxyError("401 Unauthorized"), "(401)", "password"),  # as tinyproxy says it
        (KeyError("x"), "KeyError", "network"),
    ],
)
def test_the_first_cause_that_says_something_is_shown(cause: Exception, why: str, fix: str) -> None:
    """However deep a library has wrapped it."""
    wrapped = RuntimeError("could not connect")
    wrapped.__cause__ = cause
    found = connection_failure(cause if isinstance(cause, KeyError) else wrapped)
    assert why in found.why
    assert fix in found.fix


def test_a_proxy_that_answers_is_not_taken_for_the_provider() -> None:
    """Over plain http:// its 407 looks like the provider's own."""
    error = usual_meaning(read_refusal("Provider", "/x", 407, b"<html>", "key", None))
    assert isinstance(error, RequestRefused)
    assert "proxy" in str(error)
    assert "HTTPS_PROXY" in error.remedy


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "without a proxy (HTTPS_PROXY is not set)"),
        (
            {"HTTPS_PROXY": "http://me:hunter2@proxy.example:3128"},
            "through the proxy http://proxy.example:3128 (HTTPS_PROXY)",
        ),
        (
            {"ALL_PROXY": "http://proxy.example"},
            "through the proxy http://proxy.example (ALL_PROXY)",
        ),
        (
            {"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "vendor.example"},
            "without a proxy (it is in NO_PROXY)",
        ),
    ],
)
def test_the_route_names_the_address_and_the_proxy_without_its_password(
    variables: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As both HTTP clients read the environment."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    said = route_text("https://vendor.example/v1", "PROVIDER_BASE_URL")
    assert said == f"Request: https://vendor.example/v1 (PROVIDER_BASE_URL), {words}."


def test_a_broken_address_is_not_shown_as_it_is() -> None:
    """It may hold anything."""
    for url in (
        "https://me:hunter2@[",
        "hunter2",
        "https://me:12/hunter2@x/v1",
        "https://hunter2@x",
    ):
        assert "hunter2" not in route_text(url, "X")
