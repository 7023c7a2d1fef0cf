"""Where the webhook goes, and the key that signs it."""

import base64
import ipaddress
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from bot.config.environment import Environment, Problem, SettingsError
from bot.config.fields import EnvironmentSettings, explained

URL_VARIABLE, SECRET_VARIABLE = "AICOST_WEBHOOK_URL", "AICOST_WEBHOOK_SECRET"
LONGEST_URL = 2000
PREFIX = "whsec_"
"""Of a secret, as Standard Webhooks writes it."""
SECRET_BYTES = range(24, 65)


def checked_url(url: SecretStr | None) -> SecretStr | None:
    """HTTPS anywhere; HTTP only to an address that is never outside: a name could be anywhere."""
    text = url.get_secret_value() if url else ""
    place = urlsplit(text)
    host, _ = place.hostname or "", place.port  # a port that is none is a ValueError
    is_safe = place.scheme == "https" or (place.scheme == "http" and _is_inside(host))
    is_odd = place.username is not None or bool(place.fragment) or not text.isascii()
    if (
        not host
        or not is_safe
        or is_odd
        or len(text) > LONGEST_URL
        or text != "".join(text.split())
    ):
        raise ValueError
    return url


def _is_inside(host: str) -> bool:
    """Whether the host is this machine, or an address of a private network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or (
        address.is_private and not address.is_link_local and not address.is_unspecified
    )


def _key(secret: str) -> bytes:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    if not secret.startswith(PREFIX) or len(key) not in SECRET_BYTES:
        raise ValueError
    return key


def _checked_secret(secret: SecretStr | None) -> SecretStr | None:
    _key(secret.get_secret_value() if secret else "")
    return secret


class WebhookSettings(EnvironmentSettings):
    """Both or neither. The address is secret, too: many receivers have a token in it."""

    url: Annotated[
        SecretStr | None,
        AfterValidator(checked_url),
        explained(
            "isn't an address that events may be sent to",
            "Use https://, without a user name. Plain http:// is for localhost and private "
            "addresses such as 10.0.0.5.",
        ),
    ] = Field(None, alias="AICOST_WEBHOOK_URL")
    secret: Annotated[
        SecretStr | None,
        AfterValidator(_checked_secret),
        explained(
            "isn't a signing secret",
            f"Use {PREFIX} followed by 24 to 64 random bytes in base64, as printed by: "
            f'echo "{PREFIX}$(openssl rand -base64 32)"',
        ),
    ] = Field(None, alias="AICOST_WEBHOOK_SECRET")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver of events."""

    url: str = field(repr=False)
    key: bytes = field(repr=False)

    @property
    def origin(self) -> str:
        """Its scheme, host and port, which may be shown."""
        place = urlsplit(self.url)
        return f"{place.scheme}://{place.netloc}"


def webhook_of(environment: Environment) -> Webhook | None:
    """The receiver that the environment names; None: there is none. Raises `SettingsError`."""
    settings = WebhookSettings.of(environment)
    if settings.url is None and settings.secret is None:
        return None
    if settings.url is None:
        raise SettingsError(
            Problem(f"{URL_VARIABLE} is not set.", f"Set it, or unset {SECRET_VARIABLE}.")
        )
    if settings.secret is None:
        raise SettingsError(
            Problem(
                f"{SECRET_VARIABLE} is not set.",
                f"Events are signed with it. Set it, or unset {URL_VARIABLE}.",
            )
        )
    return Webhook(settings.url.get_secret_value(), _key(settings.secret.get_secret_value()))
