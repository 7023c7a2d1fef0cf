"""Where events may go, and with which secret."""

import base64

import pytest

from bot.config.environment import SettingsError
from bot.config.webhook import webhook_of
from tests.webhook.receiver import SECRET

URL, SIGNED = "AICOST_WEBHOOK_URL", "AICOST_WEBHOOK_SECRET"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/x?token=1",
        "http://localhost:8080/hook",
        "http://127.0.0.1/hook",
        "http://[::1]:9000/",
        "http://10.1.2.3/hook",
        "http://192.168.0.7",
    ],
)
def test_it_goes_to_tls_or_stays_inside(url: str) -> None:
    """HTTPS anywhere; HTTP to this machine and private addresses."""
    found = webhook_of({URL: url, SIGNED: SECRET})
    assert found is not None
    assert found.url == url
    assert url not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "http://relay/x",
        "http://8.8.8.8/x",
        "http://169.254.169.254/latest",
        "http://0.0.0.0/x",
        "https://user:word@example.com/",
        "https://example.com/#part",
        "https://example.com:port/",
        "https://exa mple.com/",
        "https:///x",
        "ftp://example.com/",
        "https://example.com/" + "x" * 2000,
    ],
)
def test_other_addresses_are_refused_by_name(url: str) -> None:
    """The value isn't repeated."""
    with pytest.raises(SettingsError) as refused:
        webhook_of({URL: url, SIGNED: SECRET})
    assert str(refused.value).startswith(f"{URL} isn't an address")
    assert url not in str(refused.value)


@pytest.mark.parametrize(
    "secret",
    [
        "plain",
        "whsec_",
        "whsec_not base64!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        base64.b64encode(b"x" * 32).decode(),
    ],
)
def test_a_weak_secret_is_refused_by_name(secret: str) -> None:
    """It is 24 to 64 bytes, as Standard Webhooks writes them."""
    with pytest.raises(SettingsError) as refused:
        webhook_of({URL: "https://example.com/", SIGNED: secret})
    assert str(refused.value).startswith(f"{SIGNED} isn't a signing secret")
    assert secret == "plain" or secret not in str(refused.value) or secret == "whsec_"


def test_it_is_off_or_whole() -> None:
    """Neither is set, or both are."""
    assert webhook_of({}) is None
    with pytest.raises(SettingsError, match=f"{SIGNED} is not set"):
        webhook_of({URL: "https://example.com/"})
    with pytest.raises(SettingsError, match=f"{URL} is not set"):
        webhook_of({SIGNED: SECRET})
