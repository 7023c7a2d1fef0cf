"""The reporting currency, and where its reference rates are."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from bot.config.environment import Environment, Problem, SettingsError
from bot.config.fields import EnvironmentSettings, explained
from bot.config.webhook import checked_url

CURRENCY_VARIABLE = "AICOST_REPORTING_CURRENCY"
PATH_VARIABLE, URL_VARIABLE = "AICOST_RATES_PATH", "AICOST_RATES_URL"


def _checked_code(code: str | None) -> str | None:
    if code is None or len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        raise ValueError
    if code == "USD":
        raise ValueError
    return code


class CurrencySettings(EnvironmentSettings):
    """The currency, and one place for the rates. The address is secret: it may have a key in it."""

    code: Annotated[
        str | None,
        AfterValidator(_checked_code),
        explained(
            "isn't a currency other than US dollars",
            "Use its three letters, such as EUR. Amounts are always shown in US dollars too.",
        ),
    ] = Field(None, alias="AICOST_REPORTING_CURRENCY")
    path: Path | None = Field(None, alias="AICOST_RATES_PATH")
    url: Annotated[
        SecretStr | None,
        AfterValidator(checked_url),
        explained(
            "isn't an address that rates may be read from",
            "Use https://, without a user name. Plain http:// is for localhost and private "
            "addresses such as 10.0.0.5.",
        ),
    ] = Field(None, alias="AICOST_RATES_URL")


@dataclass(frozen=True, slots=True)
class Currency:
    """A reporting currency. Exactly one of `path` and `url` is set."""

    code: str
    path: Path | None = None
    url: str | None = field(default=None, repr=False)

    @property
    def origin(self) -> str | None:
        """Return the scheme, host and port of the address, which may be shown."""
        place = urlsplit(self.url or "")
        return f"{place.scheme}://{place.netloc}" if self.url else None


def currency_of(environment: Environment, folder: Path) -> Currency | None:
    """Return the reporting currency; None: there is none. Raises `SettingsError`."""
    settings = CurrencySettings.of(environment)
    places = [each for each in (settings.path, settings.url) if each is not None]
    if settings.code is None:
        if not places:
            return None
        raise SettingsError(
            Problem(
                f"{CURRENCY_VARIABLE} is not set, but its rates are.",
                f"Set it, such as EUR, or unset {PATH_VARIABLE} and {URL_VARIABLE}.",
            )
        )
    if len(places) != 1:
        raise SettingsError(
            Problem(
                f"{CURRENCY_VARIABLE} needs either {PATH_VARIABLE} or {URL_VARIABLE}.",
                "Set exactly one of them. See docs/how-to/currency.md.",
            )
        )
    path = None if settings.path is None else folder / settings.path
    url = None if settings.url is None else settings.url.get_secret_value()
    return Currency(settings.code, path, url)
