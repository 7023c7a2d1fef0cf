"""Types of settings, their error messages, and their sources: variables, and files with a secret.

No message repeats a value, which may be a secret in the wrong place.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.config.environment import Environment, Problem, SettingsError

ALL_SETTINGS = "See docs/reference/settings.md for all settings."
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LOG_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "isn't a setting",
    "too_long": "has too many entries",
}
"""By error types of pydantic."""


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """Return an error: `what` follows the name of the setting, `remedy` is the fix."""
    return PydanticCustomError("setting", "{what}", {"what": what, "remedy": remedy})


def explained(what: str, remedy: str) -> WrapValidator:
    """Return a validator that reports any wrong value with these words."""

    def check(value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except (ValueError, KeyError):
            raise wrong(what, remedy) from None

    return WrapValidator(check)


def problems_of(
    error: ValidationError, where: str = "", hints: Mapping[str, str] | None = None
) -> Sequence[Problem]:
    """Return the problems by the name of each setting, after `where`. `hints` have the right value
    if the type itself has none."""
    problems = []
    for item in error.errors(include_input=False, include_url=False):
        parts = [str(part + 1) if isinstance(part, int) else part for part in item["loc"]]
        said = item.get("ctx", {})
        what = said.get("what") or _PLAIN.get(item["type"], "isn't valid")
        known = hints or {}
        hint = next((known[part] for part in reversed(parts) if part in known), ALL_SETTINGS)
        if item["type"] == "too_long":
            hint = f"Use at most {said['max_length']}."
        name = " ".join(filter(None, [where, *parts]))
        problems.append(Problem(f"{name} {what}.", said.get("remedy", hint)))
    return problems


def _length(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})\s*([smhd])", text, re.IGNORECASE)
    if match is None:
        raise ValueError
    return timedelta(**{_UNITS[match[2].lower()]: int(match[1])})


Duration = Annotated[
    timedelta,
    Field(ge=timedelta(seconds=1), le=timedelta(days=7)),
    BeforeValidator(_length),
    explained(
        "isn't a duration between 1 second and 7 days",
        "Use a number and a unit, for example 20s, 15m or 1h.",
    ),
]
UserIds = Annotated[
    frozenset[Annotated[str, StringConstraints(pattern=r"^[UWS][A-Z0-9]{2,}$")]],
    NoDecode,
    BeforeValidator(lambda text: frozenset(re.split(r"[,\s]+", text)) - {""}),
    explained(
        "contains something that isn't the id of a Slack user or user group",
        "Use ids such as U012ABCDEF, separated by commas. In Slack, open the person's profile and "
        "choose Copy member ID.",
    ),
]
LogLevel = Annotated[
    int,
    BeforeValidator(lambda text: _LOG_LEVELS[text.lower()]),
    explained("isn't a log level", f"Use one of {', '.join(_LOG_LEVELS)}."),
]
"""A level of `logging`."""
Switch = Annotated[bool, explained("must be on or off", "Use on or off.")]
Port = Annotated[
    int,
    Field(ge=0, le=65535),
    explained("isn't a port number", "Use a number from 1 to 65535, or unset it."),
]
"""A TCP port; 0 takes any free one."""
Host = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9A-Za-z._%-]*(:[0-9A-Za-z._%-]*:[0-9A-Za-z:._%-]*)?$",
        min_length=1,
        max_length=253,
    ),
    BeforeValidator(lambda text: text.strip("[]")),
    explained(
        "isn't an address to listen on",
        "Use an address of this machine without a port: 127.0.0.1 for this machine only, "
        "0.0.0.0 for all networks.",
    ),
]
"""A host name or an IP address. IPv6 addresses have at least two colons."""
WebAddress = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s/?#@]+(/[^\s?#@]*)?$"),
    AfterValidator(lambda url: url.rstrip("/")),
    explained(
        "isn't a web address",
        "Write it in full, starting with https://, without a user name or query.",
    ),
]
"""Base URL of an API, without a slash at the end."""


def _is_database(url: SecretStr) -> SecretStr:
    if not re.match("(sqlite|postgres|postgresql)://", url.get_secret_value()):
        raise ValueError
    return url


DatabaseUrl = Annotated[
    SecretStr,
    AfterValidator(_is_database),
    explained(
        "isn't the URL of a SQLite or PostgreSQL database",
        "Use sqlite:///aicost.db or postgresql://user:password@host/name.",
    ),
]
"""A URL without a driver. May contain a password."""


class SourcedSettings(BaseSettings):
    """Settings from nothing but the given source. By default, pydantic adds the process's
    environment."""

    model_config = SettingsConfigDict(
        case_sensitive=True, frozen=True, hide_input_in_errors=True, validate_default=False
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class EnvironmentSettings(SourcedSettings):
    """Settings whose aliases are variables of the environment."""

    model_config = SettingsConfigDict(extra="ignore")

    @classmethod
    def of(cls, environment: Environment) -> Self:
        """Return the settings in the environment. A secret may also come from the file that
        `NAME_FILE` names. Raises `SettingsError` with all problems."""
        source = EnvSettingsSource(cls)
        source.env_vars = {name: value for name, value in environment.items() if value}
        for field in cls.model_fields.values():
            if SecretStr in (field.annotation, *get_args(field.annotation)):
                held = secret(environment, name := str(field.alias))
                source.env_vars |= {name: held.get_secret_value()} if held else {}
        try:
            return cls.model_validate(source())
        except ValidationError as error:
            raise SettingsError(*problems_of(error)) from None

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """Return the names of the variables that are read."""
        return tuple(str(field.alias) for field in cls.model_fields.values())


def secret(environment: Environment, name: str) -> SecretStr | None:
    """Return a secret from its variable or from the file that `NAME_FILE` names.

    Raises `SettingsError` if both are set, or if the file can't be read or is empty.
    """
    value, path = environment.get(name), environment.get(f"{name}_FILE")
    if path is None:
        return SecretStr(value) if value else None
    if value:
        raise SettingsError(Problem(f"Both {name} and {name}_FILE are set.", "Unset one of them."))
    return secret_file(Path(path), f"{name}_FILE")


def secret_file(path: Path, named_by: str) -> SecretStr:
    """Return the secret in a file. `named_by` is the setting to name in an error."""
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SettingsError(
            Problem(
                f"The file in {named_by} can't be read.",
                "Check the path, and that the user running aicost may read it.",
            )
        ) from None
    if not value:
        raise SettingsError(Problem(f"The file in {named_by} is empty.", "Put the secret into it."))
    return SecretStr(value)
