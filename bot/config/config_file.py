"""`aicost.toml`: what the environment can't express, above all several connections of one provider.
docs/reference/settings.md has an example with every key."""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import SettingsConfigDict, TomlConfigSettingsSource

from bot.access.models import ScopeFilter
from bot.config.environment import Environment, Problem, SettingsError
from bot.config.fields import SourcedSettings, WebAddress, problems_of, wrong
from providers.base import ProviderKind
from providers.catalog import ALL
from providers.models import Billing

VARIABLE = "AICOST_CONFIG"
DEFAULT_NAME = "aicost.toml"
_NO_DATA = ("no_data_after_hours", "blind_after_hours")
"""The second name is the former one."""
_HINTS = {
    "name": "Use up to 40 small letters, digits, dots, dashes and underscores.",
    "billing": "Use postpaid or prepaid.",
    "purchase_fee": 'Write it as a percentage in quotes, such as "5.5%".',
    **dict.fromkeys(_NO_DATA, "Use a whole number from 1 to 168."),
    "channel": "Use a channel's id, such as C0123456789.",
    "group": "Use a user group's id, such as S0123456789.",
    "connections": "Use a list of connection names.",
    "projects": "Use a list of project names or ids.",
    "key": "Keys don't belong in this file. Name a variable with key_env, or a file with key_file.",
}


def _provider(name: object) -> ProviderKind:
    kind = next((kind for kind in ALL if kind.name == name), None)
    if kind is None:
        known = ", ".join(kind.name for kind in ALL)
        raise wrong("is unknown", f"Use one of: {known}.")
    return kind


def _fraction(percentage: object) -> Decimal:
    match = re.fullmatch(r"(\d{1,2}(\.\d{1,3})?)\s?%", str(percentage))
    if match is None:
        raise ValueError
    return Decimal(match[1]) / 100


class _Entry(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class ConnectionEntry(_Entry):
    """One `[[connection]]`."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
    provider: Annotated[InstanceOf[ProviderKind], BeforeValidator(_provider)]
    key_env: str | None = None
    key_file: Path | None = None
    base_url: WebAddress | None = None
    billing: Billing | None = None
    purchase_fee: Annotated[Decimal, BeforeValidator(_fraction)] | None = None
    """As a fraction of the amount."""

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if self.key_env and self.key_file:
            raise wrong("both key_env and key_file are set", "Keep one.")
        return self


class AlertsEntry(_Entry):
    """`[alerts]`."""

    no_data_after_hours: int = Field(6, ge=1, le=168, validation_alias=AliasChoices(*_NO_DATA))


class VisibilityEntry(_Entry):
    """One `[[visibility]]`: a channel or a user group, and what it may see."""

    channel: Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,}$")] | None = None
    group: Annotated[str, StringConstraints(pattern=r"^S[A-Z0-9]{2,}$")] | None = None
    connections: tuple[str, ...] | None = None
    projects: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _is_about_one_place(self) -> Self:
        if (self.channel is None) == (self.group is None):
            raise wrong("needs either a channel or a group", "Name exactly one of them.")
        return self

    @property
    def place(self) -> str:
        """The channel or group."""
        return self.channel or self.group or ""

    @property
    def part(self) -> ScopeFilter:
        """What it may see."""
        return ScopeFilter(
            None if self.connections is None else frozenset(self.connections),
            None if self.projects is None else frozenset(p.casefold() for p in self.projects),
        )


class ConfigFile(SourcedSettings):
    """The whole file; empty if there is none."""

    model_config = SettingsConfigDict(extra="forbid", defer_build=True)
    connection: tuple[ConnectionEntry, ...] = ()
    visibility: tuple[VisibilityEntry, ...] = ()
    alerts: AlertsEntry = Field(default_factory=AlertsEntry)

    @model_validator(mode="after")
    def _has_no_twins(self) -> Self:
        if twins := _twins([each.name for each in self.connection]):
            raise wrong(f"two connections are named {twins}", "Give each its own name.")
        if twins := _twins([each.place for each in self.visibility]):
            raise wrong(f"two [[visibility]] entries are about {twins}", "Make them one entry.")
        return self


def _twins(names: Sequence[str]) -> str:
    return ", ".join(sorted({name for name in names if names.count(name) > 1}))


def read_config(environment: Environment, folder: Path) -> ConfigFile:
    """Return the file that `AICOST_CONFIG` names, or else the folder's `aicost.toml`, if there is
    one.

    Raises `SettingsError` with the file and the position in it.
    """
    named = environment.get(VARIABLE)
    path = folder / (named or DEFAULT_NAME)
    try:
        if named or path.exists():
            path.open("rb").close()  # the source takes what it can't open for an empty file
        return ConfigFile.model_validate(TomlConfigSettingsSource(ConfigFile, path)())
    except OSError:
        raise SettingsError(
            Problem(
                f"The configuration file {path.name} (AICOST_CONFIG) can't be read.",
                "Check the path and its permissions.",
            )
        ) from None
    except ValidationError as error:
        raise SettingsError(*problems_of(error, f"{path.name}:", _HINTS)) from None
    except ValueError as error:
        raise SettingsError(
            Problem(f"{path.name} isn't valid TOML.", f"Fix {_place(error)}.")
        ) from None


def _place(error: ValueError) -> str:
    """Return the position of a TOML error, without the text there, which may be a key."""
    words = str(error)
    return words[words.rfind("(at ") + 4 :].rstrip(")") if "(at " in words else "its syntax"
